# fix: safe
from pathlib import Path

SIZES = {"data/1.txt": 1, "data/2.txt": 2}
for names in (["data/1.txt", "data/2.txt"], ["data/1.txt", "data/missing.txt"]):
    try:
        print([(SIZES[name], Path(name).read_text()) for name in names])
    except Exception as error:
        print(type(error).__name__, error)
