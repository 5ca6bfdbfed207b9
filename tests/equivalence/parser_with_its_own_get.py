# fix: person
import configparser

asked = []

class Config(configparser.ConfigParser):
    def get(self, *args, **options):
        asked.append(args)
        return super().get(*args, **options)

config = Config()
config.read_string("[files]\ndir = data/")

def main(names):
    for name in names:
        text = open(config["files"]["dir"] + name).read()
        print(len(asked), len(text))

main(["%d.txt" % i for i in range(6)])
