# fix: person
import bisect

RANKED = []


def load(name):
    with open(name) as file:
        text = file.read()
    bisect.insort(RANKED, len(text))
    return bisect.bisect(RANKED, len(text)), text


print([load(name) for name in [f"data/{number}.txt" for number in range(6)]])
