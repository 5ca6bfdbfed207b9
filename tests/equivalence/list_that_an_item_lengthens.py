# fix: safe
from pathlib import Path


class Page:
    def __init__(self, site, name):
        self.site, self.name = site, name


class Site:
    def __init__(self, names):
        self.pages = [Page(self, name) for name in names]


def walk(pages):
    seen = []
    for page in pages:
        text = Path("links", page.name).read_text()
        seen.append(text)
        if page.name == "2.txt" and len(seen) < 9:
            page.site.pages.append(Page(page.site, "0.txt"))
    return seen


print(walk(Site(["0.txt", "1.txt", "2.txt", "3.txt"]).pages))
