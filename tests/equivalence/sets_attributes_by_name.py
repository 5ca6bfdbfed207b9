# fix: unsafe
class Options:
    limit = 3


def load(name):
    return open(name).read()[: Options.limit]


for name in ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt"]:
    text = load(name)
    print(text)
    setattr(Options, "seen", name)
