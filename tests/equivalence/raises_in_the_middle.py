# fix: safe
names = ["data/0.txt", "data/1.txt", "data/missing.txt", "data/2.txt"]
for name in names:
    print("next", name)
    with open(name) as stream:
        text = stream.read()
    print(text)
print("never printed")
