# fix: none
names = ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt"]
for name in names:
    text = open(name).read()
    print(name, len(text))
    names[-1] = "data/1.txt"
