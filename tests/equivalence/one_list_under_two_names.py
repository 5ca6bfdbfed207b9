# fix: unsafe
NAMES = ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt"]
names, sizes = NAMES, []
for name in names:
    text = open(name).read()
    sizes.append((name, len(text)))
    NAMES[-1] = "data/1.txt"
print(sizes[:3])


def again(rows):
    for row in rows:
        print(open(row).read())
        NAMES[0] = row


again(NAMES)
