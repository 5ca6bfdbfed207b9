# fix: person
import time

took = []
for number in range(6):
    began = time.perf_counter()
    with open(f"data/{number}.txt") as file:
        text = file.read()
    took.append(time.perf_counter() - began)
print(len(took))
