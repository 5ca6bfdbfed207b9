# fix: none
def texts(pairs):
    found = []
    for pair in pairs:
        match pair:
            case [name, _]:
                pass
        text = open(name).read()
        found.append(text)
    return found


print(texts([["data/1.txt", 1], ["data/2.txt", 2], ["data/3.txt", 3]]))
