# fix: unsafe
import asyncio
import functools
import sys
from urllib.request import urlopen


class Site:
    def __init__(self, base):
        self.base = base
        self.errors = 0

    def load(self, path, *, timeout):
        with urlopen(self.base + path, timeout=timeout) as response:
            return response.read().decode()

    async def get(self, path):
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(None, functools.partial(self.load, path, timeout=10))
        except OSError as error:
            return str(error)

    async def all(self, paths):
        lines = []
        for number, path in enumerate(paths):
            text = await self.get(path)
            if "404" in text:
                self.errors += 1
            lines.append(f"{number} {text}")
        return lines

    async def only_get(self, paths):
        for path in paths:
            if path == "/x":
                continue
            await self.get(path)


async def main(base):
    site = Site(base)
    print(await site.all([f"/{number}" for number in range(20)] + ["/gone"]))
    await site.only_get(["/x", "/y", "/gone"])
    print(site.errors)


asyncio.run(main(sys.argv[1]))
