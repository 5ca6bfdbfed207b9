# fix: person
def empty(name):
    open(name, "w").close()


NAMES = [f"data/{number}.txt" for number in range(6)]
found = []
for number, name in enumerate(NAMES):
    with open(name) as file:
        text = file.read()
    if number % 3 == 0:
        empty(NAMES[(number + 1) % 6])
    found.append(text)
print(found)
