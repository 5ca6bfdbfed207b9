# fix: safe
import os


def show(labels):
    for name, label in labels.items():
        name = os.path.join("data", name)
        with open(name) as stream:
            text = stream.read()
        print(name, label, len(text))


show({"1.txt": "one", "2.txt": "two", "3.txt": "three"})
