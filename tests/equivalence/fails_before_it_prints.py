# fix: person
from pathlib import Path


def main(names):
    for name in names:
        number = int(name)
        print("reading", name)
        print(Path(f"data/{number}.txt").read_text())


try:
    main(["0", "1", "two", "2"])
except ValueError as error:
    print("stopped", error)
