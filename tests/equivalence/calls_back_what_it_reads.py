# fix: person
import json

seen = []


def note(pairs):
    seen.append(len(pairs))
    return pairs


for name in ["data/a.json", "data/b.json", "data/c.json", "data/d.json"]:
    with open(name) as stream:
        data = json.load(stream, object_hook=note)
    print(data["name"], len(seen))
