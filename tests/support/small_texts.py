"""Small modules that tests check, fix and open in editors."""

from __future__ import annotations

READS = """\
from pathlib import Path


def sizes(paths: list[Path]):
    total = 0
    for path in paths:
        total += len(path.read_bytes())
    return total
"""
"""One loop with a safe fix, at line 6, column 5."""

COPIES = """\
import shutil


def copy(names):
    for name in names:
        shutil.copy(name, name + ".bak")
"""
"""One loop with an unsafe fix, at line 5, column 5."""

BY_HAND = READS.replace("    return total", "    return path, total").replace("        total +=", "        if path:\n            total +=")
"""One loop without a fix: its last item is used after it."""

WIDE = "from pathlib import Path\n\n\ndef f(names):\n    𝒳, é = 1, 2; found = [Path(n).read_text() for n in names]\n    return 𝒳, é, found\n"
"""A comprehension at line 5, column 26 in characters, after a letter of two UTF-16 units and one of two bytes."""

UNLIMITED = "import subprocess\n\nsubprocess.run(['git', 'push'])\n"
"""One call with an unsafe fix that changes part of a line."""
