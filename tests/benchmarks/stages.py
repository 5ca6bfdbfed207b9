"""What par-lint does with each file, counted and timed stage by stage, without flake8 around it."""

from __future__ import annotations

import functools
import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import UnparsableSource, decode, parse_tree, split_lines
from par_lint.engine.lint_file import File, lint

_CONFIG = Config()


@dataclass(frozen=True)
class Counts:
    """Files and lines; the files of which libcst parses anything, the lines of their slices, and those of functions parsed apart."""

    files: int
    lines: int
    parsed: int
    slice_lines: int
    function_lines: int


def count(files: Sequence[Path]) -> Counts:
    """Exact counts over files; those that Python refuses are left out."""
    read = [file for file in map(_file, files) if file is not None]
    pieces = [(file, piece) for file in read if (piece := file.slice()) is not None]
    with _counted_functions() as counted:
        for file, piece in pieces:
            file.reports(piece)
    slice_lines = sum(len(piece.file_lines) for _, piece in pieces)
    return Counts(len(read), sum(len(file.lines) for file in read), len(pieces), slice_lines, sum(counted))


@contextmanager
def _counted_functions() -> Iterator[list[int]]:
    """The lines of each function that is parsed by itself meanwhile."""
    from par_lint.analysis import facts

    cut = facts.slice_function
    counted: list[int] = []

    def noting(*arguments: Any) -> Any:
        piece = cut(*arguments)
        counted.append(len(piece.file_lines))
        return piece

    facts.slice_function = noting
    try:
        yield counted
    finally:
        facts.slice_function = cut


def _file(path: Path) -> File | None:
    try:
        return File.of(path.read_bytes(), _CONFIG, str(path))
    except (UnparsableSource, RecursionError):
        return None


def slowest(files: Sequence[Path]) -> tuple[Path, float]:
    """The file whose lint takes most CPU time, and that time in seconds, its tree being given as flake8 gives it."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        return max(pool.map(_seconds, files, chunksize=16), key=lambda one: one[1])


def _seconds(path: Path) -> tuple[Path, float]:
    import libcst  # noqa: F401  # a process imports it once

    try:
        source = path.read_bytes()
        tree, lines = parse_tree(source), split_lines(decode(source)[0].removeprefix("\ufeff"))
    except UnparsableSource:
        return path, 0.0
    start = time.process_time()
    lint(tree, lines, _CONFIG, str(path))
    return path, time.process_time() - start


# Stages ---------------------------------------------------------------------------------------------------------------


class Clock:
    """CPU time by stage: what runs inside a stage that is timed itself is left out of the outer one."""

    def __init__(self) -> None:
        self.spent: Counter[str] = Counter()
        self._inner = [0.0]

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """`work` with its time noted under `name`."""

        @functools.wraps(work)
        def run(*arguments: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            start = time.process_time()
            try:
                return work(*arguments, **named)
            finally:
                took = time.process_time() - start
                self.spent[name] += took - self._inner.pop()
                self._inner[-1] += took

        return run

    @contextmanager
    def replacing(self, places: Sequence[tuple[Any, str, str]]) -> Iterator[None]:
        """Time functions and methods, given as owner, attribute and the name of the stage."""
        before = [(owner, attribute, owner.__dict__[attribute]) for owner, attribute, _ in places]
        for owner, attribute, name in places:
            setattr(owner, attribute, self.timed(name, owner.__dict__[attribute]))
        try:
            yield
        finally:
            for owner, attribute, old in before:
                setattr(owner, attribute, old)


def profile(files: Sequence[Path]) -> str:
    """Microseconds per line of file by stage and by rule; what several rules share counts for the first that asks."""
    read = [(parse_tree(source), split_lines(decode(source)[0].removeprefix("\ufeff"))) for source in _readable(files)]
    gc.freeze()
    clock = Clock()
    clock.timed("import libcst and the rules", _import_rules)()
    with clock.replacing(_places()):
        start = time.process_time()
        found = sum(len(lint(tree, lines, _CONFIG)) for tree, lines in read)
        whole = time.process_time() - start
    total = sum(len(lines) for _, lines in read)
    clock.spent["the rest"] = whole - sum(clock.spent.values()) + clock.spent["import libcst and the rules"]
    rows = [f"{1e6 * spent / total:8.3f}  {name}" for name, spent in clock.spent.most_common()]
    return "\n".join([f"{len(read)} files, {total:,} lines, {found} findings; microseconds of CPU per line", *rows, f"{1e6 * whole / total:8.3f}  all but the import"])


def _readable(files: Sequence[Path]) -> Iterator[bytes]:
    for path in files:
        source = path.read_bytes()
        try:
            parse_tree(source)
        except UnparsableSource:
            continue
        yield source


def _import_rules() -> None:
    from par_lint.rules import all_rules

    all_rules()


def _places() -> list[tuple[Any, str, str]]:
    import libcst as cst

    from par_lint.analysis import facts
    from par_lint.analysis.gate import candidates
    from par_lint.analysis.semantics import file_index
    from par_lint.analysis.semantics.dataflow import data_flow
    from par_lint.analysis.syntax import batched_visit
    from par_lint.analysis.syntax import parents as tree
    from par_lint.analysis.syntax import parsed_slice as parsed
    from par_lint.engine import lint_file
    from par_lint.rules import all_rules

    places: list[tuple[Any, str, str]] = [
        (file_index.FileIndex, "__init__", "index"),
        (candidates.Candidates, "wanted", "candidates"),
        (data_flow.DataFlow, "body", "flow of values"),
        (lint_file, "slice_around", "slice"),
        (cst, "parse_module", "parse"),
        (tree.NodeTree, "_survey", "survey"),
        (parsed, "spans", "positions"),
        (facts, "slice_function", "slice"),
        (batched_visit, "walk", "walk"),
    ]
    visitors = {base: base.__module__ for rule in all_rules() for base in rule.Visitor.__mro__ if base.__module__.startswith("par_lint.rules.")}
    for visitor, module in visitors.items():
        places += [(visitor, name, f"rule {module.rpartition('.')[2]}") for name in vars(visitor) if name.startswith("visit_")]
    return places


if __name__ == "__main__":
    print(profile([Path(name) for name in sys.argv[1:]]))
