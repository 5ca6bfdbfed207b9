# fix: unsafe
def load_all(paths):
    found = []
    for path in paths:
        text = open(path).read()
        found.append(len(text))
    return found, load_all.__code__.co_argcount


print(load_all([f"data/{number}.txt" for number in range(6)]))
