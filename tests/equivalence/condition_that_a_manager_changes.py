# fix: person
DONE = set()


class Marker:
    def at(self, number):
        self.number = number
        return self

    def __enter__(self):
        return None

    def __exit__(self, *error):
        DONE.add(self.number)


def main():
    marker = Marker()
    for number in [1, 2, 1, 3, 2, 4]:
        if number in DONE:
            continue
        text = open(f"data/{number}.txt").read()
        print(text)
        with marker.at(number):
            pass


main()
