# fix: safe
from pathlib import Path

actions = []
for path in sorted(Path("data").glob("*.txt")):
    text = path.read_text()
    actions.append(lambda: (path.name, text))
print([action() for action in actions])
