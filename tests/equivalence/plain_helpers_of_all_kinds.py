# fix: safe
"""What is plainly safe stays so: containers, texts, logging, classes of the file without effects."""
import collections
import dataclasses
import logging

log = logging.getLogger(__name__)
LIMITS = {"data/1.txt": 3}


@dataclasses.dataclass
class Page:
    name: str
    lines: list = dataclasses.field(default_factory=list)

    def __str__(self):
        return f"{self.name}: {len(self.lines)}"


class Report:
    def __init__(self):
        self.pages = []

    def add(self, page):
        self.pages.append(page)


def load(name, title="page"):
    with open(name) as file:
        text = file.read()
    lines = sorted(text.split("\n"), key=len)
    return Page(title.title() + name, lines[:LIMITS.get(name, 10)])


report, counts = Report(), collections.Counter()
for name in [f"data/{number}.txt" for number in range(6)]:
    page = load(name)
    log.info("%s", name)
    report.add(page)
    counts[len(page.lines)] += 1
    print(page, name.upper())
print(counts, len(report.pages))
