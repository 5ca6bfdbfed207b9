# fix: safe
from pathlib import Path


def main(rows):
    for row in rows:
        path = row["path"]
        print("reading", path)
        print(Path(path).read_text())


try:
    main([{"path": "data/0.txt"}, {"path": "data/1.txt"}, {"name": "none"}, {"path": "data/2.txt"}])
except KeyError as error:
    print("stopped", error)
