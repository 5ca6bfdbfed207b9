# fix: none
from pathlib import Path

for path in sorted(Path("data").glob("*.txt")):
    if "3" in path.read_text():
        print("found", path)
        break
else:
    print("not found")
