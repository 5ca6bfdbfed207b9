# fix: none
def collect(paths):
    found, label = [], "none"
    for path in paths:
        text = open(path).read()
        if "3" in text:
            label = text[:6]
        data = open(path, "rb").read()
        found.append((label, data))
    return found


def titles(paths):
    found, title = [], "none"
    for path in paths:
        with open(path) as file:
            first = file.readline()
            if first.endswith("3\n"):
                title = first.strip()
            body = file.read()
        found.append((title, body))
    return found


def totals(paths):
    found, total = [], 0
    for path in paths:
        text = open(path).read()
        total = total + len(text)
        data = open(path, "rb").read()
        found.append((total, data))
    return found


def same_end(paths):
    found, last = [], ""
    for path in paths:
        is_same = last == path[:4]
        last = path[:4]
        text = open(last + path[4:]).read()
        found.append((is_same, text, last))
    return found


PATHS = [f"data/{number}.txt" for number in range(6)]
print(collect(PATHS), titles(PATHS), totals(PATHS), same_end(PATHS))
