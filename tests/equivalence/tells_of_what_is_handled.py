# fix: person
import logging
import sys

logging.basicConfig(stream=sys.stdout, format="%(message)s")


def load(path):
    with open(path) as file:
        text = file.read()
    if len(text) > 20:
        logging.warning("long", exc_info=True)
    return text


def load_all(paths):
    found = []
    try:
        {}["key"]
    except KeyError:
        for path in paths:
            text = load(path)
            found.append(len(text))
    return found


print(load_all([f"data/{number}.txt" for number in range(6)]))
