"""Where a document of an editor is: a file, a new document that was never saved, or a cell of a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

_CELL = "vscode-notebook-cell"


@dataclass(frozen=True)
class DocumentLocation:
    """The path of a document, and the folder whose settings apply."""

    path: Path
    root: Path
    is_file: bool = True
    """False if nothing on the disk says where its code will run: its project is not searched for a runtime module."""
    is_cell: bool = False


def locate(uri: str, path: str | None, folders: Sequence[Path]) -> DocumentLocation:
    """Return the location of a document.

    Args:
        uri: its URI.
        path: the path of a `file:` URI; None for others.
        folders: the open folders. The innermost one around the document is its root; without one, it is the folder of the file, or,
            for a document that has no path, the first open folder.
    """
    if path is not None:
        file = Path(path).absolute()
        return DocumentLocation(file, _root(file, folders) or file.parent)
    parts = urlsplit(uri)
    named = Path(unquote(parts.path) or "untitled")
    first = next(iter(folders), Path.cwd())
    file = named if named.is_absolute() else first / named
    return DocumentLocation(file, _root(file, folders) or first, is_file=False, is_cell=parts.scheme == _CELL)


def _root(file: Path, folders: Sequence[Path]) -> Path | None:
    around = [folder for folder in folders if file.is_relative_to(folder)]
    return max(around, key=lambda folder: len(folder.parts), default=None)
