"""What the reasons to exclude a loop are asked about, and what they answer."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.semantics.dataflow.body_summary import SliceIoCall, Summary
from par_lint.analysis.syntax.nodes import SCOPES, children


@dataclass(frozen=True)
class LoopSite:
    """A loop with the effects of its body. `body` contains the statements, or the expressions of a comprehension."""

    node: cst.CSTNode
    target: cst.CSTNode
    iterable: cst.BaseExpression
    body: tuple[cst.CSTNode, ...]
    summary: Summary
    io_calls: tuple[SliceIoCall, ...]  # the I/O with the loop's own item, not through a handle made outside
    is_awaited: bool = False  # the works are awaited, in a coroutine

    @functools.cached_property
    def own(self) -> Sequence[tuple[cst.CSTNode, bool]]:
        """The nodes of the body that run in it, in source order, each with whether it is in an inner loop."""
        return list(_own_nodes(self.body))

    @functools.cached_property
    def calls(self) -> Sequence[cst.Call]:
        """The calls among them."""
        return [node for node, _ in self.own if type(node) is cst.Call]


@dataclass(frozen=True)
class Exclusion:
    """The reason why a loop is not reported, and its node; `line` is the line that shows it where that is no line of the node."""

    reason: str
    node: cst.CSTNode
    line: int = 0


def _own_nodes(body: tuple[cst.CSTNode, ...]) -> Iterator[tuple[cst.CSTNode, bool]]:
    stack = [(node, False) for node in reversed(body)]
    while stack:
        node, inner = stack.pop()
        yield node, inner
        kind = type(node)
        if kind in SCOPES:
            continue
        below = inner or kind is cst.For or kind is cst.While
        stack.extend([(child, below) for child in reversed(children(node))])
