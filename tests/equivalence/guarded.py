# fix: safe
from pathlib import Path

skipped = 0
for path in sorted(Path("data").iterdir()):
    if path.suffix != ".txt":
        continue
    if path.stem == "3":
        continue
    lines = path.read_text().splitlines()
    if not lines:
        skipped += 1
        continue
    print(path.name, lines)
print(skipped)
