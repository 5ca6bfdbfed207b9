# fix: person
import dataclasses
import itertools

numbers = itertools.count()


@dataclasses.dataclass
class Page:
    text: str
    number: int = dataclasses.field(default_factory=lambda: next(numbers))


def load(name):
    with open(name) as file:
        text = file.read()
    return Page(text)


print([load(name) for name in [f"data/{number}.txt" for number in range(6)]])
