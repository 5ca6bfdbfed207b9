# fix: person
import sys

config = {"dir": "data/"}

class Sink:
    def append(self, text):
        config["dir"] = "other/"

if sys.argv:
    out = Sink()
else:
    out = []

def main(names):
    sizes = []
    for name in names:
        with open(config["dir"] + name) as file:
            text = file.read()
        sizes.append(len(text))
        out.append(text)
    print(sizes)

main(["%d.txt" % i for i in range(6)])
