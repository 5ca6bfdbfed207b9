# fix: safe
from pathlib import Path


def run_parallel(text):
    return "mine", text


def run_together(*texts):
    return "ours", texts


found = []
for number in range(6):
    text = Path(f"data/{number}.txt").read_text()
    found.append((run_parallel(text[:3]), run_together(text, text[:1])))
print(found)
