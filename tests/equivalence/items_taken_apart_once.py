# fix: safe
def rows_of(lines):
    for line in lines:
        yield map(str.strip, line.split(","))


LINES = [f" n{number} , data/{number}.txt " for number in range(5)]
found = []
for name, path in (map(str.strip, line.split(",")) for line in LINES):
    with open(path) as file:
        text = file.read()
    found.append((name, text))
pairs = [iter(line.split(",")) for line in LINES]
for number, (name, path) in enumerate(pairs):
    text = open(path.strip()).read()
    found.append((number, name, text))
found += [(name, open(path).read()) for name, path in rows_of(LINES)]
print(found)
