# fix: person
# A generator with effects is handed on by itertools: it would be asked ahead of the reads.
import itertools


def noting(names):
    for name in names:
        print("next", name)
        yield name


seen = {"data/0.txt"}
for path in itertools.chain(["data/1.txt", "data/2.txt"], noting(["data/3.txt", "data/4.txt"])):
    if path in seen:
        continue
    print(open(path).read())
