# fix: unsafe
import os
import shutil


def removed(names):
    gone = []
    for name in names:
        path = os.path.join("tops", name)
        if os.path.isdir(path) and os.stat(path).st_mtime > 0:
            shutil.rmtree(path)
            gone.append(path)
    return gone


def copied(names):
    for name in names:
        print("at", name)
        if os.path.exists(name):
            shutil.copy(name, f"tops/{name[-5:]}")
        print("done", name)


for number in range(6):
    os.makedirs(f"tops/{number}")
print(removed(["0", "1", "nothing", "2", "5"]))
copied(["data/0.txt", "data/missing.txt", "data/1.txt", "data/2.txt"])
