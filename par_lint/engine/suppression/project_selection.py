"""Which findings a project wants by its [tool.par-lint], beside flake8's own configuration, which is stronger.

What flake8's options say of our codes, they say in the place of the table: its `select` where theirs, or `extend-select`, names one
of our codes; `ignore`, `per-file-ignores` and `exclude` likewise. Of the words that fit a code, the longest decides.
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
    """What flake8's options say of our codes."""

    def __init__(
        self, select: tuple[str, ...] = (), ignore: tuple[str, ...] = (), *, replaces_select: bool = False, replaces_ignore: bool = False,
        replaces_per_file: bool = False, replaces_exclude: bool = False,
    ) -> None:  # fmt: skip
        self.select = select
        """The words of `select` and `extend-select` that are ours."""
        self.ignore = ignore
        """Those of `ignore`."""
        self.replaces_select = replaces_select or bool(select)
        self.replaces_ignore = replaces_ignore or bool(ignore)
        self.replaces_per_file = replaces_per_file
        self.replaces_exclude = replaces_exclude


_NOTHING = Flake8Selection()


def settle(options: argparse.Namespace) -> Flake8Selection:
    """Spell our codes in flake8's options as flake8 reads them, and say which there are. Raises UnknownCode, and what flake8 raises."""
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
    """Whether a table lets a code be shown in a file, of which flake8's options say nothing to the contrary."""
    if selection.is_empty or code in UNSUPPRESSIBLE:
        return True
    said = said or _NOTHING
    select = said.select if said.replaces_select else selection.select
    if not said.replaces_select and selection.select and not code.startswith(selection.select):
        return False
    ignore = [] if said.replaces_ignore else list(selection.ignore)
    if not said.replaces_per_file:
        ignore += (word for pattern, codes in selection.per_file_ignores.items() if _matches(path, [pattern], selection.root) for word in codes)
    hidden = _longest(code, ignore)
    return hidden < 0 or _longest(code, select) + said.replaces_select > hidden  # what flake8 says counts more than as much in the table


def is_excluded(selection: ProjectSelection, said: Flake8Selection | None, path: str) -> bool:
    """Whether a table leaves out a file, or one of the folders around it."""
    patterns = [*(() if said and said.replaces_exclude else selection.exclude), *selection.extend_exclude]
    if not patterns or path == "-":
        return False
    place, above = os.path.abspath(path), ""
    while place not in (selection.root, above):
        if _matches(place, patterns, selection.root):
            return True
        place, above = os.path.dirname(place), place
    return False


def _longest(code: str, chosen: Iterable[str]) -> int:
    """The length of the longest word that a code begins with; -1 where there is none."""
    return max((len(word) for word in chosen if code.startswith(word)), default=-1)


def _matches(path: str, patterns: Sequence[str], root: str) -> bool:
    """Whether a file or folder fits a pattern, as flake8 has it: by its name, or by its whole path where the pattern has a slash."""
    place = os.path.abspath(path)
    for pattern in patterns:
        plain = pattern.rstrip("/" + os.sep)
        if fnmatch.fnmatch(os.path.basename(place), plain):
            return True
        if "/" in pattern and fnmatch.fnmatch(place, os.path.abspath(os.path.join(root, plain))):
            return True
    return False
