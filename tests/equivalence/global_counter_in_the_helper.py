# fix: none
from pathlib import Path

calls = 0


def read(path):
    global calls
    calls += 1
    return f"{calls}: {path.read_text()}"


for path in sorted(Path("data").glob("*.txt")):
    print(read(path))
print(calls)
