# fix: safe
from pathlib import Path

paths = sorted(Path("data").glob("*.txt"))
print([path.read_text() for path in paths if path.stem != "2"])
print({path.name: path.read_text().upper() for path in paths})
print(sum(len(path.read_bytes()) for path in paths))
