# fix: person
"""The file is opened before what it is given to is looked up, and read after that."""


def collected(paths, found=None):
    for path in paths:
        with open(path) as file:
            found.append(file.read())


for paths in (["data/1.txt", "data/2.txt"], ["data/missing.txt", "data/1.txt"], ["data/binary.bin", "data/1.txt"]):
    try:
        collected(paths)
    except Exception as error:
        print(type(error).__name__, error)
