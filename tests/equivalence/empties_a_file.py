# fix: unsafe
for name in ["data/1.txt", "data/2.txt", "data/3.txt", "data/4.txt"]:
    text = open(name).read()
    print(len(text))
    open(name + ".done", "w").close()
