# fix: person
class Page:
    made = 0

    def __init__(self, text):
        self.text = text
        type(self).made += 1
        self.number = type(self).made


def load(name):
    with open(name) as file:
        text = file.read()
    return Page(text).number, text


print([load(name) for name in [f"data/{number}.txt" for number in range(6)]])
