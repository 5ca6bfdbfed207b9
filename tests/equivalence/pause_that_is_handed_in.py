# fix: none
"""The requests come in their time: the pause is a parameter."""
import os
import time
import urllib.request


def crawl(base, sleep=time.sleep):
    found = []
    for number in range(1, 5):
        with urllib.request.urlopen(f"{base}/page/{number}", timeout=5) as answer:
            found.append(answer.read())
        sleep(0.01)
    return found


print(crawl(os.environ["BASE"]))
