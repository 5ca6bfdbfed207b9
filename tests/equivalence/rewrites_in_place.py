# fix: unsafe
from pathlib import Path

for path in sorted(Path("data").glob("*.txt")):
    text = path.read_text()
    if "line" not in text:
        continue
    path.write_text(text.replace("line", "row"))
    print("changed", path.name)
