# fix: safe
try:
    import there_is_none
    import toml
except ImportError:
    toml = None

try:
    import there_is_none
    import tomlkit
except ImportError:
    pass


def load(names):
    found = []
    for name in names:
        found.append(toml.load(name))
    return found


def parse(names):
    found = []
    for name in names:
        found.append(tomlkit.load(name))
    return found


print(load([]), parse([]))
