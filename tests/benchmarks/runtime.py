"""run_parallel against the loop that it replaces, and against its peers: one table, in one process.

Run: python tests/benchmarks/runtime.py [--repeats N] [--markdown] [WORD ...]
(with words: only the workloads whose name contains one of them)

Each repeat runs every engine once, in shuffled order. A figure is best / median over the repeats: for work that does not
wait the ratio of CPU time to the loop's and, in brackets, of wall time; for work that waits the share of the ideal time.

The loads of loads.py are workloads too, named "loads: sleep 5 ms x 400" and so on: the word "loads" runs them all. Their
figures are best / median wall time, and its ratio to the best alternative: the loop or a pool, whichever is fastest. A load
is above its limit if both ratios are. `--markdown` runs the loads only, and prints them as a table.

Peers that are not installed are left out (`pip install -e ".[dev]"` brings them).
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import math
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

from loads import LOADS, Load, Work

from par_lint.parallel import run_parallel

Engine = Callable[[Work, Sequence[Any], int], Any]


def loop(work: Work, items: Sequence[Any], workers: int) -> list[Any]:
    """What run_parallel replaces, giving the same triples."""
    results: list[Any] = []
    for item in items:
        try:
            results.append((item, work(item), None))
        except Exception as error:  # noqa: PERF203
            results.append((item, None, error))
    return results


def ours(work: Work, items: Sequence[Any], workers: int) -> Any:
    return run_parallel(work, items, workers)


def our_stream(work: Work, items: Sequence[Any], workers: int) -> Any:
    return list(run_parallel(work, items, workers, stream=True))


def executor(work: Work, items: Sequence[Any], workers: int) -> Any:
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, items))


def thread_pool(work: Work, items: Sequence[Any], workers: int) -> Any:
    with ThreadPool(workers) as pool:
        return pool.map(work, items, chunksize=1)


def to_thread(work: Work, items: Sequence[Any], workers: int) -> Any:
    async def main() -> list[Any]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(workers))
        return await asyncio.gather(*(asyncio.to_thread(work, item) for item in items))

    return asyncio.run(main())


PEERS: dict[str, Engine] = {"ThreadPoolExecutor": executor, "ThreadPool": thread_pool, "to_thread": to_thread}
with suppress(ImportError):
    import joblib

    def joblib_threads(work: Work, items: Sequence[Any], workers: int) -> Any:
        return joblib.Parallel(workers, backend="threading")(joblib.delayed(work)(item) for item in items)

    PEERS["joblib"] = joblib_threads
with suppress(ImportError):
    from tqdm.contrib.concurrent import thread_map

    def tqdm_threads(work: Work, items: Sequence[Any], workers: int) -> Any:
        with open(os.devnull, "w") as nowhere:
            return thread_map(work, items, max_workers=workers, file=nowhere)

    PEERS["thread_map"] = tqdm_threads


@dataclass(frozen=True)
class Spent:
    """Seconds of one run."""

    wall: float
    cpu: float


def measure(engines: dict[str, Engine], work: Work, items: Sequence[Any], workers: int, repeats: int) -> dict[str, list[Spent]]:
    """Run all engines, shuffled, a number of times."""
    spent: dict[str, list[Spent]] = {name: [] for name in engines}
    for number in range(repeats + 1):
        for name in random.sample(list(engines), len(engines)):
            gc.collect()
            wall, cpu = time.perf_counter(), time.process_time()
            result = engines[name](work, items, workers)
            taken = Spent(time.perf_counter() - wall, time.process_time() - cpu)
            del result
            if number:  # the first is for warming up
                spent[name].append(taken)
    return spent


def best(values: Sequence[float]) -> float:
    return min(values)


def show(name: str, target: str, cells: dict[str, str]) -> None:
    print(f"{name}  (target: {target})")
    for engine, cell in cells.items():
        print(f"    {engine:20}{cell}")
    sys.stdout.flush()


def against_loop(name: str, target: str, work: Work, items: Sequence[Any], workers: int, repeats: int) -> None:
    """CPU and wall time as multiples of the loop's."""
    engines = {"loop": loop, "run_parallel": ours, "  stream=True": our_stream, **PEERS}
    spent = measure(engines, work, items, workers, repeats)
    cells = {}
    for engine, runs in spent.items():
        figures = []
        for pick in (best, statistics.median):
            cpu, wall = (pick([getattr(run, kind) for run in runs]) for kind in ("cpu", "wall"))
            loop_cpu, loop_wall = (pick([getattr(run, kind) for run in spent["loop"]]) for kind in ("cpu", "wall"))
            extra = (cpu - loop_cpu) * 1000
            figures.append(f"{cpu / loop_cpu:6.2f} ({wall / loop_wall:5.2f}) {extra:+8.2f} ms")
        cells[engine] = "   /".join(figures)
    show(name, target, cells)


def against_ideal(name: str, target: str, seconds: float, ideal: float, items: Sequence[Any], workers: int, repeats: int) -> None:
    """The share of the ideal time, which is that of the real length of a sleep."""
    real = statistics.median(_slept(seconds) for _ in range(20))
    spent = measure({"run_parallel": ours, "  stream=True": our_stream, **PEERS}, time.sleep, items, workers, max(3, repeats // 3))
    cells = {}
    for engine, runs in spent.items():
        shares = [100 * ideal * real / seconds / pick([run.wall for run in runs]) for pick in (best, statistics.median)]
        nominal = 100 * ideal / best([run.wall for run in runs])
        cpu = best([run.cpu for run in runs]) * 1e6 / len(items)
        cells[engine] = f"{shares[0]:6.1f} % / {shares[1]:5.1f} %   ({nominal:5.1f} % of nominal)   {cpu:6.1f} us CPU an item"
    show(name, target, cells)


def _slept(seconds: float) -> float:
    start = time.perf_counter()
    time.sleep(seconds)
    return time.perf_counter() - start


def in_seconds(name: str, target: str, work: Work, items: Sequence[Any], workers: int, repeats: int, engines: dict[str, Engine]) -> None:
    spent = measure(engines, work, items, workers, max(3, repeats // 4))
    cells = {}
    for engine, runs in spent.items():
        wall = [run.wall for run in runs]
        cpu = [run.cpu for run in runs]
        cells[engine] = (
            f"{best(wall) * 1000:8.1f} / {statistics.median(wall) * 1000:8.1f} ms   CPU {best(cpu) * 1000:7.1f} / {statistics.median(cpu) * 1000:7.1f} ms"
        )
    show(name, target, cells)


# The workloads ------------------------------------------------------------------------------------------------------


def cached_files(repeats: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, str(number)) for number in range(5000)]
        for path in paths:
            Path(path).write_bytes(b"word " * 819)
        for count in (200, 1000, 5000):
            against_loop(f"cached 4 KiB files, n = {count}", "<= 1.05 + 0.1 ms best, <= 1.15 median CPU", _read, paths[:count], 50, repeats)


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def computing(repeats: int) -> None:
    for count, size in ((60, 2000), (300, 14000)):
        against_loop(f"CPU-bound, {count} items", "<= 1.05 + 0.1 ms", _compute, [size] * count, 50, repeats)


def _compute(size: int) -> int:
    total = 0
    for number in range(size):
        total += number * number
    return total


def nothing(repeats: int) -> None:
    items = list(range(100_000))
    engines = {"loop": loop, "run_parallel": ours, "  stream=True": our_stream, **PEERS}
    few = {name: engine for name, engine in engines.items() if name in ("loop", "run_parallel", "  stream=True")}
    spent = measure(few, _same, items, 50, repeats)
    slow = measure({name: engine for name, engine in engines.items() if name not in few}, _same, items[:5000], 50, 3)
    cells = {}
    for engine, runs in {**spent, **slow}.items():
        count = len(items) if engine in spent else 5000
        cpu = [run.cpu * 1e6 / count for run in runs]
        cells[engine] = f"{best(cpu):7.3f} / {statistics.median(cpu):7.3f} us CPU an item"
    for count in (100_000, 1_000_000):
        many = list(range(count))
        tracemalloc.start()
        kept = run_parallel(_same, many)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        cells[f"memory, n = {count}"] = f"{peak / count:5.0f} bytes an item at the peak, {peak / 1e6:.0f} MB"
        del kept, many
    show("no-op", "<= 0.25 us CPU, <= 100 bytes, 1M items < 100 MB", cells)


def _same(item: Any) -> Any:
    return item


def fixed_cost(repeats: int) -> None:
    """Calls of 10 items that do nothing: in a row, and with rests between them, when the watchdog sleeps."""
    items = list(range(10))
    cells = {}
    engines: dict[str, Engine] = {"loop": loop, "run_parallel": ours, "  stream=True": our_stream, **PEERS}
    for rest in (0.0, 0.03):
        calls = 200 if not rest else 12
        for name, engine in engines.items():
            cpus, walls = [], []
            for _ in range(max(5, repeats // 4)):
                cpu = time.process_time()
                for _ in range(calls):
                    wall = time.perf_counter()
                    engine(_same, items, 50)
                    walls.append(time.perf_counter() - wall)
                    if rest:
                        time.sleep(rest)
                cpus.append((time.process_time() - cpu) / calls)
            label = f"{name}{', rested' if rest else ''}"
            cells[label] = f"{best(walls) * 1e6:8.1f} / {statistics.median(walls) * 1e6:8.1f} us wall   {best(cpus) * 1e6:8.1f} / {statistics.median(cpus) * 1e6:8.1f} us CPU"
    show("fixed cost of a call with 10 items", "<= 40 us", cells)


def sleeping(repeats: int) -> None:
    for seconds, workers, target in (
        (0.05, 50, ">= 98 %"), (0.05, 100, ">= 96 %"), (0.01, 50, ">= 96 %"), (0.01, 100, ">= 90 %"), (0.001, 50, ">= 69 %"),
    ):  # fmt: skip
        ideal = math.ceil(1000 / workers) * seconds
        against_ideal(f"sleep {seconds * 1000:g} ms x 1000, {workers} workers", target, seconds, ideal, [seconds] * 1000, workers, repeats)


def mixed(repeats: int) -> None:
    engines = {"loop": loop, "run_parallel": ours, "  stream=True": our_stream, **PEERS}
    for place in (0, 750):
        items = [0.0] * 1501
        items[place] = 0.05
        in_seconds(f"one 50 ms item, at {place}, + 1500 instant ones", "<= 51.5 ms", _maybe_sleep, items, 50, repeats, engines)


def _maybe_sleep(seconds: float) -> None:
    if seconds:
        time.sleep(seconds)


SERVER = """
import asyncio
async def answer(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    await asyncio.sleep(0.05)
    writer.write(b"HTTP/1.0 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\nok")
    await writer.drain()
    writer.close()
async def main():
    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


@contextmanager
def http_server() -> Iterator[str]:
    """The URL of a server in another process that answers after 50 ms."""
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}/"
        finally:
            process.kill()


def http(repeats: int) -> None:
    def fetch(url: str) -> bytes:
        with urllib.request.urlopen(url, timeout=30) as response:
            return bytes(response.read())

    engines = {"run_parallel": ours, "  stream=True": our_stream, **PEERS}
    with http_server() as url:
        for workers in (50, 100):
            in_seconds(
                f"HTTP 50 ms, 500 requests, {workers} workers", "ThreadPoolExecutor's throughput at <= 0.9 of its CPU",
                fetch, [url] * 500, workers, repeats, engines,
            )  # fmt: skip


def subprocesses(repeats: int) -> None:
    def run(command: str) -> int:
        return subprocess.run([command], check=True, timeout=60).returncode

    engines: dict[str, Engine] = {"loop": loop, "run_parallel": ours, "  stream=True": our_stream, "ThreadPoolExecutor": executor}
    in_seconds("200 subprocesses, 10 workers", "as fast as ThreadPoolExecutor(10)", run, ["/bin/true"] * 200, 10, repeats, engines)


# The loads of loads.py ----------------------------------------------------------------------------------------------

OURS: dict[str, Engine] = {"run_parallel": ours, "  stream=True": our_stream}
POOLS = {name: engine for name, engine in PEERS.items() if name != "thread_map"}  # it is ThreadPoolExecutor with a bar
MARKDOWN_HEAD = """\
| load | loop, ms | run_parallel, ms | stream=True, ms | best peer, ms | ratio best / median: run_parallel, stream=True |
|---|---|---|---|---|---|"""


@dataclass(frozen=True)
class Comparison:
    """Milliseconds that a load took by each engine, in the best repeat and in the median one."""

    load: Load
    best: dict[str, float]
    median: dict[str, float]

    def time(self, engine: str) -> str:
        return f"{self.best[engine]:.1f} / {self.median[engine]:.1f}"

    def ratios(self, engine: str) -> tuple[float, float]:
        """The best and the median time, each divided by that of the fastest alternative."""
        fastest_best, fastest_median = (min(times[name] for name in ("loop", *POOLS)) for times in (self.best, self.median))
        return self.best[engine] / fastest_best, self.median[engine] / fastest_median

    def is_above(self, engine: str) -> bool:
        """Whether one of our engines is too slow. One high ratio may be chance, so both must be high."""
        return engine in OURS and min(self.ratios(engine)) > self.load.limit


def compare(load: Load, repeats: int) -> Comparison:
    """Run a load with all engines, shuffled, a number of times."""
    with load.provide() as items:
        spent = measure({"loop": loop, **OURS, **POOLS}, load.work, items, load.workers, repeats)
    walls = {engine: [run.wall * 1000 for run in runs] for engine, runs in spent.items()}
    return Comparison(
        load,
        {engine: best(wall) for engine, wall in walls.items()},
        {engine: statistics.median(wall) for engine, wall in walls.items()},
    )


def compare_loads(loads: Sequence[Load], repeats: int, markdown: bool) -> None:
    """Compare on each load and print what came out; the last line says how many loads are above their limit."""
    possible = [load for load in loads if load.is_possible()]
    for load in loads:
        if load not in possible:
            print(f"Left out: {load.name} (needs {load.needs}).\n", flush=True)
    if markdown:
        print(MARKDOWN_HEAD, flush=True)
    compared = []
    for load in possible:
        compared.append(compare(load, repeats))
        if markdown:
            print(markdown_row(compared[-1]), flush=True)
        else:
            show_comparison(compared[-1])
    print(f"\n{last_line(compared)}.")


def show_comparison(comparison: Comparison) -> None:
    cells = {}
    for engine in comparison.best:
        in_best, in_median = comparison.ratios(engine)
        mark = "   ABOVE" * comparison.is_above(engine)
        times = f"{comparison.best[engine]:8.1f} / {comparison.median[engine]:8.1f} ms"
        cells[engine] = f"{times}   {in_best:6.2f} / {in_median:6.2f}{mark}"
    show(f"loads: {comparison.load.name}", f"<= {comparison.load.limit} times the best alternative", cells)


def markdown_row(comparison: Comparison) -> str:
    """The row of a load. Ratios above the limit are bold. The best peer is a pool: the loop has its own column."""
    peer = min(POOLS, key=comparison.best.__getitem__)
    ratios = []
    for engine in OURS:
        in_best, in_median = comparison.ratios(engine)
        bold = "**" * comparison.is_above(engine)
        ratios.append(f"{bold}{in_best:.2f} / {in_median:.2f}{bold}")
    times = [comparison.time(engine) for engine in ("loop", *OURS)]
    cells = [comparison.load.name, *times, f"{peer} {comparison.time(peer)}", ", ".join(ratios)]
    return f"| {' | '.join(cells)} |"


def last_line(compared: Sequence[Comparison]) -> str:
    above = {engine.strip(): sum(one.is_above(engine) for one in compared) for engine in OURS}
    loads = sum(any(map(one.is_above, OURS)) for one in compared)
    counts = ", ".join(f"{engine} {count}" for engine, count in above.items())
    return f"{loads} of {len(compared)} loads are above their limit ({counts})"


# The command --------------------------------------------------------------------------------------------------------

WORKLOADS: dict[str, Callable[[int], None]] = {
    "cached files": cached_files, "computing": computing, "no-op": nothing, "fixed cost": fixed_cost, "sleeping": sleeping,
    "mixed": mixed, "http": http, "subprocesses": subprocesses,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument("--markdown", action="store_true", help="run only the loads, and print a markdown table of them")
    words_help = "run only the workloads whose name contains one: " + ", ".join([*WORKLOADS, "loads"])
    parser.add_argument("words", nargs="*", metavar="WORD", help=words_help)
    options = parser.parse_args()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else math.nan
    machine = f"Python {sys.version.split()[0]}, {os.cpu_count()} processors, load {busy:.1f}"
    print(f"{machine}; best / median of {options.repeats} shuffled repeats\n")
    for name, workload in WORKLOADS.items():
        if not options.markdown and is_chosen(name, options.words):
            workload(options.repeats)
    if loads := [load for load in LOADS if is_chosen(f"loads: {load.name}", options.words)]:
        compare_loads(loads, options.repeats, options.markdown)


def is_chosen(name: str, words: Sequence[str]) -> bool:
    return not words or any(word in name for word in words)


if __name__ == "__main__":
    main()
