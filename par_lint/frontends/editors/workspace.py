"""The settings of a folder that is open in an editor, read again when its files change."""

from __future__ import annotations

import os
from pathlib import Path

from flake8.options.config import _find_config_file

from par_lint.core.config.loading import load_config, settings_of
from par_lint.core.files.exclusion import is_skipped
from par_lint.engine.project_of_file import forget_projects
from par_lint.engine.runtime_module.location import Runtime, find_runtime, project_of, runtime_outside_projects
from par_lint.engine.suppression.baseline import load_baseline
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.editors.code_actions import Buffer, Settings

_CONFIGURATIONS = ("setup.cfg", "tox.ini", ".flake8", "pyproject.toml")
_MAX_BUFFERS = 16  # buffers; an editor asks about the same text repeatedly


class Workspace:
    """A folder. Its files are checked as `par-lint check` would check them in that folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._selection: tuple[object, Selection] | None = None
        self._buffers: dict[str, Buffer] = {}
        self._told: str | None = None

    def should_show(self, error: str) -> bool:
        """Return whether an error must be shown, because it is not the one shown last. A successful `open` resets it."""
        is_news, self._told = error != self._told, error
        return is_news

    def open(self, path: Path, text: str, *, key: str | None = None, is_file: bool = True, is_cell: bool = False) -> Buffer | None:
        """Return the buffer of a document with the text in the editor; None if flake8 or a walk of the folder skips the file.

        Args:
            path: its file, or the one that a document without a file would be.
            text: the text in the editor.
            key: what identifies the document, if several have the same path.
            is_file: the path is that of a file in a project.
            is_cell: the document is a cell of a notebook.

        Raises Problem or ConfigError if the configuration is invalid.
        """
        settings_of.cache_clear()
        forget_projects()
        selection = self._current_selection()
        if is_skipped(self._root, path, selection.is_excluded):
            return None
        config = load_config(path)
        known_findings = load_baseline(config.selection.baseline) if config.selection.baseline is not None else None
        settings = Settings(config, selection, project_of(path) if is_file else None, known_findings)

        def runtime() -> Runtime:
            return find_runtime(path, config, source=text.encode("utf-8", "replace")) if is_file else runtime_outside_projects(config)

        name = key or str(path)
        known = self._buffers.pop(name, None)
        if known is None or known.text != text or not _is_same(known.settings, settings):
            if known is not None:
                known.forget()
            known = Buffer(path, text, settings, runtime, is_cell=is_cell, before=known)
        elif known.settings.project is not settings.project:
            known.move_to(settings, runtime)
        self._told = None
        if self._buffers and (last := next(reversed(self._buffers.values()))) is not known:
            last.forget()
        self._buffers[name] = known  # most recently used last
        if len(self._buffers) > _MAX_BUFFERS:
            del self._buffers[next(iter(self._buffers))]
        return known

    def close(self, key: str) -> None:
        """Forget a document: when it is opened again, nothing of it is shown that was true before."""
        self._buffers.pop(key, None)

    def _current_selection(self) -> Selection:
        state = [_state(folder / name) for folder in (self._root, *self._root.parents) for name in _CONFIGURATIONS]
        if self._selection is None or self._selection[0] != state:
            self._selection = None
            self._selection = state, Selection(self._where())
        return self._selection[1]

    def _where(self) -> list[str]:
        """Return the options that make flake8 search for its configuration in the folder, not in the working folder of the process."""
        if self._root == Path.cwd():
            return []
        found = _find_config_file(str(self._root))
        return [f"--config={found}"] if found else ["--isolated"]


def _is_same(one: Settings, other: Settings) -> bool:
    """Return whether the findings of a text are the same under both. Its project is only where fixes import from."""
    return one.config is other.config and one.selection is other.selection and one.baseline == other.baseline


def _state(path: Path) -> tuple[int, int] | None:
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size
