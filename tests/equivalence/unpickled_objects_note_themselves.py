# fix: person
import pickle

BORN = []


class Record:
    def __setstate__(self, state):
        BORN.append(state)


found = []
for number in range(6):
    with open(f"data/{number}.pickle", "wb") as file:
        pickle.dump(Record(), file)
for number in range(6):
    with open(f"data/{number}.pickle", "rb") as file:
        record = pickle.load(file)
    found.append(type(record).__name__)
print(found, BORN)
