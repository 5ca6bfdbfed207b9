# fix: none
import itertools
import xml.etree.ElementTree as ET


def tags(paths):
    found = []
    for path in paths:
        with open(path, "rb") as file:
            for _, element in ET.iterparse(file):
                found.append(element.tag)
    return found


def pairs(paths):
    found = []
    for path in paths:
        with open(path) as file:
            found.extend(itertools.zip_longest(file, file))
    return found


for number in range(3):
    with open(f"{number}.xml", "w") as out:
        out.write(f"<a{number}><b/></a{number}>")
print(tags([f"{number}.xml" for number in range(3)]))
print(pairs([f"data/{number}.txt" for number in range(5)]))
