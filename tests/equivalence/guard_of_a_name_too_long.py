# fix: person
from pathlib import Path


def main(names):
    for name in names:
        path = Path("data") / name
        if not path.exists():
            continue
        try:
            print(path.read_text())
        except OSError as error:
            print("caught", error.errno)


try:
    main(["0.txt", "1.txt", "x" * 300, "2.txt"])
except OSError as error:
    print("stopped", error.errno)
