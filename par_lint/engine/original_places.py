"""The original positions of findings: messages name the lines of the file before the fixes of this run moved them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from par_lint.core.findings import Finding, Withheld

_LINE = re.compile(r"\bline \d+")
Place = tuple[int, int, str]


class OriginalPositions:
    """The findings of a file before it is fixed, without those that were fixed already."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self._left = sorted(findings)

    def translator(self, now: Sequence[Finding]) -> Callable[[Finding], Finding]:
        """Return a function that moves a finding to where it was. `now` are all findings of the file as it is."""
        origins = self.origins(now)
        return lambda finding: _moved(finding, origins.get(_place(finding)))

    def origins(self, now: Sequence[Finding]) -> dict[Place, Finding]:
        """Return the finding that each finding of the file as it is was, by its place now; without those that cannot be told."""
        pairs: dict[Place, Finding] = {}
        for key in (_text, _code):  # the words of a message may change when something around it is fixed
            paired = {id(origin) for origin in pairs.values()}
            before = _groups([one for one in self._left if id(one) not in paired], key)
            after = _groups([one for one in now if _place(one) not in pairs], key)
            for name, found in after.items():
                if len(before.get(name, ())) == len(found):
                    pairs.update(zip(map(_place, found), before[name], strict=True))
        return pairs

    def remove(self, fixed: Sequence[Finding]) -> None:
        """Forget findings that were fixed, given at their original places."""
        places = set(map(_place, fixed))
        self._left = [one for one in self._left if _place(one) not in places]


def _moved(finding: Finding, origin: Finding | None) -> Finding:
    """Return a finding at the place, and with the message, of the one that it was."""
    if origin is None:
        return finding
    return replace(
        finding, line=origin.line, column=origin.column, end=origin.end, message=origin.message,
        caveat=_moved_reason(finding.caveat, origin.caveat, finding, origin), withheld=_moved_reason(finding.withheld, origin.withheld, finding, origin),
    )  # fmt: skip


def _moved_reason(why: Withheld | None, before: Withheld | None, finding: Finding, origin: Finding) -> Withheld | None:
    if why is None:
        return None
    if before is not None and before.reason == why.reason:
        return before
    return replace(why, line=max(1, why.line + origin.line - finding.line))


def _groups(findings: Sequence[Finding], key: Callable[[Finding], str]) -> dict[str, list[Finding]]:
    groups: dict[str, list[Finding]] = {}
    for finding in sorted(findings):
        groups.setdefault(key(finding), []).append(finding)
    return groups


def _text(finding: Finding) -> str:
    return f"{finding.code} {_LINE.sub('line', finding.message)}"


def _code(finding: Finding) -> str:
    return finding.code


def _place(finding: Finding) -> Place:
    return finding.line, finding.column, finding.code
