# fix: safe
from pathlib import Path


def last(paths):
    for path in paths:
        text = Path(path).read_text()
        print(len(text))
    return path, text


print(last(sorted(Path("data").glob("*.txt"))))
