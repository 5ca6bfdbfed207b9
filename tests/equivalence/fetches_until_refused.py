# fix: safe
import sys
from urllib.error import HTTPError
from urllib.request import urlopen

base = sys.argv[1]
pages = []
for name in ["page/1", "page/2", "gone", "page/3", "gone", "page/4"]:
    try:
        page = urlopen(f"{base}/{name}", timeout=10).read().decode()
    except HTTPError as error:
        print("refused", name, error.code)
        continue
    pages.append(page)
print(pages)
