# fix: unsafe
import os


class Namer:
    def full(self, name):
        return os.path.join("data", name)


def show(names, namer):
    try:
        for name in names:
            path = namer.full(name)
            if len(path) > 40:
                path = path[:40]
            print(open(path).read())
    except OSError:
        print("failed at", name)


show(["0.txt", "1.txt", "missing.txt", "2.txt"], Namer())
show(["missing.txt", "0.txt"], Namer())
