"""Looking at one file: from its tree and lines to what the rules report, by way of the gate, a slice and LibCST."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from par_lint.analysis.gate.candidates import candidates_of
from par_lint.analysis.gate.slices import Slice, slice_around, whole
from par_lint.analysis.semantics.index import FileIndex
from par_lint.analysis.semantics.resolver import Resolver
from par_lint.core.config.settings import Config

if TYPE_CHECKING:
    import libcst as cst

    from par_lint.analysis.facts import Facts
    from par_lint.core.findings import Finding
    from par_lint.rules._rule import Report


class File:
    """A file in memory: its standard tree and its lines with their ends. What else is known of it is found when asked for."""

    def __init__(self, tree: ast.Module, lines: Sequence[str], config: Config) -> None:
        self.tree = tree
        self.lines = lines
        self.config = config
        self.index = FileIndex(tree)
        self.resolver = Resolver(self.index, config.catalog)
        self.failures: dict[int, Finding] = {}
        """By line, what says that par-lint failed there."""

    @classmethod
    def of(cls, source: bytes, config: Config) -> File:
        """The file of these bytes. Raises UnparsableSource."""
        from par_lint.core.files.source_text import decode, parse_tree, split_lines

        return cls(parse_tree(source), split_lines(decode(source)[0].removeprefix("\ufeff")), config)

    def slice(self) -> Slice | None:
        """The lines that rules have to see; None where the gate knows that there is nothing to report, or in the runtime itself.

        All of them where the gate fails.
        """
        if _is_runtime(self.tree):
            return None
        try:
            wanted = candidates_of(self.resolver).wanted()
            return slice_around(self.tree, self.lines, wanted) if wanted else None
        except Exception as error:
            self._failed(error)
            return whole(self.lines)

    def facts(self, piece: Slice, module: cst.Module | None = None) -> Facts:
        """Facts about a slice, or about the whole file where the slice does not parse. Raises UnknownGrammar."""
        from par_lint.analysis.facts import Facts
        from par_lint.analysis.syntax.parser import parse_module
        from par_lint.core.internal_errors import UnknownGrammar

        if module is None:
            try:
                module = parse_module(piece.text)
            except UnknownGrammar:
                piece = whole(self.lines)
                module = parse_module(piece.text)
        return Facts(self.index, self.resolver, piece, self.lines, module, self.config.runtime)

    def forget(self) -> None:
        """Break all circles, so that what is known of the file goes at once and no collector has to find it. It is of no use then."""
        self.resolver.answers.clear()
        self.index.forget()

    def reports(self, piece: Slice, module: cst.Module | None = None) -> list[Report]:
        """What all rules report of a slice; `module` is its tree, where it is known. A rule that fails somewhere goes on elsewhere."""
        from par_lint.analysis.syntax.batched_visit import walk
        from par_lint.analysis.syntax.parser import unvalidated
        from par_lint.engine.applicability import trusted
        from par_lint.rules import all_rules

        with unvalidated():
            facts = self.facts(piece, module)
            visitors = [rule.Visitor(facts, self.config) for rule in all_rules()]
            walk(facts.tree, visitors, lambda node, error: self._failed(error, *facts.position(node)))
            for node, error in facts.failures.values():
                self._failed(error, *facts.position(node))
            return [trusted(report, self.config) for visitor in visitors for report in visitor.take()]

    def _failed(self, error: Exception, line: int | None = None, column: int = 1) -> None:
        """Note an error of ours; one a line is enough. Raises it where a deeper stack may help."""
        from par_lint.core.deep_recursion import should_retry_with_deep_stack
        from par_lint.core.internal_errors import CHECK_HERE, internal_error_finding

        if should_retry_with_deep_stack(error):
            raise error
        found = internal_error_finding(error, line, column, CHECK_HERE)
        self.failures.setdefault(found.line, found)


def lint(tree: ast.Module, lines: Sequence[str], config: Config, *, gate: bool = True) -> list[Finding]:
    """All findings in a file, sorted by place. `lines` are the file's own, with their ends.

    Never raises: where par-lint fails, a finding PRL000 says so. `gate=False` looks at the whole file.
    """
    with collector_paused():
        try:
            return _found(tree, lines, config, gate=gate)
        except RecursionError:
            return _found_deep(tree, lines, config, gate=gate)
        except Exception as error:
            from par_lint.core.internal_errors import internal_error_finding

            return [internal_error_finding(error)]


def _found(tree: ast.Module, lines: Sequence[str], config: Config, *, gate: bool) -> list[Finding]:
    file = File(tree, lines, config)
    try:
        piece = file.slice() if gate else whole(file.lines)
        found = [report.finding for report in file.reports(piece)] if piece is not None else []
        return sorted([*found, *file.failures.values()])
    finally:
        file.forget()


def _is_runtime(tree: ast.Module) -> bool:
    """Whether a file is the runtime or a copy of it, in whatever layout: by its docstring."""
    match tree.body[:1]:
        case [ast.Expr(value=ast.Constant(value=str(text)))]:
            return text.lstrip().startswith("Run one function over many items ") and "run_parallel" in text
        case _:
            return False


def _found_deep(tree: ast.Module, lines: Sequence[str], config: Config, *, gate: bool) -> list[Finding]:
    from par_lint.core.deep_recursion import with_deep_stack
    from par_lint.core.internal_errors import internal_error_finding

    try:
        return with_deep_stack(lambda: _found(tree, lines, config, gate=gate))
    except Exception as error:
        return [internal_error_finding(error)]


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
