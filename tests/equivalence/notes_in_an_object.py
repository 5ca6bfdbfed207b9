# fix: safe
import functools
import time


def timed(function):
    @functools.wraps(function)
    def call(*given):
        begin = time.perf_counter()
        try:
            return function(*given)
        finally:
            TIMES.append(time.perf_counter() - begin)

    return call


TIMES = []


class Store:
    def __init__(self, root):
        self.root = root
        self.found = {}
        self.count = 0

    @timed
    def note(self, name, text):
        self.found.setdefault(len(text), []).append(name)
        self.count += 1

    @property
    def total(self):
        return self.count

    def load(self, names):
        for name in names:
            text = open(f"{self.root}/{name}").read()
            self.note(name, text)


store = Store("data")
store.load(["0.txt", "1.txt", "2.txt", "3.txt"])
print(store.found, store.total, len(TIMES))
