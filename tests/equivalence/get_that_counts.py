# fix: none
class Cache:
    asked = 0

    def get(self, key):
        self.asked += 1
        return self.asked


cache = Cache()


def load(name):
    with open(name) as file:
        text = file.read()
    return cache.get(name), text


print([load(name) for name in [f"data/{number}.txt" for number in range(6)]])
