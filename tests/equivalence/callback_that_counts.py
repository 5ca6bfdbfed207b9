# fix: person
import re

count = 0


def numbered(match):
    global count
    count += 1
    return f"{count}{match.group()}"


def load(name):
    with open(name) as file:
        text = file.read()
    return re.sub("line", numbered, text)


print([load(name) for name in [f"data/{number}.txt" for number in range(6)]])
