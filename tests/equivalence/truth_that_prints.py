# fix: unsafe
class Job:
    def __init__(self, path):
        self.path = path

    def __bool__(self):
        print("is", self.path)
        return self.path[-5] in "135"


def collect(jobs):
    texts = []
    for job in jobs:
        if not job:
            continue
        with open(job.path) as file:
            text = file.read()
        print("read", len(text))
        texts.append(text)
    return texts


print(collect([Job(f"data/{number}.txt") for number in range(6)]))
