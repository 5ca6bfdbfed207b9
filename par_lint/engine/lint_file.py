"""Lint one file: the gate selects candidates, a slice around them is parsed with LibCST, and the rules report."""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from par_lint.analysis.gate.candidates import candidates_of
from par_lint.analysis.gate.slices import Slice, slice_around, whole
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.core.config.settings import Config
from par_lint.engine.project_of_file import imports_of

if TYPE_CHECKING:
    import libcst as cst

    from par_lint.analysis.facts import Facts
    from par_lint.core.findings import Finding
    from par_lint.rules._rule import Report


class File:
    """A file in memory: its standard syntax tree and its lines with line ends. The rest is computed on demand.

    With its `path`, calls are followed into the other modules of its project.
    """

    def __init__(self, tree: ast.Module, lines: Sequence[str], config: Config, path: str = "") -> None:
        self.tree = tree
        self.lines = lines
        self.config = config
        self.path = path
        self.index = FileIndex(tree)
        self.resolver = Resolver(self.index, config.catalog)
        imports = imports_of(path, self.index, config)
        self.project = self.resolver if imports is None else Resolver(self.index, config.catalog, imports)
        """The resolver that follows the project's other modules; the same one if the file imports none."""
        self.failures: dict[int, Finding] = {}
        """Findings of internal errors, by line."""
        self._facts: list[Facts] = []

    @classmethod
    def of(cls, source: bytes, config: Config, path: str = "") -> File:
        """Return the file with these bytes. Raises UnparsableSource."""
        from par_lint.core.files.source_text import decode, parse_tree, split_lines

        return cls(parse_tree(source), split_lines(decode(source)[0].removeprefix("\ufeff")), config, path)

    def slice(self) -> Slice | None:
        """Return the lines that rules must see; None if the gate excludes findings, or if the file is the runtime itself.

        If the gate fails, that is the whole file.
        """
        if _is_runtime(self.tree):
            return None
        try:
            wanted = candidates_of(self.project).wanted()
            return slice_around(self.tree, self.lines, wanted) if wanted else None
        except Exception as error:
            self._record_error(error)
            return whole(self.lines)

    def facts(self, piece: Slice, module: cst.Module | None = None) -> Facts:
        """Return the facts about a slice; about the whole file if the slice cannot be parsed. Raises UnknownGrammar."""
        from par_lint.analysis.facts import Facts
        from par_lint.analysis.syntax.parser import parse_module
        from par_lint.core.internal_errors import UnknownGrammar

        if module is None:
            try:
                module = parse_module(piece.text)
            except UnknownGrammar:
                piece = whole(self.lines)
                module = parse_module(piece.text)
        facts = Facts(self.index, self.resolver, piece, self.lines, module, self.config.runtime, self.project)
        self._facts.append(facts)
        return facts

    def forget(self) -> None:
        """Break all reference cycles, so that memory is freed without the garbage collector. The file cannot be used afterwards."""
        for facts in self._facts:
            facts.answers.clear()
        self.resolver.answers.clear()
        self.project.answers.clear()
        self.index.forget()

    def reports(self, piece: Slice, module: cst.Module | None = None) -> list[Report]:
        """Return the reports of all rules for a slice. An error in a rule does not stop the other rules.

        Args:
            piece: the lines to check.
            module: the LibCST tree of `piece`, if it is already parsed.
        """
        from par_lint.analysis.syntax.parser import unvalidated

        with unvalidated():
            return self.reports_on(self.facts(piece, module))

    def reports_on(self, facts: Facts) -> list[Report]:
        """Return the reports of all rules for a parsed slice, without LibCST's checks of new nodes."""
        from par_lint.analysis.syntax.batched_visit import walk
        from par_lint.analysis.syntax.parser import unvalidated
        from par_lint.engine.applicability import apply_trust_settings
        from par_lint.rules import all_rules

        with unvalidated():
            visitors = [rule.Visitor(facts, self.config) for rule in all_rules()]
            walk(facts.tree, visitors, lambda node, error: self._record_error(error, *facts.position(node)))
            for node, error in facts.failures.values():
                self._record_error(error, *facts.position(node))
            return [apply_trust_settings(report, self.config) for visitor in visitors for report in visitor.take()]

    def _record_error(self, error: Exception, line: int | None = None, column: int = 1) -> None:
        """Record an internal error, one for each line. Raises it again if a deeper stack may help."""
        from par_lint.core.deep_recursion import should_retry_with_deep_stack
        from par_lint.core.internal_errors import CHECK_HERE, internal_error_finding

        if should_retry_with_deep_stack(error):
            raise error
        found = internal_error_finding(error, line, column, CHECK_HERE)
        self.failures.setdefault(found.line, found)


def lint(tree: ast.Module, lines: Sequence[str], config: Config, path: str = "", *, gate: bool = True) -> list[Finding]:
    """Return all findings in a file, sorted by position. Never raises: an internal error becomes a finding PRL000.

    Args:
        tree: the standard syntax tree of the file.
        lines: its lines, with line ends.
        config: its settings.
        path: the file; empty if it has none: then nothing outside of it is looked at.
        gate: False checks the whole file.
    """
    with collector_paused():
        try:
            return _find(tree, lines, config, path, gate=gate)
        except RecursionError:
            return _find_with_deep_stack(tree, lines, config, path, gate=gate)
        except Exception as error:
            from par_lint.core.internal_errors import internal_error_finding

            return [internal_error_finding(error)]


def _find(tree: ast.Module, lines: Sequence[str], config: Config, path: str, *, gate: bool) -> list[Finding]:
    file = File(tree, lines, config, path)
    try:
        piece = file.slice() if gate else whole(file.lines)
        found = [report.finding for report in file.reports(piece)] if piece is not None else []
        return sorted([*found, *file.failures.values()])
    finally:
        file.forget()


def _is_runtime(tree: ast.Module) -> bool:
    """Return whether a file is the runtime or a copy of it, in any layout, by its docstring."""
    match tree.body[:1]:
        case [ast.Expr(value=ast.Constant(value=str(text)))]:
            return text.lstrip().startswith("Run one function over many items ") and "run_parallel" in text
        case _:
            return False


def _find_with_deep_stack(tree: ast.Module, lines: Sequence[str], config: Config, path: str, *, gate: bool) -> list[Finding]:
    from par_lint.core.deep_recursion import with_deep_stack
    from par_lint.core.internal_errors import internal_error_finding

    try:
        return with_deep_stack(lambda: _find(tree, lines, config, path, gate=gate))
    except Exception as error:
        return [internal_error_finding(error)]


@contextmanager
def collector_paused() -> Iterator[None]:
    """Turn garbage collection off: while parsing allocates many objects, it would take a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
