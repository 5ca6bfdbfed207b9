# fix: safe
def collect(rows):
    texts = []
    for row in rows:
        print("row", sorted(row))
        if "path" in row:
            path = row["path"]
            with open(path) as file:
                text = file.read()
            texts.append([word for word in text.split()])
    return texts


print(collect([{"path": "data/1.txt"}, {}, {"path": "data/2.txt"}, {"other": 1}]))
