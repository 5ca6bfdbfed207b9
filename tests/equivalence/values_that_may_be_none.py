# fix: safe
import json
import os


def values(names):
    found = []
    for name in names:
        if os.path.isdir(name):
            continue
        try:
            with open(name) as file:
                value = json.load(file)
        except ValueError:
            value = None
        except OSError:
            continue
        found.append((name, value))
    return found


with open("null.json", "w") as out:
    out.write("null")
print(values(["data/a.json", "data", "null.json", "data/broken.json", "missing.json", "data/b.json"]))
