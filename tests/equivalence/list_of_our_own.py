# fix: safe
from pathlib import Path


def list(items):
    return [*items, "listed"]


def read(path):
    return path.read_text()


print(list(map(read, [Path(f"data/{number}.txt") for number in range(6)])))
