# fix: person
found = []
for number in range(6):
    mode = "r" if number % 2 else "w+"
    with open(f"data/{number}.txt", mode) as file:
        found.append(file.read())
print(found)
