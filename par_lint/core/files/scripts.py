"""Python scripts whose name has no suffix: the files that pre-commit calls Python besides `*.py`."""

from __future__ import annotations

import os
import re
import stat

_SHEBANG = re.compile(rb"#!\s*(?:/usr/bin/env\s+(?:-S\s+)?)?(?:\S*/)?python(?:3[\d.]*)?(?=\s|\Z)")
_LONGEST = 256  # bytes of a first line, as for Linux


def may_be_script(name: str) -> bool:
    """Return whether the name of a file has no suffix, so that only its first line says what it is."""
    return "." not in os.path.basename(name)


def is_python_script(path: str) -> bool:
    """Return whether a file without a suffix is executable, and its first line names Python 3; False for links, and if it cannot be read."""
    if not may_be_script(path):
        return False
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode) or not os.access(path, os.X_OK):
            return False
        with open(path, "rb") as file:
            return _SHEBANG.match(file.read(_LONGEST).partition(b"\n")[0]) is not None
    except OSError:
        return False
