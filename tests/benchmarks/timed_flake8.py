"""Runs flake8 in this process and writes what each plugin cost: `python timed_flake8.py REPORT.json FLAKE8_ARGUMENTS...`.

Every call into a plugin is timed by `process_time`, so that the share of each is free of other load on the machine, and all
plugins see the same files in the same process.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

spent: Counter[str] = Counter()
found: Counter[str] = Counter()


class _Timed:
    """A plugin of which each step is timed."""

    def __init__(self, package: str, plugin: Callable[..., Any], arguments: dict[str, Any]) -> None:
        self._package = package
        self._inner = _clocked(package, lambda: plugin(**arguments))

    def run(self) -> Iterator[Any]:
        results = _clocked(self._package, lambda: iter(self._inner.run()))
        while True:
            result = _clocked(self._package, lambda: next(results, None))
            if result is None:
                return
            found[self._package] += 1
            yield result


def _clocked(package: str, work: Callable[[], Any]) -> Any:
    start = time.process_time()
    try:
        return work()
    finally:
        spent[package] += time.process_time() - start


def _wrapped(loaded: Any) -> Any:
    package, plugin = loaded.plugin.package, loaded.obj
    return loaded._replace(obj=lambda **arguments: _Timed(package, plugin, arguments))


def main(report: str, arguments: list[str]) -> None:
    """Run flake8 and write the seconds and the reports of each plugin, and the seconds of the whole."""
    from flake8 import checker
    from flake8.main import application

    run_ast_checks = checker.FileChecker.run_ast_checks
    swapped: set[int] = set()

    def run(self: Any) -> None:
        if id(self.plugins.tree) not in swapped:
            swapped.add(id(self.plugins.tree))
            self.plugins.tree[:] = [_wrapped(loaded) for loaded in self.plugins.tree]
        run_ast_checks(self)

    checker.FileChecker.run_ast_checks = run
    start = time.process_time()
    application.Application().run(arguments)
    whole = time.process_time() - start
    with open(report, "w", encoding="utf-8") as file:
        json.dump({"whole": whole, "spent": spent, "found": found}, file)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
