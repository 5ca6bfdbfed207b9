"""Which findings [tool.par-lint] selects. flake8's own configuration has priority.

An option of flake8 replaces the key in the table: `select` if it, or `extend-select`, contains a par-lint code; `ignore`,
`per-file-ignores` and `exclude` likewise. If several entries match a code, the longest one decides.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
from collections.abc import Iterable, Sequence

from flake8.defaults import EXCLUDE
from flake8.utils import parse_files_to_codes_mapping

from par_lint.core.config.rule_codes import PREFIX, UNSUPPRESSIBLE, normalize_code_mapping, normalize_codes
from par_lint.core.config.settings import ProjectSelection


class Flake8Selection:
    """The par-lint codes in flake8's options."""

    def __init__(
        self, select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), *, replaces_select: bool = False, replaces_ignore: bool = False,
        replaces_per_file: bool = False, replaces_exclude: bool = False,
    ) -> None:  # fmt: skip
        self.select = select
        """The par-lint entries of `select` and `extend-select`."""
        self.ignore = ignore
        """The par-lint entries of `ignore`."""
        self.replaces_select = replaces_select or bool(select)
        self.replaces_ignore = replaces_ignore or bool(ignore)
        self.replaces_per_file = replaces_per_file
        self.replaces_exclude = replaces_exclude


_EMPTY = Flake8Selection()


def normalize_options(options: argparse.Namespace) -> Flake8Selection:
    """Normalize the par-lint codes in flake8's options, and return them. Raises UnknownCode and flake8's own exceptions."""
    for key in ("select", "extend_select", "ignore", "extend_ignore"):
        chosen = getattr(options, key)
        if chosen:
            setattr(options, key, normalize_codes(chosen))
    options.per_file_ignores = normalize_code_mapping(options.per_file_ignores)
    return Flake8Selection(
        tuple(_ours([*(options.select or ()), *(options.extend_select or ())])), tuple(_ours(options.ignore or ())),
        replaces_per_file=any(_ours(codes) for _, codes in parse_files_to_codes_mapping(options.per_file_ignores)), replaces_exclude=list(options.exclude) != list(EXCLUDE),
    )  # fmt: skip


def _ours(chosen: Iterable[str]) -> list[str]:
    return [word for word in chosen if word and (word.startswith(PREFIX) or PREFIX.startswith(word))]


def is_shown(selection: ProjectSelection, said: Flake8Selection | None, path: str, code: str) -> bool:
    """Return whether a code is reported in a file, by the project's table and flake8's options."""
    if selection.is_empty or code in UNSUPPRESSIBLE:
        return True
    said = said or _EMPTY
    select = said.select if said.replaces_select else selection.select
    if not said.replaces_select and selection.select and not code.startswith(selection.select):
        return False
    ignore = [] if said.replaces_ignore else list(selection.ignore)
    if not said.replaces_per_file:
        ignore += (word for pattern, codes in selection.per_file_ignores.items() if _matches(path, [pattern], selection.root) for word in codes)
    hidden = _longest_prefix(code, ignore)
    return hidden < 0 or _longest_prefix(code, select) + said.replaces_select > hidden  # at the same length, flake8's options have priority


def is_excluded(selection: ProjectSelection, said: Flake8Selection | None, path: str) -> bool:
    """Return whether the project's table excludes a file or a folder around it."""
    patterns = [*(() if said and said.replaces_exclude else selection.exclude), *selection.extend_exclude]
    if not patterns or path == "-":
        return False
    place, above = os.path.abspath(path), ""
    while place not in (selection.root, above):
        if _matches(place, patterns, selection.root):
            return True
        place, above = os.path.dirname(place), place
    return False


def _longest_prefix(code: str, chosen: Iterable[str]) -> int:
    """Return the length of the longest entry that is a prefix of a code; -1 if there is none."""
    return max((len(word) for word in chosen if code.startswith(word)), default=-1)


def _matches(path: str, patterns: Sequence[str], root: str) -> bool:
    """Return whether a file or folder matches a pattern as in flake8: by its name, or by its path if the pattern contains a slash."""
    place = os.path.abspath(path)
    for pattern in patterns:
        plain = pattern.rstrip("/" + os.sep)
        if fnmatch.fnmatch(os.path.basename(place), plain):
            return True
        if "/" in pattern and fnmatch.fnmatch(place, os.path.abspath(os.path.join(root, plain))):
            return True
    return False
