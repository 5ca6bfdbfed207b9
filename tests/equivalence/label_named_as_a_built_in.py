# fix: safe
def load(name, input, vars):
    with open(name) as file:
        return file.read()[input:vars]


def all_of(names):
    found = []
    for name in names:
        text = load(name, input=1, vars=4)
        found.append(text)
    return found


print(all_of([f"data/{number}.txt" for number in range(5)]))
