# fix: safe
from pathlib import Path

done = []
try:
    for name in ["data/0.txt", "data/1.txt", "data/missing.txt", "data/2.txt"]:
        text = Path(name).read_text()
        done.append(text)
except FileNotFoundError as error:
    print("stopped at", error.filename, "with", done)
