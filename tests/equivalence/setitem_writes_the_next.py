# fix: person
from pathlib import Path


class Folder:
    def __setitem__(self, name, text):
        Path(name).write_text(text)


folder = Folder()
NAMES = [f"data/{number}.txt" for number in range(6)]
found = []
for number, name in enumerate(NAMES):
    with open(name) as file:
        text = file.read()
    folder[NAMES[(number + 1) % 6]] = text + "+"
    found.append(text)
print(found)
