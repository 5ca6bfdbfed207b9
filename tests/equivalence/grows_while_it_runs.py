# fix: none
from pathlib import Path

queue = [Path("links/0.txt")]
for path in queue:
    target = path.read_text().strip()
    if target:
        queue.append(Path("links", target))
print([path.name for path in queue])
