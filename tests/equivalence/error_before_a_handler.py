# fix: safe
def texts(base, names):
    found = []
    for name in names:
        path = base + name
        try:
            with open(path) as file:
                text = file.read()
        except Exception:
            text = None
        found.append(text)
    return found


print(texts("data/", ["0.txt", "missing", "2.txt", "3.txt"]))
try:
    print(texts("data/", ["0.txt", None, "2.txt", "3.txt"]))
except TypeError as error:
    print("raised", type(error).__name__)
