# fix: none
import random

random.seed(4)
texts = []
for number in range(6):
    print("at", number)
    if random.choices([True, False], k=1)[0]:
        with open(f"data/{number}.txt") as file:
            text = file.read()
        texts.append(text)
print(texts)
