# fix: safe
from pathlib import Path

for path in sorted(Path("data").glob("*.txt")):
    print("reading", path.name)
    text = path.read_text()
    print("read", len(text))
print("last", path, text)
