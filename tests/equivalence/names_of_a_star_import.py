# fix: unsafe
import sys
from pathlib import Path

Path("brought.py").write_text("def read_path(text): return 'mine', text\ndef run_parallel(*args): return 'theirs', args\ntext = content = 'brought'\n")
sys.path.insert(0, "")
from brought import *

found = []
for path in [Path(f"data/{number}.txt") for number in range(6)]:
    with open(path) as file:
        lines = file.read()
    found.append(len(lines))
print(found, [sys.modules[__name__].__getattribute__(name) for name in ("text", "content")])
print(getattr(sys.modules[__name__], "read_path")(1), getattr(sys.modules[__name__], "run_parallel")(1))
