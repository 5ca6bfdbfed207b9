# fix: none
__all__ = ["path", "sizes"]

sizes = []
for path in ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt"]:
    if path.endswith("3.txt"):
        continue
    sizes.append(len(open(path).read()))
