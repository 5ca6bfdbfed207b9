# fix: person
def load(name, kept=[]):
    kept.append(name)
    return open(name).read() + str(len(kept))


for name in ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt"]:
    print(load(name))
