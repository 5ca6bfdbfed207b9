"""The interface of an abstract execution for the handlers of calls; the interpreter implements it."""

from __future__ import annotations

import ast
from typing import Protocol

from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.dataflow.body_summary import Origins, Trace
from par_lint.analysis.semantics.dataflow.origin_environment import Environment
from par_lint.analysis.semantics.dataflow.symbols import Symbols
from par_lint.analysis.semantics.scopes import Function, Scope
from par_lint.core.catalog.entry import Entry


class Summaries(Protocol):
    """The summaries of the functions of a file."""

    known: Symbols
    hops: int
    """Through how many other modules of the project calls are followed."""

    def noted(self, call: ast.Call) -> Entry | None:
        """Return the entry of a call that counts as I/O whatever it calls."""

    def elsewhere(self, resolver: Resolver) -> Summaries:
        """Return the summaries of another module that calls lead into."""

    def function(self, function: Function) -> Trace:
        """Return the effects of calling a function."""

    def generator(self, function: Function) -> Trace:
        """Return the effects of iterating over all that a generator gives."""


class Execution(Protocol):
    """The state of one abstract execution."""

    @property
    def flow(self) -> Summaries:
        """The summaries for mapping calls."""

    known: Symbols
    scope: Scope
    env: Environment
    alias: dict[str, str]
    guards: Origins
    loops: tuple[ast.AST, ...]
    region: tuple[int, ...]
    whiles: int
    stands_alone: ast.expr | None
    handles: dict[ast.expr | str, Origins]
    summary: Trace

    def look_up(self, path: str) -> Origins:
        """Return the origins of the value of a dotted name."""

    def was_read(self, place: str) -> bool:
        """Return whether this iteration has read a variable or element."""

    def eval(self, node: ast.AST) -> Origins:
        """Return the origins of an expression's value."""

    def change(self, target: ast.expr, origins: Origins, how: str) -> None:
        """Record a change of a name, an attribute or an element."""
