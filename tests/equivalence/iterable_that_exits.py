# fix: safe
import sys
from pathlib import Path


def checked(paths):
    for path in paths:
        if path.name == "4.txt":
            sys.exit("enough")
        yield path


def show(paths):
    for path in checked(paths):
        with open(path) as file:
            text = file.read()
        print(len(text))


show([Path(f"data/{number}.txt") for number in range(6)])
