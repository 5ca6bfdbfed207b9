"""The codes of par-lint and their spellings: upper or lower case, the rule's name, or a prefix of a code.

This module imports no rule, because flake8 loads it at startup; a test compares it with the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

PREFIX = "PRL"
"""The prefix of all codes."""

RULES: Mapping[str, str] = MappingProxyType({
    "PRL101": "sequential-file-io",
    "PRL102": "sequential-network-io",
    "PRL103": "sequential-subprocesses",
    "PRL104": "await-in-loop",
    "PRL105": "start-then-wait",
    "PRL106": "calls-in-a-row",
    "PRL111": "nested-listing",
    "PRL201": "subprocess-without-timeout",
    "PRL202": "network-without-timeout",
    "PRL301": "threads-for-cpu-work",
    "PRL302": "executor-per-item",
    "PRL401": "too-few-workers",
    "PRL402": "too-many-workers",
    "PRL501": "lost-errors",
})  # fmt: skip
"""Maps each code to the name of its rule."""

INTERNAL_ERROR = "PRL000"
UNSUPPRESSIBLE: Mapping[str, str] = MappingProxyType({INTERNAL_ERROR: "internal-error"})
"""Codes of internal errors, with their names. They can be selected, but no `ignore`, baseline or selection of other codes hides them."""

UNUSED_NOQA = "PRL001"
OPTIONAL: Mapping[str, str] = MappingProxyType({UNUSED_NOQA: "unused-noqa"})
"""Codes that only an option reports, with their names."""
_ALL: Mapping[str, str] = MappingProxyType({**RULES, **UNSUPPRESSIBLE, **OPTIONAL})

_SEPARATOR = re.compile(r"[,\s]+")
_WORD = re.compile(r"[^,:\s]+")


class UnknownCode(ValueError):
    """A word in a list of codes that is not a code. The message says what is wrong and how to fix it."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word

    def __str__(self) -> str:
        return unknown_code_message(self.word)


def rule_name(code: str) -> str:
    """Return the name of a code, such as `sequential-file-io`."""
    return _ALL[code]


def split_list(text: str) -> list[str]:
    """Split a list in flake8's format, at commas or white space."""
    return [word for word in _SEPARATOR.split(text) if word]


def find_code(word: str) -> str | None:
    """Return the code, or prefix of codes, for a code or rule name in any case; None if there is no such rule."""
    upper = word.upper()
    if upper and any(code.startswith(upper) for code in _ALL):
        return upper
    return next((code for code, name in _ALL.items() if name == word.lower()), None)


def require_code(word: str) -> str:
    """Return the code as `find_code` does. Raises UnknownCode if there is no such rule."""
    code = find_code(word)
    if code is None:
        raise UnknownCode(word)
    return code


def unknown_code_message(word: str, others: tuple[str, ...] = ()) -> str:
    """Return the message for a word that is not a rule: the closest rules, or all rules if none is close. `others` are words that are valid, too."""
    import difflib

    by_word = {spelling: code for code, name in _ALL.items() for spelling in (code.lower(), name)} | {other: other for other in others}
    close = {by_word[spelling] for spelling in difflib.get_close_matches(word.lower(), by_word, n=3, cutoff=0.7)}
    hint = " or ".join(f"{code} ({_ALL[code]})" if code in _ALL else f"`{code}`" for code in sorted(close))
    return f"{word}: no such rule; " + (f"did you mean {hint}?" if hint else f"valid rules: {', '.join(_ALL)}{''.join(f', or `{other}`' for other in others)}")


def is_par_lint_code(word: str) -> bool:
    """Return whether a word in a list that all flake8 plugins share can only mean a par-lint code, even if it is misspelled."""
    return word.upper().startswith(PREFIX) or word.lower() in RULES.values()


def normalize_codes(chosen: Iterable[str]) -> list[str]:
    """Return a list that all flake8 plugins share with par-lint's codes in flake8's spelling. Raises UnknownCode for a misspelled one."""
    return [require_code(word) if is_par_lint_code(word) else word for word in chosen]


def normalize_code_mapping(text: str, *, all_are_ours: bool = False) -> str:
    """Normalize the codes in flake8's `per-file-ignores` (`FILE,FILE:CODE,CODE FILE:CODE`). Words before a colon are files.

    Args:
        text: the value of the option.
        all_are_ours: treat every code as one of par-lint's.

    Raises:
        UnknownCode: a par-lint code is misspelled.
    """
    first_colon = text.find(":") if ":" in text else len(text)

    def as_code(match: re.Match[str]) -> str:
        is_file = match.start() < first_colon or text[match.end() :].lstrip().startswith(":")
        return match[0] if is_file or not (all_are_ours or is_par_lint_code(match[0])) else require_code(match[0])

    return _WORD.sub(as_code, text)
