# fix: person
class Gate:
    def __init__(self):
        self.turn, self.open = 0, False

    def step(self):
        self.turn += 1
        self.open = self.turn % 3 == 0
        return self.turn


def collect(paths, gate):
    texts = []
    for path in paths:
        turn = gate.step()
        if gate.open:
            with open(path) as file:
                text = file.read()
            texts.append((turn, text.upper()))
    return texts


print(collect([f"data/{number}.txt" for number in range(6)], Gate()))
