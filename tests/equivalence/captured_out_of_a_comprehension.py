# fix: none
def collect(folders, rows):
    return [[open(f"{folder}/{name}").read()[:size] for name, size in rows] for folder in folders]


print(collect(["tree/a", "tree/b"], [(f"{number}.txt", number) for number in range(3)]))
cut = lambda folder, rows: [open(f"{folder}/{name}").read()[:size] for name, size in rows]
print(cut("tree/c", [(f"{number}.txt", number) for number in range(3)]))
