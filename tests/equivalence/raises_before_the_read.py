# fix: safe
from pathlib import Path

SIZES = {"data/1.txt": 1, "data/2.txt": 2}


def read(names):
    found = []
    for name in names:
        size = SIZES[name]
        found.append((size, Path(name).read_text()))
    return found


def checked(names):
    found = []
    for name in names:
        if not name.startswith("data/"):
            raise ValueError(f"{name} is elsewhere")
        found.append(Path(name).read_text())
    return found


for names in (["data/1.txt", "data/missing.txt"], ["data/1.txt", "missing.txt"]):
    for function in (read, checked):
        try:
            print(function(names))
        except Exception as error:
            print(type(error).__name__, error)
