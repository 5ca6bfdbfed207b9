# fix: person
import collections
import itertools

numbers = itertools.count()
IDS = collections.defaultdict(lambda: next(numbers))


def load(name):
    with open(name) as file:
        text = file.read()
    return IDS[text]


print([load(name) for name in [f"data/{number}.txt" for number in range(6)]])
