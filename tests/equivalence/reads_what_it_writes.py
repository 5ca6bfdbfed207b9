# fix: none
from pathlib import Path

previous = Path("data/0.txt")
for number in range(1, 5):
    text = previous.read_text() + str(number)
    previous = Path(f"chain{number}.txt")
    previous.write_text(text)
print(previous.read_text())
