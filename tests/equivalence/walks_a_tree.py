# fix: safe
import os

total = 0
for root, folders, names in os.walk("tree"):
    folders.sort()
    for name in sorted(names):
        with open(os.path.join(root, name)) as stream:
            text = stream.read()
        total += len(text)
        print(root, name, text)
print(total)
