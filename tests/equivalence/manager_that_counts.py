# fix: person
class Noted:
    count = 0

    def __enter__(self):
        Noted.count += 1
        return Noted.count

    def __exit__(self, *error):
        pass


def load(name):
    with open(name) as file:
        text = file.read()
    with Noted() as number:
        return number, text


print([load(name) for name in [f"data/{number}.txt" for number in range(6)]])
