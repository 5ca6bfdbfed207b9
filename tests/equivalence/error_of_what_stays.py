# fix: safe
"""What stands before a read fails, and the read would fail, too: the error of what stands first comes first."""
from collections import namedtuple
from pathlib import Path

Row = namedtuple("Row", "share text")
NUMBERS = [3, 2, 1, 0]


def show(function, *args):
    try:
        print(function(*args))
    except Exception as error:
        print(type(error).__name__, error)


def divided(numbers):
    found = []
    for number in numbers:
        share = 12 / number
        text = Path(f"data/{number}.txt").read_text() if number else Path("data/missing.txt").read_text()
        found.append((share, text))
    return found


def compared(numbers):
    found, best = [], 0
    for number in numbers:
        if number > best:
            best = number
        text = open(f"data/{number}.txt").read()
        found.append((best, text))
    return found


def taken_apart(rows):
    found = []
    for row in rows:
        first, second = row
        text = open(f"data/{len(row)}.txt").read()
        found.append((first, second, text))
    return found


def counted(numbers):
    found, total = [], 0
    for number in numbers:
        total += number
        with open(f"data/{number}.txt") as file:
            found.append((total, file.read()))
    return found


def entered(numbers):
    found = []
    for number in numbers:
        if (share := 12 / number) > 100:
            found.append("large")
        with open(f"data/{number or 'missing'}.txt") as file:
            text = file.read()
        found.append((share, text))
    return found


def unbound(numbers):
    found = []
    for number in numbers:
        if number == 99:
            found.append(total_of_all)  # noqa: F821
        text = open(f"data/{number}.txt").read()
        found.append(text)
    return found


def in_a_call(numbers):
    found = []
    for number in numbers:
        found.append(Row(12 / number, open(f"data/{number or 'missing'}.txt").read()))
    return found


def in_a_pair(numbers):
    found = []
    for number in numbers:
        found.append((12 / number, open(f"data/{number or 'missing'}.txt").read()))
    return found


def in_a_list(numbers):
    return [(12 / number, open(f"data/{number or 'missing'}.txt").read()) for number in numbers]


def as_a_key(paths):
    return {path.name: path.read_text() for path in paths}


def as_a_group(paths):
    groups = {}
    for path in paths:
        groups.setdefault(path.suffix, []).append(path.read_text())
    return groups


show(divided, NUMBERS)
show(compared, [1, 2, None, 3])
show(taken_apart, [("a", 1), ("b", 2), ("c", 3, 4), ("d", 4)])
show(counted, [1, 2, None, 3])
show(entered, NUMBERS)
show(unbound, [1, 2, 99, 3])
show(in_a_call, NUMBERS)
show(in_a_pair, NUMBERS)
show(in_a_list, NUMBERS)
show(as_a_key, [Path("data/1.txt"), Path("data/2.txt"), None, Path("data/3.txt")])
show(as_a_group, [Path("data/1.txt"), Path("data/2.txt"), None, Path("data/3.txt")])
