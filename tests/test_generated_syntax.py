"""No program of Python's grammar makes par-lint fail: not its rules, not its fixes, whose results compile, nor `--why-silent`.

`python tests/test_generated_syntax.py --examples 20000 --seed 7` is the long run: it prints every failure.
"""

from __future__ import annotations

import argparse
import ast
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator

from syntax_grammar import write_syntax

from par_lint.config import Config
from par_lint.engine import find_silences, fix, lint
from par_lint.internal import failures

EXAMPLES = int(os.environ.get("PAR_LINT_EXAMPLES", "40"))


def faults(source: str, counts: Counter[str]) -> Iterator[str]:
    """What goes wrong with a program; what is done with it is counted."""
    try:
        for gate in (True, False):
            found = lint(ast.parse(source), source.splitlines(keepends=True), Config(), gate=gate)
            yield from (f"lint: {failed.line}: {failed.message}" for failed in failures(found))
        counts["findings"] += len(found)
        for unsafe in (False, True):
            result = fix(source.encode(), Config(), unsafe=unsafe, runtime="par_lint.parallel")
            counts["fixed"] += len(result.fixed)
            yield from (f"fix: {failed.line}: {failed.message}" for failed in result.failures)
            reasons = [str(left.withheld) for left in result.remaining if left.withheld is not None]
            yield from (f"fix: {reason}" for reason in reasons if "would not be Python" in reason or "could not check" in reason)
            compile(result.source, "<fixed>", "exec", dont_inherit=True)
        counts["silent"] += len(find_silences(source.encode(), Config()))
    except Exception as error:
        yield f"{type(error).__name__}: {error}"


def look_at(seeds: range) -> tuple[Counter[str], list[tuple[int, str]]]:
    """What was done with the programs of some seeds, and what went wrong."""
    counts: Counter[str] = Counter()
    wrong: list[tuple[int, str]] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for seed in seeds:
            source = write_syntax(seed)
            if source is not None:
                counts["programs"] += 1
                wrong += [(seed, fault) for fault in faults(source, counts)]
    return counts, wrong


def test_no_program_makes_it_fail() -> None:
    counts, wrong = look_at(range(EXAMPLES))
    assert not wrong
    assert counts["programs"] >= EXAMPLES * 0.4
    assert min(counts["findings"], counts["silent"]) > 0


def main() -> int:
    """The long run."""
    parser = argparse.ArgumentParser(description="Look for programs that make par-lint fail.")
    parser.add_argument("--examples", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    total: Counter[str] = Counter()
    found = 0
    for seed in range(options.seed, options.seed + options.examples, 100):
        counts, wrong = look_at(range(seed, min(seed + 100, options.seed + options.examples)))
        total += counts
        found += len(wrong)
        for number, fault in wrong:
            print(f"seed {number}: {fault}", flush=True)
    print(f"{dict(total)}, {found} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
