# fix: safe
import sys
from urllib.request import urlopen

base = sys.argv[1]
for number in range(12):
    with urlopen(f"{base}/page/{number}", timeout=10) as response:
        body = response.read().decode()
    print(number, body)
