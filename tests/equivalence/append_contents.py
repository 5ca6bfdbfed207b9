# fix: safe
from pathlib import Path

texts = []
for path in sorted(Path("data").glob("*.txt")):
    texts.append(path.read_text())
print(len(texts), "".join(texts))
