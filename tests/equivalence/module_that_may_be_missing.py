# fix: safe
try:
    import there_is_none, toml
except ImportError:
    toml = None


def load(names):
    found = []
    for name in names:
        found.append(toml.load(name))
    return found


print(load([]))
