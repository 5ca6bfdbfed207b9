"""The codes of par-lint, and how they may be written: in any case, by the rule's name, or by the beginning of a code.

It imports no rule, because flake8 starts with it; a test compares it with the rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

PREFIX = "PRL"
"""What all codes begin with."""

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
"""The name of each rule by its code."""

INTERNAL_ERROR = "PRL000"
UNHIDEABLE: Mapping[str, str] = MappingProxyType({INTERNAL_ERROR: "internal-error"})
"""Codes, with their names, that can be selected, and that no `ignore`, baseline or choice of other codes hides: errors of ours."""

_SEPARATOR = re.compile(r"[,\s]+")
_WORD = re.compile(r"[^,:\s]+")


class UnknownCode(ValueError):
    """A word that stands where a code should, and is none. The message is the word, the problem and the remedy."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word

    def __str__(self) -> str:
        return unknown(self.word)


def words(text: str) -> list[str]:
    """The words of a list as flake8 writes them, between commas or spaces."""
    return [word for word in _SEPARATOR.split(text) if word]


def find_code(word: str) -> str | None:
    """The code, or the beginning of codes, that a word means, as flake8 writes it; None for a word that means none."""
    known = {**RULES, **UNHIDEABLE}
    upper = word.upper()
    if upper and any(code.startswith(upper) for code in known):
        return upper
    return next((code for code, name in known.items() if name == word.lower()), None)


def code_of(word: str) -> str:
    """As `find_code`. Raises UnknownCode."""
    code = find_code(word)
    if code is None:
        raise UnknownCode(word)
    return code


def unknown(word: str) -> str:
    """What to say of a word that means no rule: the rules that were probably meant, or all that there are."""
    import difflib

    known = {**RULES, **UNHIDEABLE}
    by_word = {spelling: code for code, name in known.items() for spelling in (code.lower(), name)}
    close = {by_word[spelling] for spelling in difflib.get_close_matches(word.lower(), by_word, n=3, cutoff=0.7)}
    hint = " or ".join(f"{code} ({known[code]})" for code in sorted(close))
    return f"{word}: no such rule; " + (f"did you mean {hint}?" if hint else f"there are {', '.join(known)}")


def is_ours(word: str) -> bool:
    """Whether a word in a list that all plugins of flake8 share can only mean a code of par-lint, rightly spelled or not."""
    return word.upper().startswith(PREFIX) or word.lower() in RULES.values()


def codes_among(chosen: Iterable[str]) -> list[str]:
    """A list that all plugins of flake8 share, with our codes as flake8 writes them. Raises UnknownCode for one that is none of ours."""
    return [code_of(word) if is_ours(word) else word for word in chosen]


def codes_in_mapping(text: str, *, all_are_ours: bool = False) -> str:
    """As `codes_among`, of flake8's `per-file-ignores`: `FILE,FILE:CODE,CODE FILE:CODE`. Words before a colon are files."""
    first_colon = text.find(":") if ":" in text else len(text)

    def as_code(match: re.Match[str]) -> str:
        is_file = match.start() < first_colon or text[match.end() :].lstrip().startswith(":")
        return match[0] if is_file or not (all_are_ours or is_ours(match[0])) else code_of(match[0])

    return _WORD.sub(as_code, text)
