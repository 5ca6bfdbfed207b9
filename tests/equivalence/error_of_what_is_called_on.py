# fix: safe
"""What the text is given to may be nothing, or lack the method: that is noticed before the read fails."""


class Reader:
    rows = None

    def run(self, paths):
        for number, path in enumerate(paths):
            self.rows.append((number, open(path).read()))


def collected(paths, found=None):
    for path in paths:
        found.append(open(path).read())


def show(function, *args):
    try:
        function(*args)
    except Exception as error:
        print(type(error).__name__, error)


PATHS = ["data/1.txt", "data/2.txt", "data/missing.txt", "data/3.txt"]
for paths in (PATHS, PATHS[2:], PATHS[:2]):
    for target in (None, [], set()):
        show(collected, paths, target)
        print(target)
    show(Reader().run, paths)
