# fix: unsafe
class Keeper:
    def __init__(self, words):
        self.words = words

    def __getattr__(self, name):
        return lambda text: any(word in text for word in self.words)


def kept(names, keeper):
    return [name for name in names if keeper.keeps(open(f"data/{name}").read())]


def texts(names, keeper):
    return [open(f"data/{name}").read() for name in names if keeper.keeps(name)]


print(kept(["0.txt", "1.txt", "2.txt", "3.txt"], Keeper(["1", "3"])))
print(texts(["0.txt", "1.txt", "2.txt", "3.txt"], Keeper(["1", "3"])))
