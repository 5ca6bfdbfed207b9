"""The environment of an abstract execution: the origins of names, with a log of changes for branches."""

from __future__ import annotations

from collections.abc import Callable

from par_lint.analysis.semantics.dataflow.body_summary import NO_ORIGIN, Origins

ANY_KEY = ".[]"
"""Suffix of the name of a container, for values under keys that are not constants."""
Changes = dict[str, "Origins | None"]
"""The origins of names after a branch; None for an unbound name."""


class Environment(dict[str, Origins]):
    """The origins of the values of names at one point of the code."""

    def __init__(self) -> None:
        super().__init__()
        self._before: list[Changes] = []  # for each active branch, the previous values of the names that it changed
        self._parts: dict[str, set[str]] = {}  # by each dotted name around them, the dotted names of parts that have been bound

    def __setitem__(self, name: str, origins: Origins) -> None:
        if self._before:
            self._before[-1].setdefault(name, self.get(name))
        around = name.rpartition(".")[0]
        while around:
            self._parts.setdefault(around, set()).add(name)
            around = around.rpartition(".")[0]
        super().__setitem__(name, origins)

    def __delitem__(self, name: str) -> None:
        if self._before:
            self._before[-1].setdefault(name, self.get(name))
        super().__delitem__(name)

    def of(self, path: str) -> Origins | None:
        """Return the origins of a dotted name, its own or those of an object of which it is a part, with the origins of its parts; None if it is unbound."""
        prefix, found = path, None
        while prefix:
            if prefix in self:
                found = self[prefix]
                break
            prefix = prefix.rpartition(".")[0]
        parts = [*self._parts.get(path, ())]
        if path.endswith("]"):
            parts.append(path.rpartition(".[")[0] + ANY_KEY)
        for part in parts:
            if part in self:
                found = (frozenset({path}) if found is None else found) | self[part]
        return found

    def forget_parts(self, name: str) -> None:
        """Forget the origins of the parts of a name that is rebound."""
        for part in self._parts.get(name, ()):
            if part in self:
                del self[part]

    def put_into(self, path: str, slot: str | None, origins: Origins, *, is_plain: bool) -> None:
        """Record that a value is stored in a container, under a constant or an unknown key."""
        if slot is not None and is_plain:
            self[f"{path}.[{slot}]"] = origins
        elif path in self:
            self[path] |= origins
        elif origins:
            self[path + ANY_KEY] = self.get(path + ANY_KEY, NO_ORIGIN) | origins

    def run_branch(self, follow: Callable[[], None]) -> Changes:
        """Run a branch, return what it changes, and restore the names."""
        self._before.append({})
        follow()
        before = self._before.pop()
        changes: Changes = {name: self.get(name) for name in before}
        self._put(before)
        return changes

    def apply_changes(self, changes: Changes) -> None:
        """Apply the changes of a branch."""
        for name, origins in changes.items():
            if origins is None:
                if name in self:
                    del self[name]
            else:
                self[name] = origins

    def merge_branches(self, one: Changes, other: Changes, because: Origins = NO_ORIGIN) -> Changes:
        """Merge the changes of two branches, one of which was taken `because` of some origins. A name bound in only one branch may keep its outer
        value.
        """
        found: Changes = {}
        for name in {**one, **other}:
            outer = self.get(name)
            first, second = one.get(name, outer), other.get(name, outer)
            if first is None and second is None:
                found[name] = None
                continue
            both = (self._unbound(name) if first is None else first) | (self._unbound(name) if second is None else second)
            found[name] = both | because if first != outer or second != outer else both
        return found

    def _unbound(self, name: str) -> Origins:
        """Return the origins of a name that is not bound itself: those of an object of which it is a part, or of the outer variable."""
        prefix = name.rpartition(".")[0]
        while prefix and prefix not in self:
            prefix = prefix.rpartition(".")[0]
        return self[prefix] if prefix else frozenset({name})

    def _put(self, before: Changes) -> None:
        for name, origins in before.items():
            if origins is not None:
                super().__setitem__(name, origins)
            elif name in self:
                super().__delitem__(name)
