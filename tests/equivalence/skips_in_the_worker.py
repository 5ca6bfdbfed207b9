# fix: safe
import os


def texts(names):
    found = {}
    for name in names:
        path = os.path.join("data", name)
        if not os.path.exists(path):
            continue
        if name.startswith("1"):
            encoding = "latin-1"
        else:
            encoding = "utf-8"
        with open(path, encoding=encoding) as file:
            text = file.read()
        found[name] = len(text)
        print("read", name)
    return found


print(texts(["0.txt", "missing", "1.txt", "2.txt", "3.txt", "gone"]))
