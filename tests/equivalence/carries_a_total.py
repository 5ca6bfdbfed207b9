# fix: safe
from pathlib import Path

total = 0
for path in sorted(Path("data").glob("*.txt")):
    total = total * 31 + len(path.read_bytes())
    print(path, total)
