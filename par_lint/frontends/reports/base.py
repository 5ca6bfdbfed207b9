"""What all reports share: where they write, and the count of findings."""

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
    """Standard output, or a file that is replaced in one step at the end; UTF-8 in both."""

    def __init__(self, path: str | None) -> None:
        """Raises Problem for a file in a folder that is not there."""
        self.path = Path(path) if path is not None else None
        if self.path is not None and not self.path.absolute().parent.is_dir():
            raise Problem(f"{path}: its folder is not there; make it first")
        self._parts: list[bytes] = []

    def write(self, text: str) -> None:
        """Write text; bytes of file names that are not UTF-8 go out as they are."""
        data = text.encode("utf-8", "surrogateescape")
        if self.path is not None:
            self._parts.append(data)
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(data)

    def close(self) -> None:
        """Put the file in its place. Raises Problem."""
        if self.path is not None:
            write_atomically(self.path, b"".join(self._parts))

    @property
    def is_terminal(self) -> bool:
        """Whether a person reads along."""
        return self.path is None and sys.stdout.isatty()


class Report(abc.ABC):
    """One format. Files come in order, those without findings too; `finish` is called once, after the last."""

    wants_fixes: ClassVar[bool] = False
    """Whether the files must come with proposals."""
    is_for_people: ClassVar[bool] = False
    """Whether statistics may stand among the findings; else they go to standard error."""

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
        """Write what was kept, then the statistics where they are asked for. Raises Problem."""
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
        """What `add` does with a file."""

    def close(self, problems: Sequence[str]) -> None:  # noqa: B027 - most formats have nothing left to do
        """Write the end of the report; `problems` are files that could not be checked, a line each."""


def relative_path(path: str) -> str | None:
    """A path from the working folder, with forward slashes; None for one outside of it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return None
    return None if relative.split(os.sep)[0] == os.pardir else Path(relative).as_posix()


def uri(path: str) -> str:
    """A path as a reference: from the working folder, or absolute."""
    relative = relative_path(path)
    return quote(os.fsencode(relative)) if relative is not None else Path(os.path.abspath(path)).as_uri()
