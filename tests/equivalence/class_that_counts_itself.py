# fix: none
PAGES = []


class Page:
    def __init__(self, name):
        self.text = open(name).read()
        PAGES.append(name)
        self.number = len(PAGES)


pages = []
for name in ["data/1.txt", "data/2.txt", "data/3.txt", "data/4.txt"]:
    page = Page(name)
    pages.append((page.number, page.text))
print(pages)
