# fix: safe
import os


def read_all(folder, names):
    suffix = ".txt"
    found = []
    for name in names:
        with open(os.path.join(folder, name + suffix)) as stream:
            content = stream.read()
        found.append(content)
        if len(found) == 2:
            print("two are read")
    return found


print(read_all("data", "012345"))
