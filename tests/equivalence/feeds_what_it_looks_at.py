# fix: none
from pathlib import Path

found = []
found.extend(Path(name).read_text() for name in ["data/1.txt", "data/2.txt", "data/3.txt"] if len(found) < 2)
print(found)
