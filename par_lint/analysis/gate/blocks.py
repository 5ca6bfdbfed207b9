"""Statements with their blocks and the names in their headers, and which of them are related."""

from __future__ import annotations

import ast
import enum
import functools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from par_lint.analysis.semantics.ast_walk import walk

_EXITS = (ast.Return, ast.Raise, ast.Break, ast.Continue, ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom)
_LEAVES = "<leaves>"
LEAVES_BLOCK = frozenset({_LEAVES})
"""A pseudo-name for a statement that leaves a block, or declares names."""
_ALWAYS = LEAVES_BLOCK | {"locals", "vars", "eval", "exec", "globals", "dir", "__all__"}
"""Pseudo-names that are related to all code around them: leaving a block, and reading all names."""
_NAMELESS = frozenset({ast.Call, ast.Constant, ast.keyword, ast.arguments, ast.Assign, ast.Expr, ast.Subscript, ast.Tuple, ast.Compare, ast.If})
_FILLING = frozenset({"setdefault", "extend"})
"""Methods that fixes move behind the I/O if the function only fills the collection: all statements with it must be seen."""
_PAIRING = (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple, ast.List)


class Block:
    """A statement from its first line, including decorators, to its last, with its nested blocks.

    If its blocks do not start on their own lines, it has none here: the whole statement is `head`.
    """

    def __init__(self, node: ast.AST, first: int, last: int, head: Sequence[ast.AST | str], blocks: Sequence[Sequence[Block]] = ()) -> None:
        self.node = node
        self.first = first
        self.last = last
        self.head = head
        self.blocks = blocks

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """The names in its header, attributes with a leading dot."""
        attributes = (f".{node.attr}" for node in self._nodes if isinstance(node, ast.Attribute))
        return self._named(ast.Load, ast.Store, ast.Del).union(attributes)

    @functools.cached_property
    def bound(self) -> frozenset[str]:
        """The names that it binds, and those of collections that it fills."""
        filled = (node.value.id for node in self._nodes if isinstance(node, ast.Attribute) and node.attr in _FILLING and isinstance(node.value, ast.Name))
        return self._named(ast.Store, ast.Del).union(filled)

    @property
    def iterables(self) -> Iterator[str]:
        """The names of what its loops go over."""
        loops = [self.node, *self._nodes] if isinstance(self.node, (ast.For, ast.AsyncFor)) else self._nodes
        yield from (node.iter.id for node in loops if isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)) and isinstance(node.iter, ast.Name))

    def _named(self, *contexts: type) -> frozenset[str]:
        found = {node for node in self.head if isinstance(node, str)}
        for node in self._nodes:
            kind = type(node)
            if kind is ast.Name:
                if type(node.ctx) in contexts:  # type: ignore[attr-defined]
                    found.add(node.id)  # type: ignore[attr-defined]
            elif kind not in _NAMELESS:
                found.update(_names(node))
        return frozenset(found)

    @functools.cached_property
    def _nodes(self) -> Sequence[ast.AST]:
        return list(walk(*(node for node in self.head if not isinstance(node, str))))

    @property
    def is_pairing(self) -> bool:
        """Whether it creates an alias of an object."""
        return isinstance(self.node, ast.Assign) and isinstance(self.node.value, _PAIRING)

    @functools.cached_property
    def inner(self) -> Sequence[Block]:
        """The statements directly in its blocks."""
        return [part for block in self.blocks for part in block]

    def all(self) -> Iterator[Block]:
        """Yield the statement and all nested ones."""
        yield self
        for part in self.inner:
            yield from part.all()


class Overlap(enum.Enum):
    """How a range of lines overlaps a statement."""

    COVERED = "covered"  # the whole statement
    TOUCHED = "touched"  # its header
    HOLDING = "holding"  # a part of its blocks


def overlaps(part: Block, ranges: Sequence[range]) -> dict[Block, Overlap]:
    """Return the statements that overlap ranges of lines; both are in order and disjoint."""
    found: dict[Block, Overlap] = {}
    pending = [(part, ranges)]
    while pending:
        outer, those = pending.pop()
        firsts = [one.first for one in outer.inner]
        inside: dict[int, list[range]] = {}
        for one in those:
            if one.start <= outer.first and outer.last < one.stop:
                found.update(dict.fromkeys(outer.all(), Overlap.COVERED))
                continue
            here = range(max(bisect_right(firsts, one.start) - 1, 0), bisect_left(firsts, one.stop))
            met = [place for place in here if outer.inner[place].last >= one.start]
            if not met or one.start < firsts[met[0]] or outer.inner[met[-1]].last < one.stop - 1:
                found[outer] = Overlap.TOUCHED
            else:
                found.setdefault(outer, Overlap.HOLDING)
            for place in met:
                inside.setdefault(place, []).append(one)
        pending += [(outer.inner[place], its) for place, its in inside.items()]
    return found


def merge_ranges(ranges: Iterable[range]) -> list[range]:
    """Return ranges in order, with overlapping ones merged."""
    found: list[range] = []
    for one in sorted(ranges, key=lambda one: one.start):
        if found and one.start < found[-1].stop:
            found[-1] = range(found[-1].start, max(found[-1].stop, one.stop))
        else:
            found.append(one)
    return found


def block_of_module(tree: ast.Module, lines: Sequence[str]) -> Block:
    """Return a module as one block."""
    return Block(tree, 1, len(lines), (), [_block(tree.body, lines) or []])


def block_of(node: ast.stmt, lines: Sequence[str]) -> Block:
    """Return a statement with its blocks; each `elif` is a block of its `if`."""
    head, bodies = _headers_and_blocks(node)
    blocks = [_block(body, lines) for body in bodies]
    place = first_line(node), node.end_lineno or node.lineno
    whole = [block for block in blocks if block is not None]
    if not whole or len(whole) < len(blocks):
        return Block(node, *place, [node])
    return Block(node, *place, head, whole)


def lines_of(node: ast.expr | ast.stmt) -> range:
    """Return the lines of a node, without decorators."""
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def first_line(statement: ast.stmt) -> int:
    """Return the line of a statement, or of its first decorator."""
    decorators: list[ast.expr] | None = getattr(statement, "decorator_list", None)
    return decorators[0].lineno if decorators else statement.lineno


class Related(NamedTuple):
    """The names that relate other statements to a statement: those that mention what it binds, and those that create an alias of an
    object that it uses under one of `names`, and those that make one of the iterables that it iterates over. The index knows what names stand for.
    """

    bound: frozenset[str]
    names: frozenset[str]
    iterables: frozenset[str] = frozenset()

    def without(self, names: frozenset[str]) -> Related:
        return self._replace(bound=self.bound - names)

    def having(self, names: frozenset[str]) -> Related:
        return self._replace(bound=self.bound | names)

    def holds(self, part: Block) -> bool:
        """Return whether a statement is related."""
        if not self.bound.isdisjoint(part.names) or part.is_pairing and not self.names.isdisjoint(part.names):
            return True
        return bool(self.iterables) and isinstance(part.node, ast.Assign) and not self.iterables.isdisjoint(part.bound)


NOTHING = Related(frozenset(), frozenset())


def related(part: Block, marked: Mapping[Block, Overlap], common: frozenset[str]) -> Related:
    """Return the relation of other statements to the headers of marked ones, without `common` names."""
    heads = [one for one, mark in marked.items() if mark is not Overlap.HOLDING]
    bound = {name for one in heads for name in one.bound} - common
    names = {name for one in heads for name in one.names} - common
    pairs = [one.names - common for one in part.all() if one.is_pairing]
    while True:
        more = {name for pair in pairs if not pair.isdisjoint(names) for name in pair}
        if more <= names:
            return Related(_ALWAYS.union(bound), frozenset(names), frozenset(name for one in heads for name in one.iterables))
        names |= more


def _block(body: Sequence[ast.stmt], lines: Sequence[str]) -> list[Block] | None:
    """Return the statements of a block, with those on the same line merged; None if the first one follows the header on its line."""
    parts: list[Block] = []
    for node in body:
        part = block_of(node, lines)
        if _is_on_own_line(node, lines):
            parts.append(part)
        elif not parts:
            return None
        else:
            before = parts.pop()
            parts.append(Block(before.node, before.first, part.last, [*(one for inner in before.all() for one in inner.head), node]))
    return parts


def _is_on_own_line(node: ast.stmt, lines: Sequence[str]) -> bool:
    text = lines[first_line(node) - 1]
    return text.lstrip().startswith("@") if first_line(node) < node.lineno else not text[:node.col_offset].strip()


def _headers_and_blocks(node: ast.stmt) -> tuple[list[ast.AST | str], list[Sequence[ast.stmt]]]:
    """Return the header parts of a statement, and its blocks in source order."""
    head: list[ast.AST | str] = []
    bodies: list[Sequence[ast.stmt]] = []
    clauses: list[ast.AST] = [node]
    while clauses:
        clause = clauses.pop(0)
        for _, value in ast.iter_fields(clause):
            match value:
                case [ast.If(col_offset=column) as only] if isinstance(clause, ast.If) and column == clause.col_offset:
                    clauses.append(only)  # an `elif`
                case [ast.stmt(), *_]:
                    bodies.append(value)
                case [ast.ExceptHandler() | ast.match_case(), *_]:
                    for one in value:
                        inner_head, inner = _headers_and_blocks(one)
                        head += inner_head
                        bodies += inner
                case list():
                    head += [one for one in value if isinstance(one, ast.AST)]
                case ast.AST() | str():
                    head.append(value)
                case _:
                    pass
    return head, bodies


def _names(node: ast.AST) -> Iterator[str]:
    """Yield the names that one node binds, other than through Name and Attribute nodes."""
    match node:
        case ast.arg(arg=name):
            yield name
        case ast.alias(name=name, asname=bound):
            yield bound or name.partition(".")[0]
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.MatchMapping(rest=str(name)):
            yield name
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            yield from (*names, _LEAVES)
        case _ if isinstance(node, _EXITS):
            yield _LEAVES
        case _:
            pass
