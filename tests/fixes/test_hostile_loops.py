"""Programs that are out to break safe fixes do the same after them, with slow files, a slow server and the runtime's real threads.

`python tests/fixes/test_hostile_loops.py --examples 20000 --seed 7` is the long run: it prints every divergence. `--show SEED` prints a program
before and after its fix.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hostile_grammar import write_hostile
from loops_grammar import RandomChoices

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

EXAMPLES = int(os.environ.get("PAR_LINT_HOSTILE_EXAMPLES", "1500" if "CI" in os.environ else "200"))
LEAST_CHANGED = 0.3
TESTS = Path(__file__).parent
RUNNER = TESTS / "hostile_run.py"
CHILDREN = 2
BATCH = 250  # programs that one process tries: none may grow large by what programs leave behind


@dataclass
class Found:
    """What became of programs: how many were tried and changed, and the faults by seed."""

    tried: int = 0
    changed: int = 0
    faults: dict[int, str] = field(default_factory=dict)


def try_seeds(seeds: range) -> Found:
    """Try the programs of some seeds, in processes of their own; after one that hangs the next process goes on."""
    found, first, again = Found(), seeds.start, -1
    while first < seeds.stop:
        done = subprocess.run(
            [sys.executable, "-X", "utf8", str(RUNNER), str(first), str(seeds.stop)], capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)]), "PYTHONHASHSEED": "0"},
        )  # fmt: skip
        last: dict[str, object] = {}
        for line in done.stdout.splitlines():
            last = json.loads(line)
            if "done" in last:
                first = int(str(last["done"])) + 1
                _count(found, first - 1, bool(last["changed"]), str(last["fault"]))
        if first < seeds.stop and first != again:
            again = first  # on a busy machine a program may be slow: it hangs if it does so twice
        elif first < seeds.stop:
            assert "begun" in last, done.stderr
            hung = f"it does not end, or ends the process:\n{done.stderr[-3000:]}"
            _count(found, first, True, "" if "unsafe" in last and "Timeout" in done.stderr else hung)
            first += 1
    return found


def _count(found: Found, seed: int, is_changed: bool, fault: str) -> None:
    found.tried += 1
    found.changed += is_changed
    if fault:
        found.faults[seed] = fault


def batches(seeds: range, size: int) -> Iterator[Found]:
    """Try the programs of some seeds, several processes at a time."""
    parts = [range(first, min(first + size, seeds.stop)) for first in range(seeds.start, seeds.stop, size)]
    with ThreadPoolExecutor(CHILDREN) as pool:
        yield from pool.map(try_seeds, parts)


def texts(seed: int) -> tuple[str, str]:
    """A program before and after its safe fix."""
    source = write_hostile(RandomChoices(seed))
    return source, fix(source.encode(), Config(), runtime="par_lint.parallel").source.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="programs make links, and rename open files")
def test_hostile_programs_do_the_same_after_their_safe_fix() -> None:
    tried = changed = 0
    for found in batches(range(EXAMPLES), -(-EXAMPLES // (2 * CHILDREN))):
        for seed, fault in found.faults.items():
            pytest.fail("\n".join([f"seed {seed}: {fault}", *texts(seed)]))
        tried += found.tried
        changed += found.changed
    assert tried == EXAMPLES
    assert changed >= LEAST_CHANGED * tried


def main() -> int:
    """The long run."""
    parser = argparse.ArgumentParser(description="Look for programs that do something else after their safe fix.")
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, metavar="SEED", help="print one program before and after its fix")
    options = parser.parse_args()
    if options.show is not None:
        print("\n--- after\n".join(texts(options.show)))
        return 0
    tried = changed = faults = 0
    for found in batches(range(options.seed, options.seed + options.examples), BATCH):
        tried, changed, faults = tried + found.tried, changed + found.changed, faults + len(found.faults)
        for seed, fault in found.faults.items():
            print(f"seed {seed}: {fault}", flush=True)
    print(f"{tried} programs, {changed} changed ({changed / max(1, tried):.0%}), {faults} divergences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
