# fix: person
from pathlib import Path

save = lambda name, text: Path(name).write_text(text)  # noqa: E731
NAMES = [f"data/{number}.txt" for number in range(6)]
found = []
for number, name in enumerate(NAMES):
    with open(name) as file:
        text = file.read()
    save(NAMES[(number + 1) % 6], text + "+")
    found.append(text)
print(found)
