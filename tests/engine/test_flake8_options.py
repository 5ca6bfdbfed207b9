"""flake8's configuration without its checkers: what has a say is loaded, what has not is left alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_texts import READS

CHECKER = "raise SystemExit('this checker was loaded')\n"
CARRIER = """\
from flake8.options import config

parse = config.parse_config


def parse_elsewhere(manager, found, folder):
    found = type(found)()
    found.read_string(open("elsewhere.cfg").read())
    return parse(manager, found, folder)


class Plugin:
    @classmethod
    def add_options(cls, manager):
        config.parse_config = parse_elsewhere
"""


def installed(folder: Path, name: str, group: str, code: str) -> None:
    """Install a plugin of flake8, as the importing of its metadata sees it."""
    (folder / f"{name}.py").write_text(code)
    information = folder / f"{name}-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[{group}]\nXYZ = {name}:Plugin\n")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "m.py").write_text(READS)
    return tmp_path


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(project / "plugins")}
    return subprocess.run([sys.executable, "-m", *command], cwd=project, env=environment, capture_output=True, text=True, timeout=60)


def test_other_checkers_are_not_loaded(project: Path) -> None:
    installed(project / "plugins", "other_checker", "flake8.extension", CHECKER)
    assert "this checker was loaded" in run(project, "flake8", "m.py").stderr
    for command, shown in ((["check", "m.py"], "PRL101"), (["fix", "--diff", "m.py"], "+from par_lint"), (["config"], "flake8.ignore")):
        done = run(project, "par_lint", *command)
        assert shown in done.stdout
        assert "loaded" not in done.stderr


def test_what_reads_flake8s_configuration_elsewhere_is_heard(project: Path) -> None:
    """As Flake8-pyproject does, which calls itself a formatter."""
    assert "PRL101" in run(project, "par_lint", "check", "m.py").stdout
    installed(project / "plugins", "carrier", "flake8.report", CARRIER)
    (project / "elsewhere.cfg").write_text("[flake8]\nextend-ignore = PRL101\n")
    for program in (["flake8", "--select=PRL"], ["par_lint", "check"]):
        done = run(project, *program, "m.py")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_plugin_that_is_required_is_still_missed(project: Path) -> None:
    (project / ".flake8").write_text("[flake8]\nrequire-plugins = flake8-nowhere\n")
    done = run(project, "par_lint", "check", "m.py")
    assert done.returncode == 2
    assert "flake8-nowhere" in done.stderr
