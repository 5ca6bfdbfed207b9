# fix: safe
def sizes(numbers):
    found = []
    for number in numbers:
        if number % 2:
            path = f"data/{number}.txt"
        else:
            path = f"data/0{number}.txt".replace("/0", "/")
        with open(path) as file:
            text = file.read()
        found.append((path, len(text)))
    return found


print(sizes(range(5)))
