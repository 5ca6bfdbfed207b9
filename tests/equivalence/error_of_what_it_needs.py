# fix: person
PATHS = {"one": "data/1.txt", "two": "data/2.txt"}

found = []
for name in ["one", "two", "three", "four"]:
    path = PATHS[name]
    try:
        with open(path) as stream:
            found.append(stream.read())
    except Exception:
        found.append(None)
print(found)
