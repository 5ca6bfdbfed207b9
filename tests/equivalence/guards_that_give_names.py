# fix: safe
import os
from pathlib import Path


def main():
    found = []
    for name in ["0.txt", "x.tmp", "missing.txt", "1.txt", "binary.bin", "2.txt"]:
        stem, suffix = os.path.splitext(name)
        if suffix == ".tmp": continue
        path = Path("data") / name
        if not path.is_file():
            print("no", stem)
            continue
        elements = path.read_bytes()
        found.append((stem, elements))
    print(found)


main()
