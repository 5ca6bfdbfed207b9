# fix: safe
import sys
from urllib.request import urlopen

base = sys.argv[1]
for name in ["page/1", "page/2", "gone", "page/3"]:
    body = urlopen(f"{base}/{name}", timeout=10).read()
    print(name, body)
