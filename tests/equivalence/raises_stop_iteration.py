# fix: person
def load(name):
    if name.startswith("2"):
        raise StopIteration(name)
    return open(f"data/{name}").read()


def collect(names):
    found = []
    for name in names:
        found.append(load(name))
    return found


try:
    print(collect(["0.txt", "1.txt", "2.txt", "3.txt"]))
except Exception as error:
    print(type(error).__name__)
