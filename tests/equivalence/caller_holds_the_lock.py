# fix: unsafe
import threading
from pathlib import Path

LOCK = threading.RLock()


def load(path):
    with LOCK:
        return path.read_text()


def load_all(paths):
    with LOCK:
        found = []
        for path in paths:
            text = load(path)
            found.append(len(text))
        return found


print(load_all([Path(f"data/{number}.txt") for number in range(6)]))
