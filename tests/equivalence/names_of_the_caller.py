# fix: none
import sys


def say(template):
    print(template.format_map(sys._getframe(1).f_locals))


def show(paths):
    total = 0
    for path in paths:
        with open(path) as handle:
            text = handle.read()
        total += len(text)
        say("{total} {path:.0}{handle.closed}")


def numbered(paths, title):
    lines = []
    for number, path in enumerate(paths):
        with open(path) as handle:
            text = handle.read()
        size = len(text)
        lines.append("{title} {number} {size} {path:.0}".format(**locals()))
    return lines


show([f"data/{number}.txt" for number in range(5)])
print(numbered([f"data/{number}.txt" for number in range(5)], "t"))
