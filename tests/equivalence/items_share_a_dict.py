# fix: person
found = []
state = {"number": 0}
for name, its in [("data/{number}.txt", state)] * 5:
    with open(name.format(**its)) as file:
        text = file.read()
    its["number"] += 1
    found.append(text)
print(found)
