"""Copy the runtime into a project, and recognise such a copy even after formatters changed it."""

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
from par_lint.core.files.read_errors import Problem, unreadable
from par_lint.engine.runtime_module.import_names import is_name, top_package

_BANNER = re.compile(rb"^# ?par-lint runtime, version (\S+), sha256 ([0-9a-f]{64})\.[^\n]*\n", re.MULTILINE)
_DOCSTRING = re.compile(rb"^[rRuU]?(?:\"\"\"|''')\s*Run one function over many items (?:at once|concurrently), (?:in threads, )?and get (?:every|each) result\b", re.MULTILINE)
OLDEST_PYTHON = 9
"""The minor version of the oldest Python 3 on which a copy can be imported."""
_HEAD_BYTES = 4000
_LEAST_BYTES = 5000  # shorter files are not copies
_HEADER = tuple(
    b"# %s\n" % wish for wish in (
        b"fmt: off", b"isort: skip_file", b"ruff: noqa: PGH004", b"ruff: noqa", b"flake8: noqa", b"mypy: ignore-errors", b"pylint: skip-file", b"autopep8: off",
    )
)  # fmt: skip
"""Comments that make black, isort, ruff, flake8, mypy, pylint and autopep8 ignore a file. PGH004 is ruff's rule against such comments."""
_UNCOVERED = b"  # pragma: no cover"
_OWN_NAME = b"from par_lint.parallel import"  # in the docstring
_NOQA = re.compile(rb"[ \t]*# noqa\b[^#\n]*(?=\s*$|#)")
_IMPORT = re.compile(r"^[ \t]*(?:from\s+[\w.]+\s+import\s+(?:\([^)]*\)|[^\n(#]*)|import\s+[^\n#]*)[ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_PREFIX = re.compile(r"\b[fFrRbBuU]{1,2}(?=[\"'])")
_LAYOUT = re.compile(r"[\s(),\\'\"]+")


def runtime_source() -> bytes:
    """Return the source of the runtime."""
    return Path(par_lint.__path__[0], "parallel.py").read_bytes()


def copy_source() -> bytes:
    """Return the source of a copy: with a banner, and with comments for the tools of the project."""
    body = b"".join(_HEADER) + _for_projects(runtime_source())
    banner = f"# par-lint runtime, version {par_lint.__version__}, sha256 {_digest(body)}. Made by `par-lint vendor`: change the original, not this copy.\n"
    return banner.encode() + body


def vendor(path: Path, *, force: bool = False, confirm: Callable[[str], bool] = lambda question: False) -> str:
    """Write a copy to a file, or as parallel.py into a folder; return a line that says what was done.

    Args:
        path: the file or folder.
        force: overwrite a modified copy.
        confirm: asks whether to overwrite a modified copy.

    Raises:
        Problem: the name cannot be imported, the file is not a copy, or the folder is missing or not writable.
    """
    target = target_of(path)
    _check_name(target)
    if target.is_symlink() and not target.exists():
        raise Problem(f"{target}: broken symbolic link to {os.readlink(target)}; remove the link first")
    if os.path.lexists(target) and not is_copy(target):
        raise Problem(f"{target} already exists and is not a vendored runtime; choose another path")
    if target.exists():
        old = _read(target)
        if _is_unmodified(old) and _digest_in(old) == _digest_in(copy_source()):
            return f"{target} is up to date"
        if not _is_unmodified(old) and not force and not confirm(f"{target} was modified. Overwrite it?"):
            raise Problem(f"{target} was modified and is left unchanged; run `par-lint vendor --force {target}` to overwrite it")
    copy = copy_source()
    write_atomically(target, copy)
    lines = copy.count(b"\n")
    return f"{target} written (par-lint {par_lint.__version__}, {lines} lines, {len(copy) // 1000} kB)"


def target_of(path: Path) -> Path:
    """Return the file that a path means: parallel.py in a folder; `.py` is optional."""
    if os.path.isdir(path):
        return path / "parallel.py"
    return path if path.suffix == ".py" else path.with_name(f"{path.name}.py")


def find_drift(path: Path) -> str | None:
    """Return how a copy differs from the one that this version would write, as one line; None if only its layout differs."""
    target = target_of(path)
    if not os.path.lexists(target):
        return f"{target}: there is no copy; run `par-lint vendor {path}` to create one"
    data = _read(target)
    if not is_copy(target):
        return f"{target} is not a vendored runtime; run `par-lint vendor` to create one"
    found = _BANNER.search(data[:_HEAD_BYTES])
    if found is None:
        return f"{target} has lost its first line with the version; run `par-lint vendor --force {target}` to restore it"
    if not _is_unmodified(data):
        return f"{target} was modified; run `par-lint vendor --force {target}` to restore it"
    if found.group(2).decode() != _digest_in(copy_source()):
        return f"{target} was created by par-lint {found.group(1).decode()} and is out of date; run `par-lint vendor {target}` to update it"
    return None


def is_copy(path: Path) -> bool:
    """Return whether a file is a copy of the runtime, by its banner or the start of its docstring; False if it cannot be read."""
    try:
        if not path.is_file() or path.stat().st_size < _LEAST_BYTES:
            return False
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
    except OSError:
        return False
    return _BANNER.search(head) is not None or _DOCSTRING.search(head) is not None


def is_current(path: Path) -> bool:
    """Return whether a copy has everything that fixes call: `as_loop` with `stream` is the newest feature."""
    return b"as_loop goes with max_workers, fail_fast and stream only" in _read(path)


def _check_name(target: Path) -> None:
    """Raise Problem for a file that no import statement can name, or that would shadow another module."""
    if not target.parent.is_dir():
        raise Problem(f"directory {target.parent} does not exist; create it first")
    package = top_package(target.absolute())
    for name in (target.stem, *(target.absolute().relative_to(package.parent).parts[:-1] if package is not None else ())):
        if not is_name(name):
            raise Problem(f"{target}: `{name}` cannot be imported by name; choose another, such as parallel.py")
    if (target.with_suffix("") / "__init__.py").is_file():
        raise Problem(f"{target}: the package {target.with_suffix('')} hides a module of that name; choose another name, such as run_parallel.py")
    if target.stem.startswith("__"):
        raise Problem(f"{target}: this file name has a special meaning in Python; choose another name, such as parallel.py")
    if package is None and (target.stem in sys.stdlib_module_names or target.stem == "par_lint"):
        owner = "par-lint" if target.stem == "par_lint" else "the standard library"
        raise Problem(f"{target}: would shadow `{target.stem}` of {owner}; choose another name, such as parallel.py")


def _read(target: Path) -> bytes:
    try:
        return target.read_bytes()
    except OSError as error:
        raise unreadable(target, error) from error


def _digest_in(data: bytes) -> str | None:
    found = _BANNER.search(data[:_HEAD_BYTES])
    return found.group(2).decode() if found is not None else None


def _is_unmodified(data: bytes) -> bool:
    """Return whether a copy is unmodified, in any layout."""
    found = _BANNER.search(data[:_HEAD_BYTES])
    if found is None:
        return False
    body = data[found.end():]
    return found.group(2).decode() in (_digest(body), hashlib.sha256(body).hexdigest())  # the second digest is in copies of older versions


def _digest(body: bytes) -> str:
    """Return a digest that ignores quotes, brackets, commas, line breaks, and the order of imports."""
    lines = [line.replace(_UNCOVERED.strip(), b"") for line in body.splitlines() if line + b"\n" not in _HEADER]
    text = b"\n".join(lines).decode("utf-8", "replace")
    imported = sorted({word for line in _IMPORT.findall(text) for word in re.findall(r"[\w.]+", re.sub(r"#.*", "", line))})
    rest = _LAYOUT.sub("", _PREFIX.sub("", _IMPORT.sub("", text))).casefold()
    return hashlib.sha256(" ".join([*imported, rest]).encode()).hexdigest()


def _for_projects(source: bytes) -> bytes:
    """Return a source without comments for our own linters, and with comments that exclude it from coverage."""
    lines = [_NOQA.sub(b"", line) for line in source.replace(_OWN_NAME, b"from <this module> import", 1).splitlines(keepends=True)]
    for number in _block_starts(source):
        lines[number - 1] = lines[number - 1].rstrip() + _UNCOVERED + b"\n"
    return b"".join(lines)


def _block_starts(source: bytes) -> Iterator[int]:
    """Yield the lines (1-based) on which top-level blocks start."""
    is_start = True
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        if is_start and token.type == tokenize.NAME and token.start[1] == 0:
            if token.string in ("def", "class", "async", "if", "elif", "else", "try", "except", "finally", "for", "while", "with"):
                yield token.start[0]
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING):
            is_start = token.type == tokenize.NEWLINE
