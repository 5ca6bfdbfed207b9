"""How much longer run_parallel takes than the loop it replaces when nothing waits, and how much less when all does.

Paired and in one process: each round times both, in turn; the figure is the median of the ratios.
Run: python tests/benchmarks/runtime_against_loop.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from par_lint.parallel import run_parallel

ROUNDS = 15


def ratio(loop: Callable[[], object], parallel: Callable[[], object]) -> float:
    """The median of the time of `parallel` divided by that of `loop`."""
    found = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        loop()
        middle = time.perf_counter()
        parallel()
        found.append((time.perf_counter() - middle) / (middle - start))
    return statistics.median(found)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(number)) for number in range(500)]
        for path in paths:
            path.write_text("word " * 200)

        def read(path: Path) -> str:
            return path.read_text()

        def wait(_: int) -> None:
            time.sleep(0.01)

        cached = ratio(lambda: [read(path) for path in paths], lambda: run_parallel(read, paths, max_workers=20))
        streamed = ratio(lambda: [read(path) for path in paths], lambda: list(run_parallel(read, paths, max_workers=20, stream=True)))
        waiting = ratio(lambda: [wait(n) for n in range(40)], lambda: run_parallel(wait, range(40), max_workers=20))
    print(f"500 cached files, list:   {cached:.2f} of the loop's time")
    print(f"500 cached files, stream: {streamed:.2f} of the loop's time")
    print(f"40 waits of 10 ms:        {waiting:.2f} of the loop's time")


if __name__ == "__main__":
    main()
