# fix: none
def sizes(names):
    found = []
    for name in names:
        del name
        text = open(name).read()
        found.append(len(text))
    return found


try:
    print(sizes(["data/0.txt", "data/1.txt", "data/2.txt"]))
except UnboundLocalError as error:
    print(error)
