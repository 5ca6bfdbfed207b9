"""The `# noqa` comments of a file, as flake8 reads them."""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Sequence

from flake8.processor import FileProcessor


class NoqaComments:
    """Reads the comments of one file after the other, with flake8's options."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options

    def exclude_file(self, path: str, lines: Sequence[str]) -> bool:
        """Return whether a comment excludes the whole file."""
        return self._read(path, tuple(lines)) is None

    def may_suppress(self, lines: Sequence[str]) -> bool:
        """Return whether lines contain such a comment at all: otherwise flake8 need not tokenize the file."""
        return _mentions_noqa(tuple(lines))

    def line_for(self, path: str, lines: Sequence[str], line: int) -> str | None:
        """Return the logical line, with its comments, that decides about a finding on a line; None if there is none."""
        processor = self._read(path, tuple(lines))
        return None if processor is None else processor.noqa_line_for(line)

    @functools.lru_cache(maxsize=4)  # noqa: B019 - it lives as long as its command
    def _read(self, path: str, lines: tuple[str, ...]) -> FileProcessor | None:
        plain = [line.rstrip("\r\n") + "\n" if line.endswith(("\r", "\r\n")) else line for line in lines]  # as flake8 reads them
        processor = FileProcessor(path if path != "-" else os.devnull, self._options, lines=plain)
        return None if processor.should_ignore_file() else processor


@functools.lru_cache(maxsize=4)
def _mentions_noqa(lines: tuple[str, ...]) -> bool:
    return any("noqa" in line.lower() for line in lines)
