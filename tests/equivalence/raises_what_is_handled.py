# fix: person
def load(path):
    with open(path) as file:
        text = file.read()
    if len(text) > 20:
        raise
    return text


def load_all(paths):
    try:
        {}["key"]
    except KeyError:
        found = []
        for path in paths:
            text = load(path)
            found.append(len(text))
        return found


try:
    print(load_all([f"data/{number}.txt" for number in range(6)]))
except KeyError as error:
    print("again", error)
