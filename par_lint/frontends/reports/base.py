"""The base of all reports: the output stream, and the number of findings for each code."""

from __future__ import annotations

import abc
import functools
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from par_lint.core.config.rule_codes import rule_name
from par_lint.core.file_result import FileFindings
from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.read_errors import Problem, SyntaxProblem
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.reports.colours import Paint, wants_colour
from par_lint.frontends.reports.fixability import FixCounts


class Output:
    """Standard output, or a file that is replaced atomically at the end. Both are UTF-8."""

    def __init__(self, path: str | None, colour: str = "auto") -> None:
        """`colour` is the value of `--color`. Raises Problem if the folder of the file does not exist."""
        self._colour = colour
        self.path = Path(path) if path is not None else None
        if self.path is not None and not self.path.absolute().parent.is_dir():
            raise Problem(f"{path}: directory {self.path.parent} does not exist; create it first")
        self._parts: list[bytes] = []

    def write(self, text: str) -> None:
        """Write text. Bytes in file names that are not UTF-8 are written unchanged."""
        data = text.encode("utf-8", "surrogateescape")
        if self.path is not None:
            self._parts.append(data)
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(data)

    def close(self) -> None:
        """Replace the file, if there is one. Raises Problem."""
        if self.path is not None:
            write_atomically(self.path, b"".join(self._parts))

    @property
    def paint(self) -> Paint:
        """Return what colours the output, if it is to have colours."""
        return Paint(wants_colour(self.path is None and sys.stdout.isatty(), choice=self._colour))


class Report(abc.ABC):
    """One output format. `add` gets all files in order, also those without findings; `finish` is called once, at the end."""

    wants_fixes: ClassVar[bool] = False
    """Whether the files need proposals."""
    has_summary: bool = False
    """Whether the count of findings is printed on standard error, for people."""
    marks_fixes: bool = False
    """Whether fixable findings are marked, which the count at the end then explains."""
    is_console_output: ClassVar[bool] = False
    """Whether statistics are printed after the findings; otherwise they go to standard error."""

    def __init__(self, selection: Selection, output: Output) -> None:
        self.selection = selection
        self.output = output
        self.syntax_problems: list[SyntaxProblem] = []
        """The files that cannot be parsed. Standard error names them as well."""
        self._files = 0
        self.fixes = FixCounts()
        self._counts: Counter[str] = Counter()

    def add(self, file: FileFindings) -> None:
        """Show, or keep, the findings of a file."""
        self._files += 1
        if self.has_summary:
            self.fixes.add(file)
        for finding in file.findings:
            self._counts[finding.code] += 1
        self.show(file)

    def finish(self, problems: Sequence[str]) -> None:
        """Write what was kept, then the statistics if requested. Raises Problem."""
        self.close(problems)
        if self.selection.options.statistics:
            text = "".join(f"{line}\n" for line in self.statistics())
            if self.is_console_output:
                self.output.write(text)
            else:
                sys.stderr.write(text)
        self.output.close()

    def statistics(self) -> list[str]:
        """Return a line with the number of findings for each code."""
        return [f"{count:<5} {code} {rule_name(code)}" for code, count in sorted(self._counts.items())]

    def summary(self, fixed: int, known: int = 0) -> str:
        """Return the count of findings, for people. `fixed` is how many were fixed before, `known` how many the baseline hides."""
        if not self.has_summary:
            return ""
        count = sum(self._counts.values())
        hidden = f"; {plural(known, 'known finding')} in the baseline" if known else ""
        if not count:
            return (f"{plural(fixed, 'finding')} fixed, none left" if fixed else f"0 findings in {plural(self._files, 'file')}") + hidden
        shown = f"{plural(count, 'finding')} in {plural(self._files, 'file')}{hidden}"
        if fixed:
            shown = f"{plural(fixed, 'finding')} fixed, {shown} left"
        fixable = self.fixes.text(has_marks=self.marks_fixes)
        return f"{shown}; fixable: {fixable}" if fixable else shown

    @abc.abstractmethod
    def show(self, file: FileFindings) -> None:
        """Show, or keep, the findings of a file; called by `add`."""

    def close(self, problems: Sequence[str]) -> None:  # noqa: B027 - most formats have nothing to write here
        """Write the end of the report. `problems` has one line for each file that could not be checked."""


def plural(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def relative_path(path: str) -> str | None:
    """Return a path relative to the working folder, with forward slashes; None if it is outside."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return None
    return None if relative.split(os.sep)[0] == os.pardir else Path(relative).as_posix()


def repository_path(path: str) -> str:
    """Return a path as a forge names it: relative to the root of the repository; without one, relative to the working folder if it is inside."""
    absolute = Path(os.path.abspath(path))
    root = _repository_of(absolute.parent)
    return absolute.relative_to(root).as_posix() if root is not None else relative_path(path) or path


@functools.cache
def _repository_of(folder: Path) -> Path | None:
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), None)


def uri(path: str) -> str:
    """Return a path as a URI reference: relative to the working folder, or absolute."""
    relative = relative_path(path)
    return quote(os.fsencode(relative)) if relative is not None else Path(os.path.abspath(path)).as_uri()
