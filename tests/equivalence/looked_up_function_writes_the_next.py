# fix: person
from pathlib import Path


def save(name, text):
    Path(name).write_text(text)


ACTIONS = {0: save, 1: save}
NAMES = [f"data/{number}.txt" for number in range(6)]
found = []
for number, name in enumerate(NAMES):
    with open(name) as file:
        text = file.read()
    ACTIONS[number % 2](NAMES[(number + 1) % 6], text + "+")
    found.append(text)
print(found)
