"""No program of Python's grammar, and none whose names are derived in circles, makes par-lint fail: not its rules, not its fixes, nor `--why-silent`.

The results of fixes compile. `python tests/fixes/test_generated_syntax.py --examples 20000 --seed 7` is the long run: it prints every failure;
`--names` takes programs of a few names instead.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable

import pytest
from fault_search import find_faults
from names_grammar import write_names
from syntax_grammar import write_syntax

EXAMPLES = int(os.environ.get("PAR_LINT_EXAMPLES", "40"))


def look_at(seeds: range, write: Callable[[int], str | None]) -> tuple[Counter[str], list[tuple[int, str]]]:
    """What was done with the programs of some seeds, and what went wrong."""
    counts: Counter[str] = Counter()
    wrong: list[tuple[int, str]] = []
    for seed in seeds:
        source = write(seed)
        if source is not None:
            wrong += [(seed, fault) for fault in find_faults(source.encode(), counts)]
    return counts, wrong


@pytest.mark.parametrize("write", [write_syntax, write_names])
def test_no_program_makes_it_fail(write: Callable[[int], str | None]) -> None:
    counts, wrong = look_at(range(EXAMPLES), write)
    assert not wrong
    assert counts["parsed"] >= EXAMPLES * 0.4
    assert min(counts["findings"], counts["silent"]) > 0


def main() -> int:
    """The long run."""
    parser = argparse.ArgumentParser(description="Look for programs that make par-lint fail.")
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--names", action="store_true", help="programs whose names are derived from each other")
    options = parser.parse_args()
    write = write_names if options.names else write_syntax
    total: Counter[str] = Counter()
    found = 0
    for seed in range(options.seed, options.seed + options.examples, 100):
        counts, wrong = look_at(range(seed, min(seed + 100, options.seed + options.examples)), write)
        total += counts
        found += len(wrong)
        for number, fault in wrong:
            print(f"seed {number}: {fault}", flush=True)
    print(f"{dict(total)}, {found} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
