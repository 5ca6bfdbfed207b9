# fix: person
import os


def load(number):
    text = open(f"data/{number}.txt").read()
    return os.path.expandvars("$WHO"), text


def collect(environment):
    for number in range(5):
        text = load(number)
        print(text)
        environment["WHO"] = str(number)


collect(os.environ)
