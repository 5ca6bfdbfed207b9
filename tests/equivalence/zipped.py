# fix: safe
paths = [f"data/{number}.txt" for number in range(5)]
labels = ["zero", "one", "two", "three", "four", "five"]
for label, path in zip(labels, paths):
    with open(path) as stream:
        print(label, stream.read())
