# fix: safe
from pathlib import Path

for number, path in enumerate(sorted(Path("data").glob("*.txt")), start=1):
    print(number, path.read_text())
