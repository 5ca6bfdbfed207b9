# fix: safe
def found_in(names, words):
    found = []
    for name in names:
        path = f"data/{name}"
        with open(path) as file:
            text = file.read()
        for word in words:
            if word in text:
                break
        else:
            continue
        with open(path) as file:
            again = file.read()
        found.append((name, word, len(again)))
    return found


print(found_in(["0.txt", "1.txt", "2.txt", "3.txt"], ["1", "3"]))
