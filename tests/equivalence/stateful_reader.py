# fix: none
with open("data/lines.txt") as stream:
    header = stream.readline()
    for size in [3, 4, 5, 6]:
        print(repr(stream.read(size)))
