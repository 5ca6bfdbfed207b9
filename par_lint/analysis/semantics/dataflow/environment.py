"""The environment of an abstract execution: the origins of names, with a log of changes for branches."""

from __future__ import annotations

from collections.abc import Callable

from par_lint.analysis.semantics.dataflow.summary import NO_ORIGIN, Origins

Changes = dict[str, "Origins | None"]
"""The origins of names after a branch; None for an unbound name."""


class Names(dict[str, Origins]):
    """The origins of the values of names at one point of the code."""

    def __init__(self) -> None:
        super().__init__()
        self._before: list[Changes] = []  # for each active branch, the previous values of the names that it changed

    def __setitem__(self, name: str, origins: Origins) -> None:
        if self._before:
            self._before[-1].setdefault(name, self.get(name))
        super().__setitem__(name, origins)

    def __delitem__(self, name: str) -> None:
        if self._before:
            self._before[-1].setdefault(name, self.get(name))
        super().__delitem__(name)

    def after(self, follow: Callable[[], None]) -> Changes:
        """Run a branch, return what it changes, and restore the names."""
        self._before.append({})
        follow()
        before = self._before.pop()
        changes: Changes = {name: self.get(name) for name in before}
        self._put(before)
        return changes

    def become(self, changes: Changes) -> None:
        """Apply the changes of a branch."""
        for name, origins in changes.items():
            if origins is None:
                if name in self:
                    del self[name]
            else:
                self[name] = origins

    def either(self, one: Changes, other: Changes, because: Origins = NO_ORIGIN) -> Changes:
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
            both = (frozenset({name}) if first is None else first) | (frozenset({name}) if second is None else second)
            found[name] = both | because if first != outer or second != outer else both
        return found

    def _put(self, before: Changes) -> None:
        for name, origins in before.items():
            if origins is not None:
                super().__setitem__(name, origins)
            elif name in self:
                super().__delitem__(name)
