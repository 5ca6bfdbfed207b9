# fix: safe
import itertools
from pathlib import Path


def numbered():
    for number in itertools.count():
        yield Path("data") / f"{number}.txt"


def show(paths):
    for path in paths:
        with open(path) as file:
            text = file.read()
        print(len(text))


try:
    show(numbered())
except FileNotFoundError as error:
    print("no", Path(error.filename).name)
