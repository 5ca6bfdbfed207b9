# fix: person
class Stamp:
    count = 0

    def __format__(self, form):
        self.count += 1
        return str(self.count)


stamp = Stamp()


def load(name):
    with open(name) as file:
        text = file.read()
    return f"{stamp}: {text}"


print([load(name) for name in [f"data/{number}.txt" for number in range(6)]])
