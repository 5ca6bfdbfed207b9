# fix: safe
import json

sources = {"a": "data/a.json", "b": "data/b.json", "c": "data/c.json", "d": "data/d.json"}
values = {}
for key, path in sources.items():
    with open(path) as stream:
        values[key] = json.load(stream)
print(json.dumps(values, sort_keys=True))
