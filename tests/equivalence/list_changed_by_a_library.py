# fix: unsafe
# A function of Python's own changes the list that is gone over, behind a condition and through another name of it.
import operator


def main(paths):
    found = []
    for path in paths:
        if path == paths[1]:
            continue
        text = open(path).read()
        found.append(text)
        if len(found) > 8:
            operator.setitem(paths, -1, "data/1.txt")
    return found


print(main(["data/1.txt", "data/2.txt", "data/3.txt"]))
