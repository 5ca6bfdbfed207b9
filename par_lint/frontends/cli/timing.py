"""`par-lint check --timing`: how long each stage and each rule took."""

from __future__ import annotations

import functools
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from par_lint.engine.process_pool import set_jobs

_Place = tuple[Any, str, str]  # owner, attribute, the name of the stage


def timed(run: Callable[[], int]) -> int:
    """Call `run` in this process alone, print the table on standard error, and return its exit code."""
    set_jobs(1)
    clock = _Clock()
    with clock.replacing(list(_places())):
        began = time.perf_counter()
        code = run()
        total = time.perf_counter() - began
    clock.spent["everything else"] = total - sum(clock.spent.values())
    sys.stdout.flush()
    print("  seconds  share  stage or rule (what several rules share counts for the first that needs it)", file=sys.stderr)
    for name, spent in sorted(clock.spent.items(), key=lambda row: -row[1]):
        print(f"{spent:9.3f}  {100 * spent / total:4.0f}%  {name}", file=sys.stderr)
    print(f"{total:9.3f}  100%  total", file=sys.stderr)
    return code


class _Clock:
    """Time by stage; what runs inside a stage that is timed itself is left out of the outer one."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self._inner = [0.0]

    @contextmanager
    def replacing(self, places: list[_Place]) -> Iterator[None]:
        """Time functions and methods meanwhile."""
        before = [(owner, attribute, getattr(owner, attribute), attribute in vars(owner)) for owner, attribute, _ in places]
        for (owner, attribute, name), (_, _, work, _) in zip(places, before, strict=True):
            setattr(owner, attribute, self._timed(name, work))
        try:
            yield
        finally:
            for owner, attribute, work, is_own in before:
                if is_own:
                    setattr(owner, attribute, work)
                else:  # inherited
                    delattr(owner, attribute)

    def _timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(work)
        def run(*arguments: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            began = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                took = time.perf_counter() - began
                self.spent[name] += took - self._inner.pop()
                self._inner[-1] += took

        return run


def _places() -> Iterator[_Place]:
    """Yield what to time: the stages of linting a file, and the visitors of all rules."""
    from par_lint.analysis.syntax import batched_visit
    from par_lint.engine import fix_file, lint_files
    from par_lint.engine.lint_file import File
    from par_lint.rules import all_rules

    batched_visit._methods.cache_clear()  # it keeps the methods that it found
    yield lint_files, "parse_tree", "parse (ast)"
    yield lint_files, "read_source", "read files"
    yield File, "slice", "index, names and candidates (gate)"
    yield File, "facts", "parse candidates (LibCST)"
    yield fix_file.SingleFixes, "fix_all", "make fixes for the report"
    for rule in all_rules():
        visitor: Any = rule.Visitor
        for name in dir(visitor):
            if name.startswith("visit_") and any(name in vars(base) for base in visitor.__mro__ if base.__module__.startswith("par_lint")):
                yield visitor, name, f"{rule.RULE.code} {rule.RULE.name}"
