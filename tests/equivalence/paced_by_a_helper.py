# fix: person
import time


def be_polite():
    time.sleep(0.01)


NAMES = [f"data/{number}.txt" for number in range(6)]
found = []
for number, name in enumerate(NAMES):
    with open(name) as file:
        text = file.read()
    be_polite()
    found.append(text)
print(found)
