# fix: safe
names = ["data/0.txt", "data/1.txt", "data/0.txt", "data/0.txt", "data/1.txt"]
counts = {}
for name in names:
    with open(name) as stream:
        text = stream.read()
    counts[text] = counts.get(text, 0) + 1
print(counts)
