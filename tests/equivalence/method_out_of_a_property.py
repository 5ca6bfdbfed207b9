# fix: unsafe
"""Looking up what the text is given to prints: it does so before the read, whatever becomes of that."""


class Notes:
    """Things that say what is asked of them."""

    def __init__(self, name):
        self.name = name

    @property
    def add(self):
        print("asked for add", self.name)
        return print


def noted(paths, notes):
    for path in paths:
        notes.add(open(path).read())
        print("done", path)


try:
    noted(["data/1.txt", "data/2.txt", "data/missing.txt"], Notes("a"))
except OSError as error:
    print(type(error).__name__)
