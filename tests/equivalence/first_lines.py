# fix: safe
import itertools

found = []
for number in range(6):
    with open(f"data/{number}.txt") as file:
        head = file.read(2000)[:3]
        file.seek(0)
        lines = list(itertools.islice(file, 2))
    found.append((head, lines))
print(found)
