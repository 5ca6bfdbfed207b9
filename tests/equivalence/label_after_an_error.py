# fix: safe
# What a pass binds before its read is seen by `finally`, and by handlers around the loop, once the read has failed.


def labels(paths):
    label = ""
    try:
        for path in paths:
            label = str(path)[-5:]
            text = open(path).read()
            print(text)
    finally:
        print("last", label)


def caught(paths):
    label = ""
    try:
        for path in paths:
            label = "reading " + path
            print(open(path).read())
    except OSError:
        print("failed", label)


caught(["data/1.txt", "data/missing.txt", "data/2.txt"])
labels(["data/1.txt", "data/none.txt", "data/2.txt"])


def carried(paths):
    for path in paths:
        before = text
        text = open(path).read()
        print(before)


try:
    carried(["data/missing.txt", "data/1.txt", "data/2.txt"])
except NameError as error:
    print("not bound", error)
