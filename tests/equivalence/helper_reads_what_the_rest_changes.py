# fix: none
LIMITS = [1]


def load(name):
    return open(name).read() + str(LIMITS)


for name in ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt"]:
    text = load(name)
    print(len(text))
    LIMITS.append(len(text))
