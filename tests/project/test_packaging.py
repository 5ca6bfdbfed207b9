"""What is built and what it declares."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import entry_points, metadata, requires
from pathlib import Path

import par_lint

ROOT = Path(__file__).parents[2]


def test_metadata() -> None:
    assert metadata("par-lint")["Version"] == par_lint.__version__
    core = [line for line in requires("par-lint") or [] if "extra ==" not in line]
    assert sorted(line.split(";")[0].split(">")[0].strip() for line in core) == ["flake8", "libcst", "tomli"]
    assert [point.value for point in entry_points(group="flake8.extension") if point.name == "PRL"] == ["par_lint.plugin:Plugin"]
    assert [point.value for point in entry_points(group="console_scripts") if point.name == "par-lint"] == ["par_lint.frontends.cli.main:main"]


def test_the_wheel_holds_the_package_and_its_type_marker(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"par_lint/py.typed", "par_lint/parallel.py", "par_lint/rules/prl101.py", "par_lint/core/catalog/http_clients.py"} <= names
    assert not [name for name in names if name.startswith("tests")]
