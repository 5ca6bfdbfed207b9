# fix: safe
def load(path):
    with open(path) as file:
        return file.read()


PATHS = [f"data/{number}.txt" for number in range(5)]
print(max(map(load, PATHS), key=len))
print(sorted(map(load, PATHS), reverse=True))
