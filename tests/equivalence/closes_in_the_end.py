# fix: safe
"""Files that a `try` closes in the end, and paths that do not say what they are: the read moves, with what closes it."""
import json
from pathlib import Path


def texts(paths):
    found = []
    for path in paths:
        file = open(path)
        try:
            found.append(file.read())
        finally:
            file.close()
    return found


def names(paths):
    found = {}
    for path in paths:
        file = open(path)
        try:
            data = json.load(file)
            found[path] = data["name"]
            print(path)
        finally:
            file.close()
    return found


def opened(paths):
    found = []
    for path in paths:
        with path.open() as file:
            found.append(file.read())
    return found


def loaded(paths):
    found = {}
    for path in paths:
        with path.open(encoding="utf-8") as file:
            found[path.name] = json.load(file)
    return found


def show(function, paths):
    try:
        print(function(paths))
    except Exception as error:
        print(type(error).__name__, error)


TEXTS = ["data/1.txt", "data/2.txt", "data/3.txt", "data/4.txt"]
JSON = ["data/a.json", "data/b.json", "data/c.json"]
show(texts, TEXTS)
show(texts, [*TEXTS[:2], "data/missing.txt", *TEXTS[2:]])
show(names, JSON)
show(names, [*JSON, "data/broken.json"])
show(opened, [*map(Path, TEXTS)])
show(opened, [*map(Path, TEXTS), None, Path("data/missing.txt")])
show(loaded, [*map(Path, JSON)])
show(loaded, [*map(Path, JSON), Path("data/missing.json"), None])
