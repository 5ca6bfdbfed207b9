# fix: person
from pathlib import Path


class Reader:
    def done(self, name, text):
        pass

    def all(self, names):
        found = []
        for number, name in enumerate(names):
            with open(name) as file:
                text = file.read()
            self.done(names[(number + 1) % 6], text)
            found.append(text)
        return found


class Stamping(Reader):
    def done(self, name, text):
        Path(name).write_text(text + "+")


print(Stamping().all([f"data/{number}.txt" for number in range(6)]))
