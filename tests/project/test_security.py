"""What SECURITY.md says: a run reads the code that it checks, and executes none of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TRAP = "import pathlib\npathlib.Path(__file__).with_suffix('.ran').touch()\n"
LOOP = "\n\ndef sizes(paths):\n    total = 0\n    for path in paths:\n        total += len(open(path).read())\n    return total\n"
COMMANDS = (
    ["check"], ["check", "--output-format", "full"], ["check", "--why-silent"], ["check", "--write-baseline", "known.json"], ["fix", "--diff"], ["config"],
    ["fix", "--unsafe-fixes"], ["check", "--fix", "--unused-noqa"], ["vendor", "app/parallel.py"],
)  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_nothing_of_the_project_is_executed(arguments: list[str], tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    for name in ("setup.py", "conftest.py", "noxfile.py", "app/__init__.py", "app/main.py", "libcst.py", "flake8.py", "requests.py", "checker.py"):
        (tmp_path / name).write_text(TRAP + ("import requests\n" if name == "app/main.py" else "") + LOOP)
    (tmp_path / "setup.cfg").write_text("[flake8:local-plugins]\nextension =\n    X = checker:Checker\npaths = .\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "app"\nversion = "1"\ndependencies = ["par-lint"]\n[build-system]\nrequires = ["nothing"]\n')
    program = "import sys; sys.path = [one for one in sys.path if one]; from par_lint.frontends.cli.main import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run([sys.executable, "-c", program, *arguments], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode in (0, 1), done.stderr
    assert list(tmp_path.rglob("*.ran")) == []
