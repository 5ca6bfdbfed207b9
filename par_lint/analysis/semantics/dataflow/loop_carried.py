"""Loop-carried dependences: what one iteration leaves to later ones."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeVar

from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.dataflow.body_summary import FROM_ITEM, FROM_NEW, FROM_RESULT, FROM_THIS_ITERATION, Change, IoCall, SummaryOf
from par_lint.analysis.semantics.scopes import Scope
from par_lint.core.memo import memoized_for_last

_Call = TypeVar("_Call")


def find_carried(io_calls: Iterable[IoCall[_Call]], changes: Iterable[Change], own: Collection[str], aliases: Mapping[str, str]) -> Iterator[Change]:
    """Yield the changes of names, attributes or containers that I/O in a later iteration uses.

    Args:
        works: The I/O calls of the body.
        changes: The changes in the body.
        own: The names of the item.
        aliases: Plain names by their aliases.
    """
    changes = tuple(changes)
    renewed = {change.path for change in changes if _is_memo(change) and change.is_made}
    for work in io_calls:
        needed = (work.inputs | work.guards) - {FROM_ITEM, FROM_NEW, FROM_RESULT}
        for change in changes:
            places = [name for name in needed if _overlap(_known_as(name, aliases), _known_as(change.place, aliases))]
            if not places or change.path in own or _is_memo(change) or change.is_default or change.is_counter:
                continue
            if change.path in renewed and _is_reset(change):
                continue
            if change.is_new and work.region[:len(change.region)] == change.region:
                continue  # each iteration creates it before it is used
            if all(_is_collected(name, change) for name in places):
                continue
            if work.inputs.isdisjoint(places) and (_is_deduplication(change) or _is_memo_by_item(change)):
                continue
            yield change


def rules_out_finding(trace: SummaryOf[_Call], io_calls: Iterable[IoCall[_Call]], own: Collection[str], aliases: Mapping[str, str]) -> bool:
    """Return whether the body rules out a finding by itself: it throttles itself, changes process state, or has a loop-carried dependence.

    Changes of elements may be of a different element in each iteration, which the rules check.
    """
    if trace.sleeps or trace.globals:
        return True
    alone = [work for work in io_calls if not work.loops]
    return any(change.how not in ("store", "add") for change in find_carried(alone, trace.changes, own, aliases))


@memoized_for_last
def aliases_in(scope: Scope, resolver: Resolver) -> dict[str, str]:
    """Return the aliases in a scope, each with the plain name that it was assigned."""
    found: dict[str, str] = {}
    for name, bindings in scope.bindings.items():
        match bindings:
            case [Assigned(value=ast.Name(id=original))] if original != name:
                found[name] = found.get(original, original)
            case _:
                pass
    return found


def _known_as(path: str, aliases: Mapping[str, str]) -> str:
    root, dot, rest = path.partition(".")
    return aliases.get(root, root) + dot + rest


def _overlap(name: str, path: str) -> bool:
    return name == path or name.startswith(path + ".") or path.startswith(name + ".")


def _is_deduplication(change: Change) -> bool:
    """Remembering inputs so that none is done twice; remembering results is a dependence."""
    return change.how in ("add", "store") and FROM_RESULT not in change.origins and not change.takes


def _is_memo_by_item(change: Change) -> bool:
    """Whether results are stored under a key derived only from the item and looked up under it before: no iteration needs the other keys."""
    is_keyed = FROM_ITEM in change.key and FROM_RESULT not in change.key
    return change.how == "store" and is_keyed and any(_overlap(name, change.path) for name in change.guards)


def _is_collected(name: str, change: Change) -> bool:
    """Whether unresolved code needs an object as a whole, and the change only adds to a part of it."""
    return name in ("self", "cls") and change.path != name and change.how in ("augment", "add", "store")


def _is_reset(change: Change) -> bool:
    """Whether an attribute of a new object gets the same value in each iteration, or the object is closed."""
    return change.how in ("assign", "call") and FROM_THIS_ITERATION.isdisjoint(change.origins)


def _is_memo(change: Change) -> bool:
    """Whether an attribute is computed once, or renewed (an access token), from nothing that differs between iterations."""
    is_lazy = change.is_made and change.path in change.guards  # `if self.client is None: self.client = Client()`
    return change.how == "assign" and "." in change.path and (bool(change.origins) or is_lazy) and FROM_THIS_ITERATION.isdisjoint(change.origins)
