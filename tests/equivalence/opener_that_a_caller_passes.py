# fix: person
opened = []

def traced(path):
    opened.append(path)
    return open(path)

def main(paths, opener=None):
    if opener is None:
        opener = open
    for path in paths:
        with opener(path) as file:
            text = file.read()
        print(len(opened), len(text))

main(["data/%d.txt" % i for i in range(6)], traced)
