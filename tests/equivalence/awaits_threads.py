# fix: unsafe
import asyncio
import sys
import urllib.request


def load(url, timeout):
    with urllib.request.urlopen(url, timeout=timeout) as response:
        return response.read().decode()


async def main(base):
    found = {}
    sizes = []
    for number in range(30):
        if number % 7 == 3:
            continue
        url = f"{base}/page/{number}"
        text = await asyncio.to_thread(load, url, 10)
        found[number] = text
        sizes.append(len(url))
    print(found, sizes)
    print([await asyncio.to_thread(load, f"{base}/{name}", 10) for name in "abcd" if name != "b"])
    print({name: len(await asyncio.to_thread(load, f"{base}/{name}", 10)) for name in "abcd"})


asyncio.run(main(sys.argv[1]))
