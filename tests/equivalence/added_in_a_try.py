# fix: unsafe
import os


class Names:
    def full(self, name):
        return os.path.join("data", name)


def lines(names, of):
    found, failed = {}, []
    for name in names:
        try:
            path = of.full(name)
            if not path.endswith(".txt"):
                path += ".txt"
            with open(path) as file:
                found[name] = file.read()
        except OSError:
            failed.append(name)
    return found, failed


print(lines(["0", "1.txt", "nothing", "2"], Names()))
