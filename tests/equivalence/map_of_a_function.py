# fix: safe
def size(name):
    with open(name, "rb") as stream:
        return len(stream.read())


print(list(map(size, [f"data/{number}.txt" for number in range(6)])))
