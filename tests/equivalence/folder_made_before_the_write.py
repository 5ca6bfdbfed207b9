# fix: unsafe
from pathlib import Path


def stubs(names, top):
    made = {}
    for name in names:
        folder = top / name
        folder.mkdir()
        (folder / "stub.txt").write_text(name)
        made[name] = str(folder)
    return made


top = Path("stubs")
top.mkdir()
print(stubs("abcdef", top))
