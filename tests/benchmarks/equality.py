"""Whether what makes the lint cheap changes what it finds: over real code, each file once as it is linted and once the long way.

Three comparisons: the gate and the slices against the whole file; our positions against LibCST's PositionProvider; the names
that our resolver gives callees against LibCST's QualifiedNameProvider. The last may differ in one way: where a name has several
bindings, the stock provider gives the names of all, and ours the one that is in force.

Run: python tests/benchmarks/equality.py FOLDER...     prints each difference and the counts; exit code 1 where there is any.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider, QualifiedNameProvider, QualifiedNameSource

from par_lint.analysis.gate.slices import whole
from par_lint.analysis.semantics.values import Named
from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import UnparsableSource
from par_lint.engine.lint_file import File, lint

_CONFIG = Config()
_FOREIGN = (QualifiedNameSource.IMPORT, QualifiedNameSource.BUILTIN)
_REPORTED = (cst.BaseExpression, cst.BaseStatement, cst.BaseSmallStatement)
"""What a finding can stand at: other nodes have no place of their own here."""
_MOST_LINES = 20_000  # the stock providers take minutes for more


@dataclass
class Compared:
    """One file: what was compared, in numbers, and the differences in words."""

    path: str
    counts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


def compare(path: str) -> Compared:
    """Compare one file in all three ways; with the stock providers only where there is a candidate."""
    compared = Compared(path)
    try:
        file = File.of(Path(path).read_bytes(), _CONFIG)
    except (UnparsableSource, RecursionError):
        return compared
    compared.counts += Counter({"files": 1, "lines": len(file.lines)})
    _compare_findings(file, compared)
    if file.slice() is not None and len(file.lines) <= _MOST_LINES:
        try:
            _compare_providers(file, compared)
        except (cst.ParserSyntaxError, RecursionError):
            compared.counts["not parsed by the stock providers"] += 1
    return compared


def _compare_findings(file: File, compared: Compared) -> None:
    gated = lint(file.tree, file.lines, _CONFIG)
    full = lint(file.tree, file.lines, _CONFIG, gate=False)
    compared.counts["findings"] += len(full)
    compared.differences += [f"only gated: {one.line}: {one.code} {one.message}" for one in gated if gated.count(one) != full.count(one)]
    compared.differences += [f"only whole: {one.line}: {one.code} {one.message}" for one in full if gated.count(one) != full.count(one)]


def _compare_providers(file: File, compared: Compared) -> None:
    wrapper = MetadataWrapper(cst.parse_module("".join(file.lines)), unsafe_skip_copy=True)
    facts = file.facts(whole(file.lines), wrapper.module)
    assert facts is not None
    positions, names = wrapper.resolve(PositionProvider), wrapper.resolve(QualifiedNameProvider)
    for node in facts.tree.nodes:
        if isinstance(node, _REPORTED) and node in positions:
            span = positions[node]
            stock = span.start.line, span.start.column, span.end.line, span.end.column
            compared.counts["positions"] += 1
            if facts.span(node) != stock:
                compared.differences.append(f"position of {type(node).__name__}: {facts.span(node)}, stock {stock}")
    for call in facts.all_of(cst.Call):
        if not _is_dotted(call.func) or facts.site(call) is None:
            continue
        stock = names[call.func]
        stock_names = stock() if callable(stock) else stock  # libcst works them out late
        if stock_names and all(one.source in _FOREIGN for one in stock_names):
            _compare_name({one.name.removeprefix("builtins.") for one in stock_names}, facts.callee(call), facts.line(call), compared)


def _compare_name(stock: set[str], ours: object, line: int, compared: Compared) -> None:
    """Compare the name of a callee: ours is one of the stock ones, or that of a method of what the catalogue says that it is."""
    compared.counts["names"] += 1
    if isinstance(ours, Named) and (ours.name in stock or ours.name.partition(".")[0] in stock):  # of built-ins it gives the root alone
        return
    if any(_CONFIG.catalog.returns(name[:end]) is not None for name in stock for end in _ends(name)):
        compared.counts["names of methods of objects that a module holds"] += 1
        return
    compared.differences.append(f"name at line {line}: {getattr(ours, 'name', ours)}, stock {sorted(stock)}")


def _ends(name: str) -> Iterator[int]:
    return (place for place, character in enumerate(name) if character == ".")


def _is_dotted(node: cst.BaseExpression) -> bool:
    while isinstance(node, cst.Attribute):
        node = node.value
    return isinstance(node, cst.Name)


def python_files(folders: list[str]) -> Iterator[str]:
    """All Python files below some folders."""
    for folder in folders:
        for root, _, names in os.walk(folder):
            yield from (os.path.join(root, name) for name in names if name.endswith(".py"))


def main(folders: list[str]) -> int:
    """Compare all files; 0 where nothing differs."""
    counts: Counter[str] = Counter()
    differing = 0
    with ProcessPoolExecutor() as pool:
        for one in pool.map(compare, python_files(folders), chunksize=8):
            counts += one.counts
            if one.differences:
                differing += 1
                print(one.path, *(f"  {difference}" for difference in one.differences), sep="\n")
    print(", ".join(f"{number:,} {what}" for what, number in counts.items()), f"{differing} files differ", sep="; ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
