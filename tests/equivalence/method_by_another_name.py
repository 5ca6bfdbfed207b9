# fix: person
def texts(names):
    found, errors = [], []
    fail = errors.append
    for name in names:
        if errors:
            continue
        text = open(f"data/{name}").read()
        if name.startswith("2"):
            fail(name)
        found.append(text)
    return found, errors


print(texts(["0.txt", "1.txt", "2.txt", "3.txt", "missing.txt"]))
