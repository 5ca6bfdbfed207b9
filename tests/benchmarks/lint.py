"""What linting costs: the table of the README, with flake8-bugbear, flake8-async, fixit and ruff measured in the same run.

Run: python tests/benchmarks/lint.py [--cache FOLDER] [--repeats N] [--only WORD]    the table
     python tests/benchmarks/lint.py --profile                                  microseconds per stage and per rule

All figures are CPU time but where wall time is said. Shares compare what runs inside one process, so that they mean the same
on a busy machine; other figures are the best of several runs. The first run fetches 40 MB from PyPI into the cache.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import IO_HEAVY, LARGE, MORE, OTHERS, OURS, PEERS, SUBSET, Cache, count_lines, default_folder, python_files
from stages import count, profile, slowest

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One line of the table: the largest value that is allowed, the one aimed at, and the measured one."""

    what: str
    must: float
    goal: float
    measured: float
    unit: str
    note: str = ""

    def __str__(self) -> str:
        verdict = "goal" if self.measured <= self.goal else "must" if self.measured <= self.must else "MISSED"
        shown = [f"{value:.3g} {self.unit}" for value in (self.must, self.goal, self.measured)]
        return f"| {self.what} | {shown[0]} | {shown[1]} | {shown[2]}{f' ({self.note})' if self.note else ''} | {verdict} |"


@dataclass(frozen=True)
class Cost:
    """What a command took: seconds of CPU and of wall time, and its peak memory in MB."""

    cpu: float
    wall: float
    memory: float


_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""What commands run in: modules are compiled once, as they are where a package is installed."""


def run(command: Sequence[object], stdin: Path | None = None) -> Cost:
    """Run a command to its end; its findings, and whether it had any, do not matter."""
    start = time.perf_counter()
    with open(stdin or os.devnull, "rb") as given, open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen([str(part) for part in command], stdin=given, stdout=nowhere, stderr=nowhere, env=_ENVIRONMENT)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
    memory = usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, memory)


def added(plain: Sequence[object], ours: Sequence[object], stdin: Path | None = None, times: int = 11) -> tuple[Cost, Cost]:
    """The best of each of two commands, run in turn, and so what the second adds to the first."""
    runs = [(run(plain, stdin), run(ours, stdin)) for _ in range(times)]
    one, other = ([pair[side] for pair in runs] for side in (0, 1))
    return min(one, key=lambda cost: cost.cpu), min(other, key=lambda cost: cost.cpu)


class Benchmark:
    """All measurements over one cache."""

    def __init__(self, cache: Cache, repeats: int) -> None:
        self._repeats = repeats
        self.io_heavy = cache.packages(IO_HEAVY)
        self.half_a_million = [*self.io_heavy, *cache.packages(MORE)]
        self.large = [*self.half_a_million, *cache.packages(LARGE)]
        self._ours = cache.environment("ours", OURS, with_par_lint=True)
        self._ours_alone = cache.environment("ours-alone", OURS[:1], with_par_lint=True)
        self._plain = cache.environment("plain", OURS[:1])
        self._peers = cache.environment("peers", PEERS)
        self._others = cache.environment("others", OTHERS)

    # Inside flake8 ------------------------------------------------------------------------------------------------

    def shares(self) -> Iterator[Row]:
        """What the plugins add to flake8, all in one process."""
        lines = count_lines(python_files(self.io_heavy))
        say(f"flake8 --jobs 1 over {lines:,} lines, {self._repeats}x")
        reports = [self._inside(self.io_heavy) for _ in range(self._repeats)]
        shares, ratios = [], []
        for report in reports:
            ours, bugbear = report["spent"]["par-lint"], report["spent"]["flake8-bugbear"]
            default = report["whole"] - ours - bugbear
            shares.append(100 * ours / default)
            ratios.append(ours / bugbear)
            per_line = ", ".join(f"{name} {1e6 * spent / lines:.1f}" for name, spent in (("default", default), ("bugbear", bugbear), ("par-lint", ours)))
            say(f"  us/line: {per_line}; {report['found']['par-lint']} findings")
        yield Row("CPU added to flake8's default run", 8, 5, statistics.median(shares), "%", f"bugbear {statistics.median(s / r for s, r in zip(shares, ratios)):.3g} %")
        yield Row("against what flake8-bugbear adds in the same process", 1 / 2, 1 / 3, statistics.median(ratios), "x")

    def _inside(self, folders: Sequence[Path]) -> Any:
        with tempfile.TemporaryDirectory() as place:
            report = Path(place) / "report.json"
            run([self._ours / "python", HERE / "timed_flake8.py", report, "--isolated", "--jobs", 1, "-q", *folders])
            return json.loads(report.read_text())

    # The gate -----------------------------------------------------------------------------------------------------

    def gate(self) -> Iterator[Row]:
        """How little of the code is parsed a second time; exact counts."""
        with ProcessPoolExecutor(1) as pool:  # else commands that are run later would begin with the memory of this process
            counts = pool.submit(count, python_files(self.io_heavy)).result()
        yield Row("files that import libcst", 12, 8, 100 * counts.parsed / counts.files, "%", f"{counts.parsed} of {counts.files}")
        functions = 100 * (counts.slice_lines + counts.function_lines) / counts.lines
        note = f"{counts.slice_lines:,} of {counts.lines:,}; {functions:.3g} % with the functions parsed when asked for"
        yield Row("slice lines / lines", 2.5, 1.5, 100 * counts.slice_lines / counts.lines, "%", note)

    # Editors ------------------------------------------------------------------------------------------------------

    def start_up(self) -> Iterator[Row]:
        """One small file without a candidate."""
        say("flake8 on one file, with and without par-lint in turn")
        with tempfile.TemporaryDirectory() as place:
            file = Path(place) / "one.py"
            file.write_text('"""Nothing."""\n\nimport os\n\nprint(os.sep)\n')
            plain, ours = added(*([programs / "python", "-m", "flake8", "--isolated", file] for programs in (self._plain, self._ours_alone)), times=21)
        yield Row("start-up added to `flake8 one_file.py` without a candidate", 20, 10, 1000 * (ours.cpu - plain.cpu), "ms", f"flake8 itself {1000 * plain.cpu:.0f} ms")

    def editor(self) -> Iterator[Row]:
        """A file of a thousand lines with candidates, from standard input."""
        file = next(path for path in python_files(self.io_heavy) if path.match("snakemake/deployment/conda.py"))
        say(f"flake8 - < conda.py ({count_lines([file])} lines)")
        plain, ours = added(*([programs / "python", "-m", "flake8", "--isolated", "-"] for programs in (self._plain, self._ours_alone)), stdin=file)
        yield Row("1,000-line file from stdin with candidates", 0.5, 0.35, ours.cpu - plain.cpu, "s", f"flake8 itself {plain.cpu:.2f} s")
        yield Row("memory added", 30, 20, ours.memory - plain.memory, "MB", f"flake8 itself {plain.memory:.0f} MB")

    # Large trees --------------------------------------------------------------------------------------------------

    def worst(self) -> Iterator[Row]:
        """The file that takes longest."""
        files = python_files(self.large)
        say(f"the slowest of {len(files):,} files, {count_lines(files):,} lines")
        path, seconds = slowest(files)
        yield Row("worst file of 3 million lines of site-packages", 2, 0.5, seconds, "s", path.name)

    def trees(self) -> Iterator[Row]:
        """par-lint's own commands over half a million lines; wall time."""
        lines = count_lines(python_files(self.half_a_million))
        say(f"par-lint check and fix over {lines:,} lines, {os.cpu_count()} cores")
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            for package in self.half_a_million:
                shutil.copytree(package, folder / package.name)
            (folder / "pyproject.toml").write_text("[tool.par-lint]\n")
            cold = run([self._ours / "par-lint", "check", folder])
            warm = run([self._ours / "par-lint", "check", folder])
            fix = run([self._ours / "par-lint", "fix", "--runtime", "par_lint.parallel", folder])
        yield Row("`par-lint check` over 500k lines, 2 cores (wall)", 20, 10, cold.wall, "s", f"{cold.cpu:.1f} s CPU")
        yield Row("the same again, unchanged (CPU against the first)", 1 / 10, 1 / 20, warm.cpu / cold.cpu, "x", f"{warm.wall:.2f} s")
        yield Row("`par-lint fix` over 500k lines, 2 cores (wall)", 30, 15, fix.wall, "s", f"{fix.cpu:.1f} s CPU")

    # Peers --------------------------------------------------------------------------------------------------------

    def peers(self) -> Iterator[str]:
        """What others take on 5,000 lines, as multiples of flake8's own time there."""
        folder = next(package for package in self.io_heavy if package.name.startswith(SUBSET[0])) / Path(*SUBSET)
        lines = count_lines(python_files([folder]))
        say(f"peers on {lines:,} lines")
        flake8 = ["-m", "flake8", "--isolated", "--jobs", 1, "-q", folder]
        plain, ours = added([self._plain / "python", *flake8], [self._ours_alone / "python", *flake8], times=3)
        slow = run([self._peers / "python", *flake8])
        fixit = run([self._others / "fixit", "--quiet", "lint", folder])
        ruff = run([self._others / "ruff", "check", "--isolated", "--no-cache", folder])
        yield f"| flake8, default | {plain.cpu:.2f} s | 1 |"
        for name, cost in (("flake8 with par-lint", ours), ("flake8 with flake8-async", slow), ("fixit, its own rules", fixit), ("ruff, default rules", ruff)):
            yield f"| {name} | {cost.cpu:.2f} s | {cost.cpu / plain.cpu:.2g} |"


def say(text: str) -> None:
    """Tell on standard error what is being measured."""
    print(f"... {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Print the table; 1 where a value is above what is allowed."""
    parser = argparse.ArgumentParser(description="What linting costs.")
    parser.add_argument("--cache", type=Path, default=default_folder(), help="where packages and environments are kept")
    parser.add_argument("--repeats", type=int, default=1, help="runs of flake8 over the corpus, of which the median counts")
    parser.add_argument("--only", help="measure what has this word in its name: shares, gate, start_up, editor, worst, trees, peers")
    parser.add_argument("--profile", action="store_true", help="print microseconds per stage and per rule instead")
    options = parser.parse_args()
    if options.profile:
        print(profile(python_files(Cache(options.cache).packages(IO_HEAVY))))
        return 0
    benchmark = Benchmark(Cache(options.cache), options.repeats)
    parts: list[Callable[[], Iterator[Row]]] = [
        benchmark.shares, benchmark.gate, benchmark.start_up, benchmark.editor, benchmark.worst, benchmark.trees,
    ]  # fmt: skip
    rows = [row for part in parts if not options.only or options.only in part.__name__ for row in part()]
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} x {processor()}, {platform.system()}\n")
    print("| | must | goal | measured | met |", "|---|---|---|---|---|", *rows, sep="\n")
    if not options.only or options.only in "peers":
        print("\n| on 5,000 lines of poetry | CPU | x flake8 |", "|---|---|---|", *benchmark.peers(), sep="\n")
    return int(any(row.measured > row.must for row in rows))


def processor() -> str:
    """The name of the processor, as well as the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
