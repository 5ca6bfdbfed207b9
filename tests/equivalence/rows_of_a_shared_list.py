# fix: none
import csv

ROWS = []


def collect(names):
    rows = ROWS
    for name in names:
        with open(f"data/{name}", newline="") as file:
            rows.extend(csv.reader(file))


try:
    collect(["0.txt", "1.txt", "missing.txt", "3.txt"])
except OSError as error:
    print(error)
print(ROWS)
