"""Replace a file in one step: whoever is interrupted leaves the old file or the new one, never half of either."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from par_lint.core.files.problems import unwritable


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the contents of a file, its mode bits kept and symbolic links followed. Raises Problem, the file untouched."""
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")  # known before it is there, for who interrupts
    try:
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(13, "the file is read-only")
        with open(temporary, "xb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o644)
        os.replace(temporary, target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise unwritable(path, error) from error
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
