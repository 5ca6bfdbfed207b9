# fix: unsafe
class Bad(Exception):
    pass


def load(path):
    with open(path) as file:
        text = file.read()
    try:
        return {"": 0, "line 1\n": 1}[text]
    except KeyError:
        raise Bad(path)


def load_all(paths):
    found = []
    try:
        int("x")
    except ValueError:
        for path in paths:
            number = load(path)
            found.append(number)
    return found


def chain(error):
    while error is not None:
        yield f"{type(error).__name__} {error}"
        error = error.__context__


try:
    load_all([f"data/{number}.txt" for number in range(6)])
except Bad as error:
    print(list(chain(error)))
