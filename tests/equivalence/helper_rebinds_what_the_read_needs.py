# fix: none
base = "data"


def move(text):
    global base
    base = "links" if "3" in text else base


found = []
for number in range(6):
    with open(f"{base}/{number}.txt") as file:
        text = file.read()
    move(text)
    found.append(text)
print(found)
