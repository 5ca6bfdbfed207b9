# fix: safe
from pathlib import Path


def twice(paths):
    total = 0
    for path in paths:
        if path.stem.isdigit():
            with open(path) as file:
                data = file.read()
            total += len(data)
    for path in paths:
        with open(path) as file:
            data = file.read()
        print(path.name, data[:5])
    return total


print(twice(sorted(Path("data").glob("*.txt"))))
