"""An abstract execution of a body, as the handlers of calls see it; the interpreter implements it."""

from __future__ import annotations

import ast
from typing import Protocol

from par_lint.analysis.semantics.dataflow.environment import Names
from par_lint.analysis.semantics.dataflow.summary import Origins, Trace
from par_lint.analysis.semantics.dataflow.symbols import Symbols
from par_lint.analysis.semantics.scopes import Function, Scope


class Summaries(Protocol):
    """Summaries of the functions of a file."""

    def function(self, function: Function) -> Trace:
        """What a call of a function does."""


class Execution(Protocol):
    """The state of one abstract execution."""

    @property
    def flow(self) -> Summaries:
        """The summaries that calls are mapped from."""

    known: Symbols
    scope: Scope
    env: Names
    alias: dict[str, str]
    guards: Origins
    loops: tuple[ast.AST, ...]
    region: tuple[int, ...]
    whiles: int
    stands_alone: ast.expr | None
    summary: Trace

    def look_up(self, path: str) -> Origins:
        """The origins of what a dotted name stands for."""

    def was_read(self, place: str) -> bool:
        """Whether a place has been looked at in this pass."""

    def change(self, target: ast.expr, origins: Origins, how: str) -> None:
        """Note a change of a name, an attribute or an element."""
