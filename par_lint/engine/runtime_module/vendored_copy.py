"""Copy the runtime into a project, and know such a copy again, whatever formatters have made of it."""

from __future__ import annotations

import hashlib
import io
import os
import re
import sys
import tokenize
from collections.abc import Callable, Iterator
from pathlib import Path

import par_lint
from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.problems import Problem, unreadable
from par_lint.engine.runtime_module.import_names import is_name, top_package

_BANNER = re.compile(rb"^# ?par-lint runtime, version (\S+), sha256 ([0-9a-f]{64})\.[^\n]*\n", re.MULTILINE)
_DOCSTRING = re.compile(rb"^[rRuU]?(?:\"\"\"|''')\s*Run one function over many items (?:at once|concurrently), (?:in threads, )?and get (?:every|each) result\b", re.MULTILINE)
_HEAD_BYTES = 4000
_LEAST_BYTES = 5000  # shorter files are no copies
_HEADER = tuple(
    b"# %s\n" % wish for wish in (
        b"fmt: off", b"isort: skip_file", b"ruff: noqa: PGH004", b"ruff: noqa", b"flake8: noqa", b"mypy: ignore-errors", b"pylint: skip-file", b"autopep8: off",
    )
)  # fmt: skip
"""What black, isort, ruff, flake8, mypy, pylint and autopep8 read as a wish to be left alone. PGH004 is ruff's rule against such wishes."""
_UNCOVERED = b"  # pragma: no cover"
_NOQA = re.compile(rb"[ \t]*# noqa\b[^#\n]*(?=\s*$|#)")
_IMPORT = re.compile(r"^[ \t]*(?:from\s+[\w.]+\s+import\s+(?:\([^)]*\)|[^\n(#]*)|import\s+[^\n#]*)[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_PREFIX = re.compile(r"\b[fFrRbBuU]{1,2}(?=[\"'])")
_LAYOUT = re.compile(r"[\s(),\\'\"]+")


def runtime_source() -> bytes:
    """The runtime as it ships."""
    return Path(par_lint.__path__[0], "parallel.py").read_bytes()


def copy_source() -> bytes:
    """The runtime as it is copied: under a banner, with comments for the tools of the project."""
    body = b"".join(_HEADER) + _adapted(runtime_source())
    banner = f"# par-lint runtime, version {par_lint.__version__}, sha256 {_digest(body)}. Made by `par-lint vendor`: change the original, not this copy.\n"
    return banner.encode() + body


def vendor(path: Path, *, force: bool = False, confirm: Callable[[str], bool] = lambda question: False) -> str:
    """Write a copy to a file, or as parallel.py into a folder; a line that says what was done.

    A copy that was changed by hand is overwritten with `force`, or if `confirm` says yes to the question.
    Raises Problem for a name that cannot be imported, a file that is no copy, or a folder that is not there or cannot be written.
    """
    target = target_of(path)
    _check_name(target)
    if target.is_symlink() and not target.exists():
        raise Problem(f"{target}: is a link to {os.readlink(target)}, which is not there; remove the link first")
    if os.path.lexists(target) and not is_copy(target):
        raise Problem(f"{target}: is there and no copy of the runtime; name another file")
    if target.exists():
        old = _read(target)
        if _is_whole(old) and _digest_in(old) == _digest_in(copy_source()):
            return f"{target} is up to date"
        if not _is_whole(old) and not force and not confirm(f"{target} was changed by hand. Overwrite it?"):
            raise Problem(f"{target}: was changed by hand; nothing was written; `par-lint vendor --force {target}` overwrites it")
    write_atomically(target, copy_source())
    return f"{target} written (par-lint {par_lint.__version__})"


def target_of(path: Path) -> Path:
    """The file that a path means: parallel.py in a folder; `.py` need not be typed."""
    if path.is_dir():
        return path / "parallel.py"
    return path if path.suffix == ".py" else path.with_name(f"{path.name}.py")


def find_drift(path: Path) -> str | None:
    """How a copy differs from what this version would write, as one line; None when only its layout does, or nothing."""
    target = target_of(path)
    data = _read(target)
    if not is_copy(target):
        return f"{target}: is no copy of the runtime; `par-lint vendor` makes one"
    found = _BANNER.search(data[:_HEAD_BYTES])
    if found is None:
        return f"{target}: has lost its first line, which tells its version; run `par-lint vendor --force {target}` to restore it"
    if not _is_whole(data):
        return f"{target}: was changed by hand; run `par-lint vendor --force {target}` to restore it"
    if found.group(2).decode() != _digest_in(copy_source()):
        return f"{target}: is of par-lint {found.group(1).decode()}; run `par-lint vendor {target}` to renew it"
    return None


def is_copy(path: Path) -> bool:
    """Whether a file is a copy of the runtime, by its banner or by the beginning of its docstring; False for what cannot be read."""
    try:
        if not path.is_file() or path.stat().st_size < _LEAST_BYTES:
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    return _BANNER.search(head) is not None or _DOCSTRING.search(head) is not None


def is_current(path: Path) -> bool:
    """Whether a copy knows all that fixes call: `as_loop` with `stream` is the youngest of it."""
    return b"as_loop goes with max_workers, fail_fast and stream only" in _read(path)


def _check_name(target: Path) -> None:
    """Raise Problem for a file that no import statement can name, or that would take the place of another module."""
    if not target.parent.is_dir():
        raise Problem(f"{target.parent}: no such folder; make it first")
    package = top_package(target.absolute())
    for name in (target.stem, *(target.absolute().relative_to(package.parent).parts[:-1] if package is not None else ())):
        if not is_name(name):
            raise Problem(f"{target}: `{name}` cannot be imported by name; choose another, such as parallel.py")
    if target.stem.startswith("__"):
        raise Problem(f"{target}: has a meaning of its own to Python; choose another name, such as parallel.py")
    if package is None and (target.stem in sys.stdlib_module_names or target.stem == "par_lint"):
        owner = "par-lint" if target.stem == "par_lint" else "the standard library"
        raise Problem(f"{target}: would take the place of `{target.stem}` of {owner}; choose another name, such as parallel.py")


def _read(target: Path) -> bytes:
    try:
        return target.read_bytes()
    except OSError as error:
        raise unreadable(target, error) from error


def _digest_in(data: bytes) -> str | None:
    found = _BANNER.search(data[:_HEAD_BYTES])
    return found.group(2).decode() if found is not None else None


def _is_whole(data: bytes) -> bool:
    """Whether a copy says what it said when it was written, in whatever layout."""
    found = _BANNER.search(data[:_HEAD_BYTES])
    if found is None:
        return False
    body = data[found.end():]
    return found.group(2).decode() in (_digest(body), hashlib.sha256(body).hexdigest())  # the latter in copies of older versions


def _digest(body: bytes) -> str:
    """A digest that stays when a formatter changes quotes, brackets, commas and line breaks, or a sorter the order of imports."""
    lines = [line.replace(_UNCOVERED.strip(), b"") for line in body.splitlines() if line + b"\n" not in _HEADER]
    text = b"\n".join(lines).decode("utf-8", "replace")
    imported = sorted({word for line in _IMPORT.findall(text) for word in re.findall(r"[\w.]+", re.sub(r"#.*", "", line))})
    rest = _LAYOUT.sub("", _PREFIX.sub("", _IMPORT.sub("", text))).casefold()
    return hashlib.sha256(" ".join([*imported, rest]).encode()).hexdigest()


def _adapted(source: bytes) -> bytes:
    """A source without comments for our own linters, which ruff has rules about, and with those that keep coverage from its blocks."""
    lines = [_NOQA.sub(b"", line) for line in source.splitlines(keepends=True)]
    for number in _block_starts(source):
        lines[number - 1] = lines[number - 1].rstrip() + _UNCOVERED + b"\n"
    return b"".join(lines)


def _block_starts(source: bytes) -> Iterator[int]:
    """The lines (1-based) on which blocks at the top level begin."""
    is_start = True
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if is_start and token.type == tokenize.NAME and token.start[1] == 0:
            if token.string in ("def", "class", "async", "if", "elif", "else", "try", "except", "finally", "for", "while", "with"):
                yield token.start[0]
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING):
            is_start = token.type == tokenize.NEWLINE
