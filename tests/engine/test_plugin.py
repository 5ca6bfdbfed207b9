"""The plugin inside flake8."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOOP = "from pathlib import Path\n\n\ndef f(names):\n    é = 1; found = [Path(name).read_text() for name in names]\n    return é, found\n"


def flake8(*arguments: str, cwd: Path, stdin: str | None = None) -> str:
    command = [sys.executable, "-m", "flake8", "--isolated", "--select", "PRL", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, input=stdin, timeout=60).stdout


def test_reports_with_columns_in_characters(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(LOOP)
    assert flake8("m.py", cwd=tmp_path).startswith("m.py:5:20: PRL101 ")


def test_reads_stdin_under_a_display_name(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.par-lint.workers]\nfile = 33\n")
    (tmp_path / "shown.py").write_text("as it was before\n")  # other plugins read it, we must not
    shown = flake8("--stdin-display-name", str(tmp_path / "shown.py"), "-", cwd=tmp_path.parent, stdin=LOOP)
    assert "shown.py:5:20: PRL101" in shown
    assert "max_workers=33" in shown


def test_obeys_noqa_and_selection(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(LOOP.replace("names]\n", "names]  # noqa: PRL101\n"))
    assert flake8("m.py", cwd=tmp_path) == ""
    (tmp_path / "m.py").write_text(LOOP)
    assert flake8("--select", "PRL2", "m.py", cwd=tmp_path) == ""


@pytest.mark.parametrize("text", ["x = 1\n", "import requests\n\n\ndef f(u):\n    return requests.get(u, timeout=1)\n"])
def test_imports_libcst_only_when_something_may_be_found(text: str) -> None:
    code = (
        "import ast, sys\nfrom par_lint.plugin import Plugin\n"
        f"text = {text!r}\nassert list(Plugin(ast.parse(text), text.splitlines(True), 'm.py').run()) == []\n"
        "sys.exit('libcst' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


GATE = {
    "analysis.semantics.values", "engine.project_of_file",
    "analysis", "analysis.gate", "analysis.gate.blocks", "analysis.gate.candidates", "analysis.gate.timeout_arguments", "analysis.gate.missing_timeouts", "analysis.gate.slices",
    "analysis.semantics", "analysis.semantics.access_path", "analysis.semantics.ast_walk", "analysis.semantics.bindings", "analysis.semantics.cheap_calls",
    "analysis.semantics.fixpoint", "analysis.semantics.file_index", "analysis.semantics.loop_variance",
    "analysis.semantics.name_filter", "analysis.semantics.naming_evidence", "analysis.semantics.none_values",
    "analysis.semantics.io_reachability", "analysis.semantics.receiver_evidence",
    "analysis.semantics.call_resolver", "analysis.semantics.scopes", "analysis.semantics.io_words", "core", "core.config", "core.config.loading", "core.config.other_line_length",
    "core.config.settings", "core.memo", "engine", "engine.lint_file", "plugin",
}  # fmt: skip


def test_a_file_without_a_candidate_costs_the_gate_and_the_catalogue(tmp_path: Path) -> None:
    """What is imported then is what `flake8 one_file.py` takes longer for each time that it is started."""
    code = (
        "import ast, importlib, sys\n"
        "for name in ('flake8.main.application', 'flake8.plugins.pyflakes', 'flake8.processor', 'pycodestyle'):\n    importlib.import_module(name)\n"
        "before = set(sys.modules)\nfrom par_lint.plugin import Plugin\ntext = 'import os\\n\\nprint(os.sep)\\n'\n"
        "assert list(Plugin(ast.parse(text), text.splitlines(True), sys.argv[1]).run()) == []\nprint(*(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "one.py")], capture_output=True, text=True, check=True, timeout=30)
    imported = {name for name in done.stdout.split() if not name.startswith("par_lint.core.catalog")}
    assert imported - {"gc"} == {"par_lint", *(f"par_lint.{name}" for name in GATE)}


def test_is_registered_with_its_version(tmp_path: Path) -> None:
    from par_lint import __version__

    done = subprocess.run([sys.executable, "-m", "flake8", "--version"], capture_output=True, text=True, timeout=60)
    assert f"par-lint: {__version__}" in " ".join(done.stdout.split())


def test_settings_that_change_count_in_the_next_run_of_the_same_process(tmp_path: Path) -> None:
    """Editors keep the process that runs flake8 in it for days."""
    (tmp_path / "program.py").write_text("from elsewhere import fetch\n\n\ndef all_of(paths):\n    return [fetch(path) for path in paths]\n")
    code = (
        "from pathlib import Path\nfrom flake8.main import application\n"
        "for calls in ('', '[[tool.par-lint.call]]\\nname = \"elsewhere.fetch\"\\nkind = \"network\"\\n'):\n"
        "    Path('pyproject.toml').write_text(calls)\n"
        "    application.Application().run(['--isolated', '--jobs', '1', '--select', 'PRL', 'program.py'])\n    print('--')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, timeout=60)
    first, second, _ = done.stdout.split("--")
    assert first.strip() == "", done.stderr
    assert "PRL102" in second, done.stderr
