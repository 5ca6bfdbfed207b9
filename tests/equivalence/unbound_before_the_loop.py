# fix: safe
# A name that only the loop makes a variable of the function is one also for code that runs before it.
from pathlib import Path

path = "the module's"


def early(paths):
    try:
        print(path)
    except UnboundLocalError as error:
        print(type(error).__name__)
    out = []
    for path in paths:
        out.append(Path(path).read_text())
    return out


def moved(paths):
    try:
        print(text)
    except UnboundLocalError as error:
        print(type(error).__name__)
    out = []
    for name in paths:
        with open(name) as file:
            text = file.read()
            out.append(text)
    return out


text = "the module's"
print(early(["data/1.txt", "data/2.txt", "data/3.txt"]), moved(["data/1.txt", "data/2.txt"]))
