# fix: person
STATE = {"skip": 0}


def counted(function):
    def count(*given):
        STATE["skip"] += 1
        return function(*given)

    return count


@counted
def show(text):
    print(text)


def load(number):
    text = open(f"data/{number}.txt").read()
    return text[STATE["skip"]:]


for number in range(5):
    text = load(number)
    show(text)
