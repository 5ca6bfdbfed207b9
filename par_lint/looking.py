"""Looking at one file: from its tree and lines to what the rules report, by way of the gate, a slice and LibCST."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from par_lint.candidates import candidates_of
from par_lint.config import Config
from par_lint.index import FileIndex
from par_lint.resolve import Resolver
from par_lint.slices import Slice, slice_around, whole

if TYPE_CHECKING:
    import libcst as cst

    from par_lint.analysis.facts import Facts
    from par_lint.findings import Finding
    from par_lint.rules._rule import Report


class File:
    """A file in memory: its standard tree and its lines with their ends. What else is known of it is found when asked for."""

    def __init__(self, tree: ast.Module, lines: Sequence[str], config: Config) -> None:
        self.tree = tree
        self.lines = lines
        self.config = config
        self.index = FileIndex(tree)
        self.resolver = Resolver(self.index, config.catalog)

    @classmethod
    def of(cls, source: bytes, config: Config) -> File:
        """The file of these bytes. Raises UnparsableSource."""
        from par_lint.source import decode, parse_tree, split_lines

        return cls(parse_tree(source), split_lines(decode(source)[0].removeprefix("\ufeff")), config)

    def slice(self) -> Slice | None:
        """The lines that rules have to see; None where the gate knows that there is nothing to report, or in the runtime itself."""
        if _is_runtime(self.tree):
            return None
        wanted = candidates_of(self.resolver).wanted()
        return slice_around(self.tree, self.lines, wanted) if wanted else None

    def facts(self, piece: Slice, module: cst.Module | None = None) -> Facts | None:
        """Facts about a slice, or about the whole file where the slice does not parse; None where that does not either."""
        import libcst as cst

        from par_lint.analysis.facts import Facts

        if module is None:
            try:
                module = cst.parse_module(piece.text)
            except cst.ParserSyntaxError:
                piece = whole(self.lines)
                try:
                    module = cst.parse_module(piece.text)
                except cst.ParserSyntaxError:  # a grammar newer than libcst's
                    return None
        return Facts(self.index, self.resolver, piece, self.lines, module, self.config.runtime)

    def forget(self) -> None:
        """Break all circles, so that what is known of the file goes at once and no collector has to find it. It is of no use then."""
        self.resolver.answers.clear()
        self.index.forget()

    def reports(self, piece: Slice, module: cst.Module | None = None) -> list[Report]:
        """What all rules report of a slice; `module` is its tree, where it is known."""
        from par_lint.analysis.walk import walk
        from par_lint.rules import all_rules
        from par_lint.trust import trusted

        facts = self.facts(piece, module)
        if facts is None:
            return []
        visitors = [rule.Visitor(facts, self.config) for rule in all_rules()]
        walk(facts.tree, visitors)
        return [trusted(report, self.config) for visitor in visitors for report in visitor.take()]


def lint(tree: ast.Module, lines: Sequence[str], config: Config, *, gate: bool = True) -> list[Finding]:
    """All findings in a file, sorted by place. `lines` are the file's own, with their ends.

    Never raises on user code: what cannot be analysed gives no finding. `gate=False` looks at the whole file.
    """
    with collector_paused():
        try:
            return _found(File(tree, lines, config), gate=gate)
        except RecursionError:  # code nested deeper than Python recurses
            return []


def _found(file: File, *, gate: bool) -> list[Finding]:
    try:
        piece = file.slice() if gate else whole(file.lines)
        return sorted(report.finding for report in file.reports(piece)) if piece is not None else []
    finally:
        file.forget()


def _is_runtime(tree: ast.Module) -> bool:
    """Whether a file is the runtime or a copy of it, in whatever layout: by its docstring."""
    match tree.body[:1]:
        case [ast.Expr(value=ast.Constant(value=str(text)))]:
            return text.lstrip().startswith("Run one function over many items ") and "run_parallel" in text
        case _:
            return False


@contextmanager
def collector_paused() -> Iterator[None]:
    """Garbage collection off: parsing allocates so many objects that collections would take a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
