# fix: safe
class Job:
    def __init__(self, number):
        self.number = number
        self.tries = 0


one, other = Job(1), Job(2)
found = []
for job in [one, other, one, one, other, other]:
    text = open(f"data/{job.number}.txt").read()
    found.append(text[job.tries:])
    job.tries += 1
print(found)
