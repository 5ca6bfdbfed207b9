# fix: safe
import os


def collect(paths, _):
    folder, _ = os.path.split(paths[0])
    texts = []
    for path in paths:
        with open(path) as file:
            texts.append(file.read())
    return folder, _, texts


def labelled(paths):
    texts = []
    for _ in ("first", "second"):
        for number, path in enumerate(paths):
            with open(path) as file:
                content = file.read()
            texts.append((number, content))
        texts.append(_)
    return texts


print(collect([f"data/{number}.txt" for number in range(5)], "given"))
print(labelled([f"data/{number}.txt" for number in range(3)]))
