# fix: person
import contextlib


@contextlib.contextmanager
def output(name):
    with open(name, "w") as file:
        yield file


NAMES = [f"data/{number}.txt" for number in range(6)]
found = []
for number, name in enumerate(NAMES):
    with open(name) as file:
        text = file.read()
    with output(NAMES[(number + 1) % 6]) as out:
        print(text, "+", file=out)
    found.append(text)
print(found)
