"""The fixes through libcst's own tool, as its users run codemods: one per rule, with and without `--unsafe-fixes`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fixture_cases import FOLDER

from par_lint import codemod
from par_lint.core.config.loading import load_config
from par_lint.core.findings import FixAvailability
from par_lint.engine.fix_file import fix
from par_lint.rules import all_rules

COMMANDS = {name: command for name, command in vars(codemod).items() if hasattr(command, "CODE")}


def test_there_is_one_for_every_rule() -> None:
    assert sorted(command.CODE for command in COMMANDS.values()) == [module.RULE.code for module in all_rules() if module.RULE.fix is not FixAvailability.NEVER]
    assert all(command.DESCRIPTION for command in COMMANDS.values())


def sample(code: str) -> bytes:
    """The smallest fixture that fixes of a rule change."""
    changed = (FOLDER / code).glob("*.unsafe.out")
    return min((path.with_name(path.name.removesuffix(".unsafe.out") + ".py").read_bytes() for path in changed), key=len)


@pytest.mark.parametrize("name", COMMANDS)
def test_runs_under_libcsts_tool(tmp_path: Path, name: str) -> None:
    code = COMMANDS[name].CODE
    source = sample(code)
    running = []
    for options in ([], ["--unsafe-fixes"]):
        path = tmp_path / f"with{len(options)}.py"
        path.write_bytes(source)
        command = [sys.executable, "-m", "libcst.tool", "codemod", "-x", "--no-format", "-j1", f"par_lint.codemod.{name}", *options, path.name]
        running.append((bool(options), path, subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)))
    for unsafe, path, process in running:
        _, told = process.communicate(timeout=120)
        assert process.returncode == 0, told
        expected = fix(
            source, load_config(tmp_path), unsafe=unsafe, wanted=lambda finding, _: finding.code == code, runtime="par_lint.parallel",
        )  # fmt: skip
        assert path.read_bytes() == expected.source
        assert expected.source != source or not unsafe
