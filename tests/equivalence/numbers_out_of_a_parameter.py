# fix: person
"""Each file is given the next numbers of one iterator, which two helpers hand on."""

import itertools


def numbered(path, numbers):
    return open(path).read(), sum(itertools.islice(numbers, 2))


def load(path, numbers):
    return numbered(path, numbers=numbers)


def collect(paths, numbers):
    out = []
    for path in paths:
        out.append(load(path, numbers))
    return out


print(collect([f"data/{number}.txt" for number in range(6)], iter(range(100))))
