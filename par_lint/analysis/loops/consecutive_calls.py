"""Sequences of independent calls that wait for the network or for subprocesses, one after the other."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.effects.read_only_calls import is_read_only
from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.candidates import MIN_ROW, ROW_KINDS, candidates_of
from par_lint.analysis.loops.waiting_calls import sequence_calls
from par_lint.analysis.semantics.dataflow.body_summary import FROM_RESULT, SliceIoCall, Summary
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.slice_flow import SliceFlow
from par_lint.analysis.syntax.expression_names import bound_names, dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Sharing
from par_lint.core.memo import memoized_for_last

Part = cst.SimpleStatementLine | cst.BaseExpression
Display = cst.List | cst.Tuple | cst.Set | cst.Dict | cst.Call
_Holder = cst.Module | cst.IndentedBlock | Display
_HOLDERS = frozenset({cst.Module, cst.IndentedBlock, cst.List, cst.Tuple, cst.Set, cst.Dict, cst.Call})


@dataclass(frozen=True)
class CallSequence:
    """Calls that could run concurrently: whole statements of one block, or elements of `display`."""

    parts: tuple[Part, ...]
    io_calls: tuple[SliceIoCall, ...]  # the first I/O of each part
    display: Display | None = None


@memoized_for_last
def find_call_sequences(facts: Facts) -> tuple[CallSequence, ...]:
    """Return all sequences of a module that are long enough, in source order."""
    if not candidates_of(facts.resolver).call_sequence_ranges:
        return ()
    return tuple(sorted(_Finder(facts).find(), key=lambda row: facts.position(row.parts[0])))


class _Finder:
    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.flow = SliceFlow(facts)
        self.waiting = sequence_calls(facts)

    def find(self) -> Iterator[CallSequence]:
        for node in self._holders():
            parts = _parts(node)
            if sum(_is_simple(part) for part in parts if self.waiting.are_in(part)) < MIN_ROW:
                continue
            around = self.facts.enclosing_function(node)
            if around is None or around.asynchronous is None:  # blocking calls of a coroutine are another linter's business
                yield from self._rows(parts, None if isinstance(node, (cst.Module, cst.IndentedBlock)) else node)

    def _holders(self) -> list[_Holder]:
        """The blocks and displays around enough calls that may wait, in source order."""
        counts: dict[int, int] = {}
        for call in self.waiting.calls:
            node: cst.CSTNode | None = call
            while node is not None:
                if type(node) in _HOLDERS:
                    counts[id(node)] = counts.get(id(node), 0) + 1
                node = self.facts.parent(node)
        return [node for node in self.facts.tree.nodes if counts.get(id(node), 0) >= MIN_ROW]  # type: ignore[misc]

    def _rows(self, parts: Sequence[cst.CSTNode], display: Display | None) -> Iterator[CallSequence]:
        """The longest runs of parts that each do I/O and need nothing of one another."""
        row: list[Part] = []
        io_calls: list[SliceIoCall] = []
        changed: set[str] = set()
        for part in (*parts, None):
            found = self._work(part) if part is not None and _is_simple(part) else None
            if found is not None and self._needs(found[1], changed):
                found = None
            if found is None:
                if len(row) >= MIN_ROW:
                    yield CallSequence(tuple(row), tuple(io_calls), display)
                row, io_calls, changed = [], [], set()
                found = self._work(part) if part is not None and _is_simple(part) else None
                if found is None:
                    continue
            assert isinstance(part, (cst.SimpleStatementLine, cst.BaseExpression))
            row.append(part)
            io_calls.append(found[0])
            changed |= {change.path for change in found[1].changes}

    def _work(self, part: cst.CSTNode) -> tuple[SliceIoCall, Summary] | None:
        """The I/O of a part, with all that it does: None where it does none, or more than look."""
        summary = self.flow.part(part)
        io_calls = [work for work in summary.io_calls if work.entry.kind in ROW_KINDS]
        if not io_calls or summary.sleeps or summary.globals:
            return None
        if any(not self._may_run_beside(work) for work in io_calls) or any(_is_changing(change.how) for change in summary.changes):
            return None
        return io_calls[0], summary

    def _may_run_beside(self, work: SliceIoCall) -> bool:
        if work.sharing is Sharing.STATEFUL and (work.handle or work.direct) and not work.entry.name.startswith(_FRESH):
            return False
        callee = self.facts.callee(work.call)
        if isinstance(callee, Function) and (callee.is_async or isinstance(callee.node, ast.Lambda)):
            return False
        return is_read_only(work.call, self.facts, self.flow)

    def _needs(self, summary: Summary, changed: set[str]) -> bool:
        """Whether a part needs, or overwrites, what one of the row bound."""
        needed = {name for work in summary.io_calls for name in work.inputs | work.guards} - {FROM_RESULT}
        bound = {change.path for change in summary.changes}
        return any(name == path or name.startswith(path + ".") for name in needed for path in changed) or bool(bound & changed)


def _parts(node: _Holder) -> Sequence[cst.CSTNode]:
    """The statements of a block, the elements of a display, the arguments of a call."""
    match node:
        case cst.Module(body=body) | cst.IndentedBlock(body=body):
            return body
        case cst.Call():
            return [arg.value for arg in node.args if not arg.star]
        case _:
            return [element.value for element in node.elements]


_FRESH = ("subprocess.Popen.", "http.client.HTTPResponse.")


def _is_changing(how: str) -> bool:
    return how in ("augment", "add", "store")


def _is_simple(part: cst.CSTNode) -> bool:
    """Whether a part is one assignment to names, one call for its effect, or an expression; and nothing awaited."""
    match part:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[cst.AssignTarget(target=target)], value=value)]):
            is_plain = dotted(target) is not None or bool(bound_names(target))
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Call() as value)]):
            is_plain = True
        case cst.BaseExpression():
            value, is_plain = part, isinstance(part, (cst.Call, cst.Attribute, cst.Subscript))
        case _:
            return False
    return is_plain and not any(isinstance(node, (cst.Await, cst.Yield, cst.NamedExpr, cst.BaseComp)) for node in descend(value))
