# fix: safe
def collect(paths):
    found = []
    for path in paths:
        letters = [letter for letter in open(path).read()]
        data = open(path, "rb").read()
        found.append([letter.upper() for letter in letters] + [data])
    return found


print(collect([f"data/{number}.txt" for number in range(5)]))
