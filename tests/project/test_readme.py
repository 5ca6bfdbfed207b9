"""What the README claims is true: its example, its output, its configuration, its commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from par_lint.core.config.loading import load_config
from par_lint.frontends.cli.demo import PROGRAM
from par_lint.frontends.cli.main import main
from par_lint.frontends.reports import FORMATS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_example_is_found_and_fixed_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = blocks("python")[:2]
    shown = blocks("console")[0]
    head = PROGRAM[: PROGRAM.index("def fetch_titles")]
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(head + before)
    printed = []
    for command, code in (("check", 1), ("fix", 0)):
        assert main([command, "program.py"]) == code
        captured = capsys.readouterr()
        printed += (captured.out + captured.err).splitlines()
    assert [line for line in shown.splitlines() if not line.startswith("$")] == printed
    assert Path("program.py").read_text().endswith(after)


def test_the_example_is_that_of_the_demo() -> None:
    assert blocks("python")[0] in PROGRAM


def test_the_configuration_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(blocks("toml")[0])
    config = load_config(tmp_path)
    assert config.runtime == "myapp.parallel"
    assert config.timeouts["terraform apply"] == 600
    assert len(config.entries) == 1


def test_what_ci_runs_is_what_the_readme_says() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert '-e ".[dev]"' in README
    assert '-e ".[dev]"' in script
    assert "-m pytest" in script


def test_files_and_options_that_it_names_exist(capsys: pytest.CaptureFixture[str]) -> None:
    for name in re.findall(r"`((?:par_lint|tests)/[\w/.]*)`", README):
        assert (ROOT / name).exists(), name
    with pytest.raises(SystemExit):
        main(["fix", "--help"])
    text = capsys.readouterr().out
    for option in ("--diff", "--unsafe-fixes", "--runtime"):
        assert option in text
        assert option in README
    for command, name in re.findall(r"`par-lint (\w+)[^`]*? (--[a-z-]+)", README):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        assert name in capsys.readouterr().out, (command, name)
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert re.findall(r"- id: (\S+)", blocks("yaml")[0]) == re.findall(r"- id: (\S+)", hooks)


def test_the_reports_and_the_baseline_are_as_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    Path("program.py").write_text(PROGRAM[: PROGRAM.index("def fetch_titles")] + blocks("python")[0])
    section = README[README.index("## In CI and in existing code") : README.index("## Rules")]
    for shown in re.findall(r"^```console\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
        for command, output in re.findall(r"^\$ par-lint (.*)\n((?:[^$].*\n|\n)*)", shown, re.MULTILINE):
            main([*command.split(), "-q"])
            assert capsys.readouterr().out.rstrip() == output.rstrip()
    assert section.count("$ par-lint") == 3


def test_every_option_of_check_that_it_names_exists(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["check", "--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    section = README[README.index("## In CI and in existing code") : README.index("Other output formats for flake8 itself")]
    assert set(re.findall(r"--[a-z-]+", section)) <= known


def test_other_documents_name_files_and_options_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    texts = [(ROOT / name).read_text() for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "tests/benchmarks/RUNTIME.md")]
    for name in {found for text in texts for found in re.findall(r"`(?:python )?((?:par_lint|tests)/[\w/.]*)", text)}:
        assert (ROOT / name).exists(), name
    known = ""
    for command in ("check", "fix", "vendor", "explain"):
        with pytest.raises(SystemExit):
            main([command, "--help"])
        known += capsys.readouterr().out
    assert {option for text in texts[1:3] for option in re.findall(r"`[^`]*?(--[a-z-]+)[^`]*`", text)} - set(re.findall(r"--[a-z-]+", known)) == set()
    assert all(f"`{name}`" in README for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"))


def test_the_formats_are_all_named() -> None:
    section = README[README.index("`--output-format` is one of") : README.index("A file that Python cannot parse")]
    assert set(re.findall(r"(?:^- |; )`([a-z-]+)`:", section, re.MULTILINE)) == set(FORMATS)
