"""The fixture files: findings are expected on the line that names them, fixed text in a file beside them.

A line that ends in `# PRL101: 5` is to be reported at column 5. `NAME.safe.out` is what safe fixes make of NAME.py and
`NAME.unsafe.out` what all fixes make of it; without the file nothing may change. `PAR_LINT_UPDATE=1` writes them anew.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = (Path(__file__).parents[1] / "fixtures")
_MARK = re.compile(r"# (PRL\d{3}): (\d+)$")


def fixture_files() -> list[Path]:
    """All fixture files."""
    return sorted(FOLDER.glob("PRL*/*.py"))


def loop_files() -> list[Path]:
    """The fixture files for all rules about loops at once."""
    return sorted((FOLDER / "loops").glob("*.py"))


def expected(path: Path) -> set[tuple[int, int, str]]:
    """The findings that a fixture expects, as (line, column, code)."""
    found = set()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = _MARK.search(line)
        if match:
            found.add((number, int(match.group(2)), match.group(1)))
    return found


def name(path: Path) -> str:
    """A fixture's name as test output shows it."""
    return f"{path.parent.name}/{path.stem}"
