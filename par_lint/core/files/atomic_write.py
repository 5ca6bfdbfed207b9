"""Replace a file atomically: after an interrupt there is the old file or the new one, never a partial one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from par_lint.core.files.read_errors import unwritable


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the contents of a file; keep its mode bits and follow symbolic links. Raises Problem and leaves the file untouched.

    What is no regular file, such as /dev/null or a pipe, is written to as it is: in its place, a file would be no device any more.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file() and not target.is_dir():
        _write_into(target, data, path)
        return
    temporary = target.with_name(f".{target.name}.{os.urandom(4).hex()}.tmp")  # named before it exists, so that an interrupt can remove it
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


def _write_into(target: Path, data: bytes, path: Path) -> None:
    try:
        if data:  # opening a pipe only to write nothing would end it for its reader
            target.write_bytes(data)
    except OSError as error:
        raise unwritable(path, error) from error


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
