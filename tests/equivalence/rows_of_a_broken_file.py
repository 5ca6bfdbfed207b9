# fix: safe
import csv
import hashlib
from functools import partial

names = ["data/0.txt", "data/1.txt", "data/missing.txt", "data/binary.bin", "data/2.txt"]


def digests(found):
    for name in names:
        digest = hashlib.sha256()
        try:
            with open(name, "rb") as file:
                while chunk := file.read(3):
                    digest.update(chunk)
        except FileNotFoundError:
            print("missing", name)
        found[name] = digest.hexdigest()


def asked(found):
    for name in names:
        digest = hashlib.md5()
        with open(name, "rb") as file:
            for chunk in iter(partial(file.read, 3), b""): digest.update(chunk)
        found[name] = digest.hexdigest()


def rows():
    found = []
    for name in names:
        with open(name, encoding="utf-8", newline="") as file:
            found.extend(csv.reader(file))
    return found


def closed():
    for name in names:
        file = open(name, encoding="utf-8")
        try:
            text = file.read()
        finally:
            file.close()
        print(name, len(text))


found = {}
for work in (digests, asked):
    try:
        work(found)
    except OSError as error:
        print(error)
    print(found)
for other in (rows, closed):
    try:
        print(other())
    except (OSError, ValueError) as error:
        print(error)
