# fix: unsafe
import os
import shutil


def copied(names, target):
    for name in names:
        if name.endswith("0.txt"):
            source = os.path.join("data", name)
        else:
            source = f"data/{name}"
        if not os.path.exists(source):
            print("missing", name)
            continue
        shutil.copy(source, os.path.join(target, name))
        print("copied", name)


os.mkdir("copies")
copied(["0.txt", "nothing", "1.txt", "2.txt", "3.txt"], "copies")
