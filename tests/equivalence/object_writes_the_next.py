# fix: person
class Store:
    def save(self, name, text):
        with open(name, "w") as file:
            file.write(text)


def spread(names, store):
    found = []
    for number, name in enumerate(names):
        with open(name) as file:
            text = file.read()
        store.save(names[(number + 1) % 6], text + "+")
        found.append(text)
    return found


print(spread([f"data/{number}.txt" for number in range(6)], Store()))
