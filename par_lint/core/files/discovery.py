"""Find the files to work on (from git, else by walking folders), and read and write them."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.exclusion import Exclude, FolderFilter, is_skipped, may_be_package
from par_lint.core.files.read_errors import Problem, unreadable
from par_lint.core.files.scripts import is_python_script, may_be_script

if TYPE_CHECKING:
    import subprocess

_GIT_SECONDS = 30  # seconds for listing a repository of any size
_MODULES = (".py", ".pyw")
_NOTEBOOK, _STUB = ".ipynb", ".pyi"
_DATA = frozenset({
    ".bmp", ".cfg", ".css", ".csv", ".gif", ".html", ".ini", ".jpg", ".js", ".json", ".lock", ".md", ".pdf", ".png", ".pyc", ".rst", ".so", ".svg", ".toml", ".ts",
    ".xml", ".yaml", ".yml", ".zip",
})  # fmt: skip
"""Ends of names of files that hold no Python, even if Python can parse them, as it can JSON."""
_STREAMS = (os.devnull, "/dev/stdin", "/dev/fd/", "/proc/self/fd/")  # what shells pass instead of a file: `check <(command)`
_CLOSED = re.compile(rb"warning: could not open directory '(.*)/': ")
_KINDS = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"), (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"))


class Stdin(str):
    """Standard input, named as the file that it is the text of; `-` without a name."""

    __slots__ = ()


@dataclass
class FileList:
    """The files to work on, spelled like the arguments, with one line for each problem and each note."""

    files: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def print_messages(self, *, notes: bool = True) -> None:
        """Print problems, and notes too, on standard error."""
        for line in (*self.problems, *(self.notes if notes else ())):
            print(f"par-lint: {line}", file=sys.stderr)


def find_files(
    paths: Sequence[str], is_excluded: Exclude = lambda path: False, is_named_excluded: Exclude | None = None, stdin_filename: str | None = None
) -> FileList:
    """Return the Python files at the given paths; in folders, modules and executable scripts whose first line names Python.

    A file that is named itself needs no `.py` suffix and may be in a skipped folder.

    Args:
        paths: files, folders, or `-` for standard input.
        is_excluded: whether a file or folder that is found is excluded.
        is_named_excluded: whether a path that is named is excluded; `is_excluded` if None.
        stdin_filename: the name of the file whose text comes on standard input; if it is excluded, nothing is read.
    """
    return _Search(is_excluded, is_named_excluded or is_excluded, stdin_filename).of(paths)


def read_source(path: str) -> bytes:
    """Read the bytes of a file, or of standard input. Raises Problem."""
    try:
        return sys.stdin.buffer.read() if isinstance(path, Stdin) or path == "-" else Path(path).read_bytes()
    except FileNotFoundError as error:
        raise Problem(f"{path}: was deleted after the files were listed; run again") from error
    except OSError as error:
        raise unreadable(path, error) from error


def write_source(path: str, before: bytes, after: bytes) -> None:
    """Replace the bytes of a file, unless somebody else changed or deleted it since it was read. Raises Problem."""
    there = read_source(path)
    if there == before:
        write_atomically(Path(path), after)
    elif there != after:  # equal: it was written through a second name of the same file
        raise Problem(f"{path}: was modified by another program after it was read; left unchanged; run again")


class _Search:
    """The state of one search for files."""

    def __init__(self, is_excluded: Exclude, is_named_excluded: Exclude, stdin_filename: str | None) -> None:
        self._is_excluded = is_excluded
        self._is_named_excluded = is_named_excluded
        self._stdin_filename = stdin_filename
        self._seen: set[str] = set()
        self._notebooks: list[str] = []
        self._list = FileList()

    def of(self, paths: Sequence[str]) -> FileList:
        """Return the files at the given paths."""
        for path in paths:  # noqa: PRL103 - each adds to what the earlier ones found
            if path == "-":
                self._add_stdin()
            elif not self._is_named_excluded(path):
                self._add_named(path)
        self._tell_notebooks(paths)
        return self._list

    def _tell_notebooks(self, paths: Sequence[str]) -> None:
        """Report notebooks in one line: as a problem if only notebooks were named, else as a note."""
        if self._notebooks:
            first, *others = self._notebooks
            shown = f"{first}: notebooks are" if not others else f"{first} and {len(others)} more: notebooks are"
            line = f"{shown} not supported directly; use nbQA: nbqa \"par_lint check\" {first}"
            names = [self._stdin_filename or path if path == "-" else path for path in paths]
            (self._list.problems if all(name.endswith(_NOTEBOOK) for name in names) else self._list.notes).append(line)

    def _add_stdin(self) -> None:
        name = self._stdin_filename
        if not name or name == "-" or _is_stream(name):  # editors pass an empty name for a text that was never saved
            self._list.files.append(Stdin("-"))
        elif not is_skipped(Path.cwd(), Path(os.path.abspath(name)), self._is_excluded) and self._is_module(name):
            self._list.files.append(Stdin(name))

    def _add_named(self, path: str) -> None:
        try:
            mode = os.stat(path).st_mode
        except OSError as error:
            self._tell(_missing(path, error))
            return
        if stat.S_ISDIR(mode):
            self._add_folder(path)
        elif not stat.S_ISREG(mode) and not _is_stream(path):
            kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "something")
            self._tell(f"{path}: is {kind}, not a file; pipe its text to `-`")
        elif os.path.splitext(path)[1].lower() in _DATA:
            self._tell(f"{path}: not a Python file; name Python files or folders")
        elif path.endswith(_NOTEBOOK) or self._is_module(path):
            self._add(path)

    def _is_module(self, path: str) -> bool:
        """Return whether a named file may hold a module; if not, add a note that says why."""
        suffix = os.path.splitext(path)[1]
        if suffix == _NOTEBOOK:
            self._notebooks.append(path)
        elif suffix == _STUB:
            self._list.notes.append(f"{path}: skipped: stub files contain no code that runs")
        return suffix not in (_NOTEBOOK, _STUB)

    def _add_folder(self, folder: str) -> None:
        before, notebooks = self._count(), len(self._notebooks)
        folder_filter = FolderFilter(folder, self._is_excluded)
        left_out: set[str] = set()
        for name in self._names(folder, folder_filter, left_out):
            if name.endswith((*_MODULES, _NOTEBOOK)) or is_python_script(os.path.join(folder, name)):
                self._add_found(folder, name)
        if self._count() > before + len(self._notebooks) - notebooks:
            del self._notebooks[notebooks:]  # beside Python files, they are not what the user asked for
        packages = sorted(path for path in left_out if may_be_package(path) and not self._is_excluded(path))
        self._list.notes += [f"{path}: skipped: folders with this name usually contain build output; name the folder to check it" for path in packages]
        if before == self._count() and not packages:
            shown = ", ".join(sorted(path for path in left_out if not os.path.basename(path).startswith((".", "__"))))
            self._list.notes.append(f"{folder}: no Python files found" + (f"; skipped: {shown}" if shown else ""))

    def _names(self, folder: str, folder_filter: FolderFilter, left_out: set[str]) -> Iterator[str]:
        """Return the files of a folder, relative to it; add the outermost skipped folders to `left_out`."""
        listed = _git_listed_files(folder, self._tell)
        if listed is None:
            yield from self._walk(folder, folder_filter, left_out)
            return
        for name in listed:
            inner = os.path.dirname(name)
            if not folder_filter.left_out(inner):
                yield name
                continue
            if may_be_script(name):
                continue
            while folder_filter.left_out(os.path.dirname(inner)):
                inner = os.path.dirname(inner)
            left_out.add(os.path.join(folder, inner))

    def _walk(self, folder: str, folder_filter: FolderFilter, left_out: set[str]) -> Iterator[str]:
        for root, folders, names in os.walk(folder, onerror=self._cannot_list):
            inner = os.path.relpath(root, folder)
            inner = "" if inner == os.curdir else inner
            left_out.update(os.path.join(root, name) for name in folders if folder_filter.left_out(os.path.join(inner, name)))
            folders[:] = sorted(name for name in folders if not folder_filter.left_out(os.path.join(inner, name)))
            yield from (os.path.join(inner, name) for name in sorted(names))

    def _add_found(self, folder: str, name: str) -> None:
        """Add a file that was found. Ignore what is not a regular file or was deleted meanwhile."""
        path = os.path.join(folder, name)
        if self._is_excluded(path):
            return
        try:
            mode = os.lstat(path).st_mode
            is_link = stat.S_ISLNK(mode)
            if stat.S_ISREG(os.stat(path).st_mode if is_link else mode) and not (is_link and _points_outside(path, folder, self._is_excluded)):
                self._add(path)
        except PermissionError as error:  # from its folder, or from the target folder of a link
            self._tell(str(unreadable(path if os.path.islink(path) else os.path.dirname(path), error)))
        except OSError as error:
            is_lock = os.path.basename(path).startswith(".")  # Emacs marks open files with a dangling link
            if os.path.islink(path) and not is_lock:
                self._tell(_missing(path, error))

    def _cannot_list(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            self._tell(str(unreadable(error.filename, error)))

    def _add(self, path: str) -> None:
        real = os.path.abspath(path)
        if real not in self._seen:
            self._seen.add(real)
            (self._notebooks if path.endswith(_NOTEBOOK) else self._list.files).append(path)

    def _count(self) -> int:
        return len(self._list.files) + len(self._list.problems) + len(self._notebooks)

    def _tell(self, problem: str) -> None:
        if problem not in self._list.problems:
            self._list.problems.append(problem)


def _missing(path: str, error: OSError) -> str:
    """Return the problem of a path whose status cannot be read."""
    if error.errno == errno.ELOOP:
        return f"{path}: symbolic link loop; fix or remove the link"
    if error.errno == errno.ENOENT and os.path.islink(path):
        return f"{path}: broken symbolic link to {os.readlink(path)}; fix or remove the link"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return f"{path}: no such file or folder; check the spelling"
    return str(unreadable(path, error))


def _points_outside(link: str, folder: str, is_excluded: Exclude) -> bool:
    """Return whether a link points out of both the folder and the working folder, or into a skipped folder: not ours to rewrite."""
    target = Path(os.path.realpath(link))
    roots = [Path(os.path.realpath(root)) for root in (folder, os.curdir)]
    return not any(target.is_relative_to(root) for root in roots) or any(
        target.is_relative_to(root) and is_skipped(root, target, is_excluded) for root in roots
    )


def _is_stream(path: str) -> bool:
    return path in _STREAMS or path.startswith(_STREAMS[2:])


def _git_listed_files(folder: str, tell: Callable[[str], None]) -> list[str] | None:
    """Return tracked and untracked, not ignored files that may be Python, relative to the folder; None outside a repository and in an ignored folder."""
    command = ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    done = _git(folder, *command)
    if done is not None and done.returncode != 0 and b"deduplicate" in done.stderr:  # git before 2.31
        command.remove("--deduplicate")
        done = _git(folder, *command)
    if done is None or done.returncode != 0:
        return None
    closed = _CLOSED.findall(done.stderr)  # relative to the root of the repository
    top = _git(folder, "rev-parse", "--show-cdup") if closed else None
    upward = top.stdout.strip() if top is not None else b""
    for name in closed:
        inner = os.path.relpath(os.path.join(folder, os.fsdecode(upward + name)), folder)
        tell(str(unreadable(os.path.join(folder, inner), PermissionError(errno.EACCES, os.strerror(errno.EACCES)))))
    all_names = {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}
    names = sorted(name for name in all_names if name.endswith((*_MODULES, _NOTEBOOK)) or may_be_script(name))
    if not names:
        ignored = _git(folder, "check-ignore", "-q", ".")
        return None if ignored is None or ignored.returncode == 0 else []
    return names


def _git(folder: str, *arguments: str) -> subprocess.CompletedProcess[bytes] | None:
    """Run git in a folder; return None if it is not installed or takes too long."""
    import subprocess

    try:
        return subprocess.run(
            ["git", "-C", folder, *arguments], capture_output=True, timeout=_GIT_SECONDS, env={**os.environ, "LC_ALL": "C"}
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
