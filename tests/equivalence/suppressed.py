# fix: safe
import json
from contextlib import suppress
from pathlib import Path

found = {}
for name in ["data/a.json", "data/missing.json", "data/broken.json", "data/b.json"]:
    with suppress(OSError, ValueError), open(name) as stream:
        print("before", name)
        found[name] = json.load(stream)
        print("after", name)
for name in ["data/a.json", "data/missing.json", "data/b.json"]:
    with suppress(FileNotFoundError):
        print("before", name)
        found[name] = Path(name).read_text()
        print("after", name)
print(found)
print([word for name in ["data/1.txt", "data/lines.txt", "data/2.txt"] for word in Path(name).read_text().split()])
