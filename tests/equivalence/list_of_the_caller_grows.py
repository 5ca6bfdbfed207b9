# fix: none
def load(name, seen):
    with open(name) as file:
        text = file.read()
    seen += [name]
    return len(seen), text


seen = []
print([load(name, seen) for name in [f"data/{number}.txt" for number in range(6)]])
