# fix: person
"""What the text is given to may be nothing: that is noticed before the read fails."""


def collected(paths, found=None):
    for path in paths:
        found.append(open(path).read())


try:
    collected(["data/missing.txt", "data/1.txt", "data/2.txt"])
except Exception as error:
    print(type(error).__name__, error)
