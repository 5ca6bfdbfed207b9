# fix: person
PILES = {"low": [], "high": []}


def pile(name):
    return PILES["low" if name < "data/3" else "high"]


def load(name):
    with open(name) as file:
        text = file.read()
    mine = pile(name)
    mine.append(name)
    return len(mine), text


print([load(name) for name in [f"data/{number}.txt" for number in range(6)]])
