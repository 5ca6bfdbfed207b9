# fix: none
from pathlib import Path


def texts(paths):
    for path in paths:
        yield path.read_text()


for text in texts(sorted(Path("data").glob("*.txt"))):
    print(text)
    if "3" in text:
        break
