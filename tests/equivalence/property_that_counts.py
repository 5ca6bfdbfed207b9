# fix: none
from pathlib import Path

NAMES = ["data/0.txt", "data/1.txt", "data/missing.txt", "data/2.txt"]


class Counter:
    def __init__(self):
        self.count = 0

    @property
    def number(self):
        self.count += 1
        return self.count


counter = Counter()
found = []
try:
    found += [(counter.number, Path(name).read_text()) for name in NAMES]
except FileNotFoundError:
    print("stopped at", counter.count)
for name in NAMES[:2] + NAMES[3:]:
    if counter.number % 2:
        found.append(open(name).read())
print(found, counter.count)
