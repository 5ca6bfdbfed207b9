"""`par-lint check --watch`: check again whenever a file changes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence

from par_lint.core.config.settings import ConfigError
from par_lint.core.files.discovery import find_files
from par_lint.core.files.read_errors import Problem
from par_lint.engine.runtime_module.location import clear_project_cache

_EVERY = 0.5  # seconds between two looks at the files
_SETTINGS = ("pyproject.toml", "setup.cfg", "tox.ini", ".flake8")


def watch(paths: Sequence[str], run: Callable[[], int]) -> int:
    """Call `run` now and after each change of a Python file or a settings file, until Ctrl-C. Return the exit code of the last call."""
    code = 0
    try:
        while True:
            before = _states(paths)
            if sys.stdout.isatty():
                sys.stdout.write("\x1b[2J\x1b[H")
            clear_project_cache()  # a copy of the runtime, or a dependency, may be new
            try:
                code = run()
            except (Problem, ConfigError) as error:  # a setting may be corrected while we watch
                print(f"par-lint: {error}", file=sys.stderr)
                code = 2
            print(f"[{time.strftime('%H:%M:%S')}] watching for changes; Ctrl-C stops", file=sys.stderr, flush=True)
            sys.stdout.flush()
            while _states(paths) == before:
                time.sleep(_EVERY)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return code


def _states(paths: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Return the modification time and size of each file."""
    states = {}
    for path in (*find_files(paths).files, *_settings(paths)):
        try:
            state = os.stat(path)
        except OSError:
            continue
        states[path] = (state.st_mtime_ns, state.st_size)
    return states


def _settings(paths: Sequence[str]) -> Iterator[str]:
    """Yield the places of settings: the working folder, those of the paths, and all folders above."""
    folders = {os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path) or ".") for path in (".", *paths)}
    while folders:
        yield from (os.path.join(folder, name) for folder in folders for name in _SETTINGS)
        folders = {os.path.dirname(folder) for folder in folders if os.path.dirname(folder) != folder}
