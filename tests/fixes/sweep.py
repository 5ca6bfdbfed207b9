"""`python tests/fixes/sweep.py FOLDER...` lints and fixes every Python file below folders, writes nothing, and prints each way in which par-lint fails.

Files that Python refuses are counted, and must be told in one line. The exit code is 1 when something failed, else 0.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fault_search import find_faults

from par_lint.engine.process_pool import map_on_cores

Swept = tuple[str, Counter[str], list[str]]
"""A file, what was done with it, and what went wrong."""


def find_python(folders: list[str]) -> Iterator[str]:
    """All files of Python among and below some paths, tests and installed packages included."""
    for folder in map(Path, folders):
        yield from (str(path) for path in ([folder] if folder.is_file() else sorted(folder.rglob("*.py"))) if path.is_file())


def sweep(path: str) -> Swept:
    """What comes of one file, with its lines and seconds among what is counted."""
    counts: Counter[str] = Counter()
    start = time.process_time()
    try:
        source = Path(path).read_bytes()
    except OSError as error:
        return path, counts, [f"cannot be read: {error}"]
    counts["lines"] = source.count(b"\n")
    faults = list(find_faults(source, counts))
    counts["milliseconds"] = int((time.process_time() - start) * 1000)
    return path, counts, faults


def lost(path: str) -> Swept:
    """A file on which the process died."""
    return path, Counter(), ["the process died"]


def main() -> int:
    """Sweep the folders, on all cores."""
    parser = argparse.ArgumentParser(description="Look for files that make par-lint fail.")
    parser.add_argument("folders", nargs="+", metavar="FOLDER")
    parser.add_argument("--part", default="1/1", metavar="K/N", help="only the K-th of each N files")
    parser.add_argument("--slow", type=float, default=60, help="seconds of work from which a file is named as slow (60)")
    options = parser.parse_args()
    first, step = map(int, options.part.split("/"))
    total: Counter[str] = Counter()
    try:
        for path, counts, faults in map_on_cores(sweep, itertools.islice(find_python(options.folders), first - 1, None, step), chunk=4, lost=lost):
            total.update(counts, files=1, faults=len(faults))
            for fault in faults:
                print(f"{path}: {fault}", flush=True)
            if counts["milliseconds"] >= options.slow * 1000:
                print(f"{path}: slow: {counts['milliseconds'] / 1000:.0f} s", flush=True)
    finally:  # of an interrupted run, too
        print(", ".join(f"{number} {what}" for what, number in total.items() if what != "milliseconds"))
    return 1 if total["faults"] else 0


if __name__ == "__main__":
    sys.exit(main())
