# fix: safe
from pathlib import Path

for folder in sorted(Path("tree").iterdir()):
    for path in sorted(folder.glob("*.txt")):
        print(folder.name, path.name, path.read_text())
