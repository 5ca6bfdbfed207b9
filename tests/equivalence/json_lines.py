# fix: unsafe
import json

records = []
for name in ["a", "b", "c", "broken", "a"]:
    with open(f"data/{name}.json") as stream:
        try:
            record = json.load(stream)
        except json.JSONDecodeError as error:
            print(name, "is broken at", error.pos)
            continue
    records.append(record)
print(records)
