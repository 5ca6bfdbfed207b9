# fix: unsafe
import sys
import urllib.request


def get(address):
    with urllib.request.urlopen(address, timeout=5) as reply:
        return reply.read().decode()


base = sys.argv[1]
a = get(base + "/a")
b = get(base + "/b")
c, d = get(base + "/c"), get(base + "/d")
print(a, b, c, d)
