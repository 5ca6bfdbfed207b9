"""`# noqa` comments that name a rule in a way that flake8 does not read: an unknown PRL code, or the name of a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from par_lint.core.config.rule_codes import PREFIX, RULES, find_code, unknown_code_message
from par_lint.engine.suppression.logical_lines import LogicalLines

_NOQA = re.compile(r"#\s*(?:flake8[:=]\s*)?noqa\s*:\s*(?P<words>[^#\n]*)", re.IGNORECASE)
_SEPARATOR = re.compile(r"[,\s]+")
_CODE = re.compile(r"[A-Za-z]+[0-9]+")


def find_unknown_noqa(lines: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield the line (1-based) and the problem of each such comment. Words behind the codes are an explanation, and may be anything."""
    found = [(number, match) for number, line in enumerate(lines, 1) if (match := _NOQA.search(line)) is not None]
    wrong = [(number, match.start(), problem) for number, match in found if (problem := _problem(match["words"])) is not None]
    comments = LogicalLines(lines).comments if wrong else {}
    yield from ((number, problem) for number, start, problem in wrong if comments.get(number, start + 1) <= start)


def _problem(words: str) -> str | None:
    for place, word in enumerate(filter(None, _SEPARATOR.split(words))):
        if word.lower() in RULES.values():
            code = find_code(word)
            return f"noqa: {word}: comments need the code: write {code}" + (" (flake8 reads this comment as a noqa for all codes)" if not place else "")
        if _CODE.fullmatch(word) is None:
            return None
        if word.upper().startswith(PREFIX) and find_code(word) is None:
            return f"noqa: {unknown_code_message(word)}"
    return None
