# fix: safe
from pathlib import Path

for path in Path("data").glob("*.none"):
    print(path.read_text())
print([path.read_text() for path in Path("data").glob("*.none")])
