# fix: person
from pathlib import Path


def told(path):
    print("next", path.name)
    return path


def show(paths):
    for path in map(told, paths):
        text = path.read_text()
        print(len(text))


show([Path(f"data/{number}.txt") for number in range(6)])
