# fix: unsafe
import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


paths = sorted(Path("data").iterdir())
with ThreadPoolExecutor(max_workers=4) as pool:
    for number, path in enumerate(paths):
        if path.suffix == ".bin":
            continue
        name = path.name.upper()
        future = pool.submit(digest, path)
        print(number, name, future.result())
    print([pool.submit(digest, path).result() for path in paths if path.suffix == ".txt"])
