# fix: safe
names = ["data/0.txt", "data/missing.txt", "data/1.txt", "data/binary.bin", "data/2.txt"]
found = {}
for name in names:
    try:
        with open(name, encoding="utf-8") as stream:
            found[name] = stream.read()
    except FileNotFoundError as error:
        print("missing", error.filename)
        continue
    except ValueError as error:
        print("odd", type(error).__name__)
        found[name] = None
    else:
        print("fine", name)
    finally:
        print("done", name)
print(found)
