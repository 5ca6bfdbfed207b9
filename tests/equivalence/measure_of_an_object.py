# fix: person
parsed = []

def noisy(text):
    parsed.append(text)
    return len(text)

class Reader:
    measure = len

    def __init__(self, measure=len):
        self.measure = measure

    def load(self, path):
        with open(path) as file:
            return self.measure(file.read())

READER = Reader(noisy)

def run(paths):
    for path in paths:
        size = READER.load(path)
        print(len(parsed), size)

run(["data/%d.txt" % i for i in range(6)])
