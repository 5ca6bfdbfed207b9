# fix: unsafe
import os


def clean(folders):
    for folder in folders:
        if not os.path.isdir(folder):
            continue
        print("cleaning", folder)
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if name.endswith(".tmp"):
                os.remove(path)


for folder in ("x", "y"):
    os.mkdir(folder)
    for name in ("a.tmp", "b.txt", "c.tmp", "d.tmp"):
        with open(f"{folder}/{name}", "w") as file:
            file.write(name)
clean(["x", "missing", "y"])
print(sorted(os.listdir("x")), sorted(os.listdir("y")))
