# fix: safe
import contextlib
from pathlib import Path

NAMES = ["data/0.txt", "data/1.txt", "data/missing.txt", "data/2.txt"]


def handled():
    done = 0
    try:
        for name in NAMES:
            text = Path(name).read_text()
            done += len(text)
    except FileNotFoundError:
        print("stopped at", name, "after", done)


def swallowed():
    with contextlib.suppress(FileNotFoundError):
        for name in NAMES:
            print(len(Path(name).read_text()))
    print("stopped at", name)


def seen_by_a_closure():
    name = None

    def current():
        return name

    try:
        for name in NAMES:
            print(len(Path(name).read_text()))
    except FileNotFoundError:
        print("stopped at", current())


current_name = ""


def told_to_others():
    global current_name
    for current_name in NAMES:
        print(len(Path(current_name).read_text()))


handled()
swallowed()
seen_by_a_closure()
try:
    told_to_others()
except FileNotFoundError:
    print("stopped at", current_name)
