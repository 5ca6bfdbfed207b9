# fix: unsafe
from pathlib import Path


def write_all(names):
    for name in names:
        path = Path(name)
        if path.exists():
            raise FileExistsError(name)
        path.write_text("new")
        print("wrote", name)


Path("old").write_text("old")
try:
    write_all(["old"])
except FileExistsError as error:
    print("kept", error, Path("old").read_text())
write_all(["a", "b", "c", "d"])
