# fix: none
def load_into(name, found):
    found.append(open(name).read())
    return len(found)


texts = []
for name in ["data/1.txt", "data/2.txt", "data/3.txt", "data/4.txt"]:
    print(load_into(name, texts))
print(texts)
