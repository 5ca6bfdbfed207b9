# fix: safe
def collect(folders, names):
    return [[open(f"{folder}/{name}", mode="r", encoding="utf-8", errors="strict").read() for name in names] for folder in folders]


print(collect(["tree/a", "tree/b"], [f"{number}.txt" for number in range(3)]))
