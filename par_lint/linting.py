"""Linting many files: from the cache where it knows them, else on all cores where there are enough of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from par_lint.cache import Cache, key, place
from par_lint.config import ConfigError, load_config
from par_lint.cores import is_worth_processes, map_on_cores
from par_lint.engine import lint
from par_lint.findings import Finding, UnparsableSource
from par_lint.fixing import read_source
from par_lint.problems import Problem, internal, unparsable
from par_lint.source import decode, parse_tree, split_lines

_ENOUGH_FOR_PROCESSES = 64  # files; below that, starting processes takes longer than it saves


@dataclass(frozen=True)
class Checked:
    """What one file came to: its findings, with its lines and bytes where there are any, or a problem."""

    path: str
    findings: tuple[Finding, ...] = ()
    lines: tuple[str, ...] = ()
    problem: str | None = None
    source: bytes = b""
    key: str = ""
    """What to note its findings under; empty where they are noted already."""


def lint_files(files: Sequence[str], cache: Cache | None) -> Iterator[Checked]:
    """What files come to, in their order; the cache is saved at the end."""
    if cache is None:
        yield from _fresh(files)
        return
    known = {path: found for path in files if (found := _known(path, cache)) is not None}
    fresh = _fresh([path for path in files if path not in known])
    try:
        for path in files:
            checked = known.get(path) or next(fresh)
            if checked.key:
                cache.note(checked.key, checked.findings)
            yield checked
    finally:
        cache.save()


def cache_of(paths: Sequence[str]) -> Cache | None:
    """The cache of the project of the first path; none for standard input."""
    try:
        return Cache(place(load_config(Path(paths[0])))) if paths and "-" not in paths else None
    except (ConfigError, OSError):
        return None  # which the check of the file says


def lint_file(path: str) -> Checked:
    """Lint one file; `-` is standard input. A configuration that cannot be used is a problem of the file."""
    try:
        source = read_source(path)
        config = load_config(Path(path if path != "-" else "."))
        lines = _lines(source)
        findings = lint(parse_tree(source), lines, config)
    except UnparsableSource as error:
        return Checked(path, problem=str(unparsable(path, error)))
    except (Problem, ConfigError) as error:
        return Checked(path, problem=str(error))
    except Exception as error:
        return Checked(path, problem=str(internal(path, error)))
    return replace(_checked(path, source, tuple(findings)), key=key(source, config))


def _known(path: str, cache: Cache) -> Checked | None:
    """What the cache says of a file; None where it does not know it as it is now."""
    try:
        source = read_source(path)
        findings = cache.find(key(source, load_config(Path(path))))
        return None if findings is None else _checked(path, source, findings)
    except (Problem, ConfigError, UnparsableSource):
        return None


def _checked(path: str, source: bytes, findings: tuple[Finding, ...]) -> Checked:
    return Checked(path, findings, tuple(_lines(source)), source=source) if findings else Checked(path)


def _lines(source: bytes) -> list[str]:
    return split_lines(decode(source)[0].removeprefix("\ufeff"))


def _fresh(files: Sequence[str]) -> Iterator[Checked]:
    is_much = is_worth_processes(files, len(files), _ENOUGH_FOR_PROCESSES)
    return map_on_cores(lint_file, files, chunk=16) if is_much else map(lint_file, files)
