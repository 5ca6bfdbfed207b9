# fix: safe
from pathlib import Path

for name in ["0.txt", "missing.txt", "1.txt", "2.txt"]:
    path = Path("data", name)
    try:
        text = path.read_text()
    except OSError:
        text = "nothing"
    else:
        text = text + "!"
    print(name, text)
else:
    print("all")
