# fix: safe
from pathlib import Path


def collect(paths):
    found = []
    for path in paths:
        with open(path) as file:
            text = file.read()
        if "line 3" in text:
            raise ValueError(text)
        found.append(len(text))
    return found


paths = iter([Path(f"data/{number}.txt") for number in range(6)])
try:
    collect(paths)
except ValueError:
    print([path.name for path in paths])
