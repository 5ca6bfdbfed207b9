"""The base of all reports: the output stream, and the number of findings for each code."""

from __future__ import annotations

import abc
import os
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

from par_lint.core.file_result import FileFindings
from par_lint.core.files.atomic_write import write_atomically
from par_lint.core.files.problems import Problem
from par_lint.engine.suppression.selection import Selection


class Output:
    """Standard output, or a file that is replaced atomically at the end. Both are UTF-8."""

    def __init__(self, path: str | None) -> None:
        """Raises Problem if the folder of the file does not exist."""
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
    def is_terminal(self) -> bool:
        """Return whether the output goes to a terminal."""
        return self.path is None and sys.stdout.isatty()


class Report(abc.ABC):
    """One output format. `add` gets all files in order, also those without findings; `finish` is called once, at the end."""

    wants_fixes: ClassVar[bool] = False
    """Whether the files need proposals."""
    is_for_people: ClassVar[bool] = False
    """Whether statistics are printed after the findings; otherwise they go to standard error."""

    def __init__(self, selection: Selection, output: Output) -> None:
        self.selection = selection
        self.output = output
        self._counts: Counter[str] = Counter()
        self._first: dict[str, str] = {}

    def add(self, file: FileFindings) -> None:
        """Show, or keep, the findings of a file."""
        for finding in file.findings:
            self._counts[finding.code] += 1
            self._first.setdefault(finding.code, finding.message)
        self.show(file)

    def finish(self, problems: Sequence[str]) -> None:
        """Write what was kept, then the statistics if requested. Raises Problem."""
        self.close(problems)
        if self.selection.options.statistics:
            text = "".join(f"{count:<5} {code} {self._first[code]}\n" for code, count in sorted(self._counts.items()))
            if self.is_for_people:
                self.output.write(text)
            else:
                sys.stderr.write(text)
        self.output.close()

    @abc.abstractmethod
    def show(self, file: FileFindings) -> None:
        """Show, or keep, the findings of a file; called by `add`."""

    def close(self, problems: Sequence[str]) -> None:  # noqa: B027 - most formats have nothing to write here
        """Write the end of the report. `problems` has one line for each file that could not be checked."""


def relative_path(path: str) -> str | None:
    """Return a path relative to the working folder, with forward slashes; None if it is outside."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return None
    return None if relative.split(os.sep)[0] == os.pardir else Path(relative).as_posix()


def uri(path: str) -> str:
    """Return a path as a URI reference: relative to the working folder, or absolute."""
    relative = relative_path(path)
    return quote(os.fsencode(relative)) if relative is not None else Path(os.path.abspath(path)).as_uri()
