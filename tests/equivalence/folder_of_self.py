# fix: unsafe
import os
import shutil


class Store:
    def __init__(self, names):
        self.names = names
        self.folder = "store"

    def fill(self):
        for name in self.names:
            shutil.copy(name, os.path.join(self.folder, os.path.basename(name)))


os.mkdir("store")
Store([f"data/{number}.txt" for number in range(5)]).fill()
print(sorted(os.listdir("store")))
