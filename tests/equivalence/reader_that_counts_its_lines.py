# fix: safe
import csv


def collect(rows):
    found = []
    for row in rows:
        with open(row["path"]) as file:
            text = file.read()
        found.append((rows.line_num, len(text)))
    return found


print(collect(csv.DictReader(["path", *(f"data/{number}.txt" for number in range(6))])))
