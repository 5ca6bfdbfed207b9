# fix: none
import os
from pathlib import Path

for name in ["a", "b", "c"]:
    os.chdir(Path(os.path.dirname(os.path.abspath(__file__)), "work", "tree", name))
    print(Path("0.txt").read_text())
