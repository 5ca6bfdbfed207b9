# fix: safe
from pathlib import Path


class Reader:
    def __init__(self, root):
        self.root = root

    def read(self, name):
        return (self.root / name).read_text()

    def all(self, names):
        return [self.read(name) for name in names]

    def shown(self, names):
        for name in names:
            text = self.read(name)
            print(name, text)


reader = Reader(Path("data"))
print(reader.all([f"{number}.txt" for number in range(5)]))
reader.shown([f"{number}.txt" for number in range(5)])
