# fix: safe
def collect(groups):
    texts = []
    for group in groups:
        if group:
            folder = group[0]
        for name in group[1:]:
            with open(f"{folder}/{name}") as file:
                text = file.read()
            texts.append(text)
    return texts


print(collect([[], ["data", "1.txt", "2.txt"], ["tree/a", "0.txt", "1.txt", "2.txt"]]))
