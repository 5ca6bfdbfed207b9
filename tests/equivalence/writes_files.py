# fix: unsafe
from pathlib import Path

Path("out").mkdir()
for path in sorted(Path("data").glob("*.txt")):
    Path("out", path.name).write_text(path.read_text().upper())
print(sorted(path.name for path in Path("out").iterdir()))
