# fix: person
"""Each read is measured by a clock that is a parameter, and by one that an object holds."""
import time
from types import SimpleNamespace

TOOLS = SimpleNamespace(tick=time.monotonic)
PATHS = [f"data/{number}.txt" for number in range(1, 6)]


def crawl(paths, clock=time.perf_counter):
    found = []
    for path in paths:
        begun = clock()
        text = open(path).read()
        found.append((text, clock() - begun > 60))
    return found


def held(paths, tools):
    found = []
    for path in paths:
        begun = tools.tick()
        text = open(path).read()
        found.append((text, tools.tick() - begun > 60))
    return found


print(crawl(PATHS), held(PATHS, TOOLS))
