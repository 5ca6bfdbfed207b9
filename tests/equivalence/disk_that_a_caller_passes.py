# fix: person
loads = []

class Disk:
    def load(self, path):
        with open(path) as file:
            return file.read()

class CountingDisk:
    def load(self, path):
        loads.append(path)
        with open(path) as file:
            return file.read()

def main(paths, disk=None):
    if disk is None:
        disk = Disk()
    for path in paths:
        text = disk.load(path)
        print(len(loads), len(text))

main(["data/%d.txt" % i for i in range(6)], CountingDisk())
