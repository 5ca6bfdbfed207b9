# fix: safe
from pathlib import Path


def first_line(path: Path, default="empty"):
    text = path.read_text()
    return text.splitlines()[0] if text else default


def table(paths, default):
    rows = []
    for path in paths:
        line = first_line(path, default=default)
        rows.append((path.name, line))
    return rows


print(table(sorted(Path("data").glob("*.txt")), "nothing"))
