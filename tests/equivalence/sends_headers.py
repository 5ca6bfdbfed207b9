# fix: safe
import sys
from urllib.request import Request, urlopen

base = sys.argv[1]
for number in range(5):
    request = Request(f"{base}/page/{number}", headers={"Accept": "text/plain"})
    with urlopen(request, timeout=10) as response:
        page = response.read()
    print(page)
