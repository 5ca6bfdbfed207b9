# fix: unsafe
import sys
from urllib.request import Request, urlopen

base = sys.argv[1]
for number in range(8):
    request = Request(f"{base}/record/{number}", data=f"value={number}".encode(), method="POST")
    with urlopen(request, timeout=10) as response:
        answer = response.read()
    print(number, answer)
