# fix: none
from pathlib import Path

NAMES = ["data/0.txt", "data/missing.txt", "data/1.txt", "data/2.txt"]
seen = []
texts = []
try:
    texts = [Path(name).read_text() for name in NAMES if not seen.append(name)]
except FileNotFoundError:
    print("stopped at", seen)
print(texts)
