# fix: none
with open("data/lines.txt") as stream:
    parts = list(map(stream.read, [3, 5, 2, 40, 1]))
    print(parts)
