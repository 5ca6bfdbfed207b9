# fix: person
class Job:
    def __init__(self, number, state):
        self.number = number
        self.state = state

    def load(self):
        text = open(f"data/{self.number}.txt").read()
        return text[self.state["skip"]:]

    def finish(self):
        self.state["skip"] += 1


state = {"skip": 0}
for job in [Job(number, state) for number in range(5)]:
    text = job.load()
    print(text)
    job.finish()
