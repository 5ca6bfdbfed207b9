# fix: unsafe
import os


def texts(names):
    found = []
    for name in names:
        if not os.path.exists(name):
            continue
        try:
            text = open(name).read()
        except BaseException:
            text = ""
        else:
            text += "x"
        found.append(text)
    return found


print(texts(["data/0.txt", "data/missing", "data/1.txt", "data/2.txt"]))
