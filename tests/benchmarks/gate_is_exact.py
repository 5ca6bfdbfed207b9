"""Whether the gate and the slices lose anything: every file of some folders is linted with them and whole.

Prints each file in which the findings differ, each that takes more than 5 s of CPU, and the counts; exit code 1 for either.
Run: python tests/benchmarks/gate_is_exact.py FOLDER...
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from par_lint.config import Config
from par_lint.engine import lint
from par_lint.findings import Finding, UnparsableSource
from par_lint.source import decode, parse_tree, split_lines

SLOW = 5.0  # seconds of CPU for one file


@dataclass(frozen=True)
class Compared:
    """One file: its lines, the findings that only one of the two ways gave, how many both gave, the seconds of the lint."""

    path: str
    lines: int = 0
    lost: tuple[Finding, ...] = ()
    found: int = 0
    seconds: float = 0.0


def compare(path: str) -> Compared:
    """Lint a file both ways."""
    source = Path(path).read_bytes()
    try:
        tree = parse_tree(source)
        lines = split_lines(decode(source)[0].removeprefix("\ufeff"))
    except UnparsableSource:
        return Compared(path)
    start = time.process_time()
    gated = lint(tree, lines, Config())
    seconds = time.process_time() - start
    whole = lint(tree, lines, Config(), gate=False)
    lost = tuple(finding for finding in (*gated, *whole) if gated.count(finding) != whole.count(finding))
    return Compared(path, len(lines), lost, len(gated), seconds)


def python_files(folders: list[str]) -> Iterator[str]:
    """All Python files below some folders."""
    for folder in folders:
        for root, _, names in os.walk(folder):
            yield from (os.path.join(root, name) for name in names if name.endswith(".py"))


def main(folders: list[str]) -> int:
    """Compare all files; 0 when nothing differs and nothing is slow."""
    files, lines, found, differing, slow = 0, 0, 0, 0, 0
    with ProcessPoolExecutor() as pool:
        for one in pool.map(compare, python_files(folders), chunksize=8):
            files, lines, found = files + 1, lines + one.lines, found + one.found
            if one.lost:
                differing += 1
                print(one.path, *(f"  {finding.line}: {finding.code} {finding.message}" for finding in one.lost), sep="\n")
            if one.seconds > SLOW:
                slow += 1
                print(f"{one.path}: {one.seconds:.1f} s")
    print(f"{files} files, {lines} lines, {found} findings: {differing} files differ, {slow} take more than {SLOW:.0f} s")
    return 1 if differing or slow else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
