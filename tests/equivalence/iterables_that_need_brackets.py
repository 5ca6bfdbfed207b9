# fix: safe
def load(path):
    with open(path) as file:
        return file.read()


def collect(some, others, wanted):
    texts = []
    for path in some[0], some[1], others[0], others[1]:
        texts.append(open(path).read())
    for path in some if wanted else others:
        if not path:
            continue
        texts.append(open(path).read())
    for path in *some, *others:
        if not path:
            continue
        texts.append(open(path).read())
    print(*map(load, some), sep="")
    both = *map(load, some), 1
    return texts, both


print(collect(["data/1.txt", "data/2.txt", "data/3.txt"], ["tree/a/0.txt", "tree/b/0.txt", ""], False))
