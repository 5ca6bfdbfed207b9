# fix: safe
import os

names = ["0.txt", "missing.txt", "1.txt", "binary.bin", "2.txt", "0.txt"]
found = {}
missing = 0
for name in names:
    path = os.path.join("data", name)
    if not os.path.exists(path):
        missing += 1
        print("missing", path, missing)
        continue
    try:
        with open(path, encoding="utf-8") as stream:
            text = stream.read()
    except UnicodeDecodeError as error:
        print("odd", path, error.reason)
        continue
    found[path] = text
print(found, missing)
