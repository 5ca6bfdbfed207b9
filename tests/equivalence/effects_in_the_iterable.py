# fix: person
from pathlib import Path


def announced(paths):
    for path in paths:
        print("going to", path.name)
        yield path


for path in announced(sorted(Path("data").glob("*.txt"))):
    print(path.read_text())
