# fix: person
from pathlib import Path


class Counter:
    def __init__(self):
        self.count = 0

    @property
    def number(self):
        self.count += 1
        return self.count


counter = Counter()


def load(name):
    return Path(name).read_text() + str(counter.number)


for name in ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt"]:
    print(load(name))
