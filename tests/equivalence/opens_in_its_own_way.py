# fix: person
"""What has an `open` of its own is no path: it counts how often it is asked."""
import io

opened = []


class Entry:
    def __init__(self, text):
        self.text = text

    def open(self, mode="r"):
        opened.append(self.text)
        return io.StringIO(self.text)


def texts(paths):
    found = []
    for path in paths:
        with path.open("r") as file:
            found.append((len(opened), file.read()))
    return found


print(texts([Entry("a"), Entry("b"), Entry("c")]))
