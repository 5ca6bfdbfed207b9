"""Reports and other files are replaced at once; what is no regular file is written to and stays what it is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from par_lint.core.files.atomic_write import write_atomically

READS = "from pathlib import Path\ndef f(paths: list[Path]):\n    for path in paths:\n        print(path.read_text())\n"


def test_a_regular_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report"
    path.write_text("old")
    path.chmod(0o640)
    write_atomically(path, b"new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode), os.listdir(tmp_path)) == ("new", 0o640, ["report"])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes")
@pytest.mark.parametrize("output_format", ["json", "text", "sarif"])
def test_a_report_goes_through_a_pipe_that_stays_one(tmp_path: Path, output_format: str) -> None:
    (tmp_path / "m.py").write_text(READS)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()), daemon=True)
    reader.start()
    command = [sys.executable, "-m", "par_lint", "check", "m.py", "--no-cache", "--output-format", output_format, "--output-file", str(pipe)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    reader.join(30)
    assert done.returncode == 1, done.stderr
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert "PRL101" in found[0]


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    link = tmp_path / "nowhere"
    link.symlink_to(os.devnull)
    write_atomically(link, b"report")
    assert not os.path.isfile(os.devnull)
    assert link.is_symlink()
