# fix: unsafe
names = ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt"]
rows = names
sizes = []
for name in names:
    text = open(name).read()
    sizes.append((name, len(text)))
    rows[-1] = "data/2.txt"
print(sizes[:3])
