# fix: person
"""The loop stops reading once its output is large enough: it asks for the size of what earlier passes wrote."""
import os

found = []
with open("all.txt", "w", buffering=1) as output:
    for number in range(1, 6):
        if os.path.getsize("all.txt") > 10:
            continue
        text = open(f"data/{number}.txt").read()
        output.write(text)
        found.append(text)
print(found)
