# fix: person
import types


def collect(paths):
    texts = []
    for path in paths:
        with open(path) as file:
            text = file.read()
        texts.append(text)
    return texts


COMMANDS = [name for name, value in list(globals().items()) if isinstance(value, types.FunctionType)]
print(COMMANDS, globals()["collect"]([f"data/{number}.txt" for number in range(5)]))
