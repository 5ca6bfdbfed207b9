# fix: none
from pathlib import Path

names = ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt"]
for number, name in enumerate(names):
    text = Path(name).read_text()
    Path(names[(number + 1) % 4]).write_text(text + "+")
