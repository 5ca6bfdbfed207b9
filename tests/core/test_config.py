"""[tool.par-lint]: what it sets, and the one line that a mistake in it gets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from par_lint.core.catalog.entry import Effect, Kind, Timeout
from par_lint.core.config.loading import load_config
from par_lint.core.config.settings import Config, ConfigError
from par_lint.engine.fix_file import fix


def configured(folder: Path, text: str) -> Config:
    (folder / "pyproject.toml").write_text(text)
    return load_config(folder / "module.py")


def test_defaults_are_the_guides(tmp_path: Path) -> None:
    config = load_config(tmp_path)
    assert dict(config.workers) == {"network": 50, "file": 20, "subprocess": 10, "cpu": 32}
    assert dict(config.timeouts) == {"git push": 30, "pytest": 60, "npm install": 120}
    assert (config.runtime, config.line_length, config.entries) == (None, None, ())


def test_the_nearest_table_upward_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.par-lint]\nline-length = 100\n")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert load_config(inner / "m.py").line_length == 100


def test_everything_can_be_set(tmp_path: Path) -> None:
    config = configured(
        tmp_path,
        """
        [tool.par-lint]
        runtime = "myapp.parallel"
        line-length = 120
        workers = {network = 80}
        timeouts = {make = 300}
        [[tool.par-lint.call]]
        name = "myapp.store.Client.fetch"
        kind = "network"
        effect = "read"
        timeout-parameter = "limit"
        timeout-position = 2
        timeout-default = 30
        """,
    )
    assert (config.runtime, config.line_length) == ("myapp.parallel", 120)
    assert config.workers["network"] == 80
    assert config.workers["file"] == 20
    assert config.timeouts["make"] == 300
    entry = config.catalog.find("myapp.store.Client.fetch")
    assert entry is not None
    assert (entry.kind, entry.effect, entry.timeout) == (Kind.NETWORK, Effect.READ, Timeout("limit", 2, 30))
    assert config.catalog.find("requests.get") is not None


def test_an_added_call_is_reported(tmp_path: Path) -> None:
    import ast

    from par_lint.engine.lint_file import lint

    config = configured(tmp_path, '[[tool.par-lint.call]]\nname = "lake.pull"\nkind = "network"\n')
    text = "import lake\ndef f(keys):\n    return [lake.pull(key) for key in keys]\n"
    assert [finding.code for finding in lint(ast.parse(text), text.splitlines(True), config)] == ["PRL102"]
    assert lint(ast.parse(text), text.splitlines(True), Config()) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool.par-lint]\nrun-time = 'x'", "run-time: unknown key; did you mean 'runtime'? valid keys: select, ignore, per-file-ignores, exclude, extend-exclude, baseline, runtime, line-length, target-version, free-threaded, cross-module, workers, timeouts, extend-safe-fixes, extend-unsafe-fixes, call"),
        ("[tool.par-lint]\nline-length = 'x'", "line-length: must be a whole number from 1 to 1000, not 'x'"),
        ("[tool.par-lint]\ntarget-version = 3.11", "target-version: must be a version of Python such as \"3.11\", not 3.11"),
        ("[tool.par-lint]\nruntime = 'a b'", "runtime: must be a module such as \"myapp.parallel\", not 'a b'"),
        ("[tool.par-lint.workers]\nnetwrok = 5", "workers.netwrok: unknown key; did you mean 'network'? valid keys: network, file, subprocess, cpu"),
        ("[tool.par-lint.workers]\nfile = 0", "workers.file: must be a whole number from 1 to 1000, not 0"),
        ("[tool.par-lint.timeouts]\nmake = true", "timeouts.make: must be a whole number from 1 to 604800, not True"),
        ("[tool.par-lint]\ncall = 3", "call: must be an array of tables, written [[tool.par-lint.call]], not 3"),
        ("[[tool.par-lint.call]]\nname = 'a-b'", "call 1: name: must be a qualified name such as \"package.module.function\", not 'a-b'"),
        (
            "[[tool.par-lint.call]]\nname = 'a.b'\nkind = 'web'",
            "call 1: kind: must be one of network, subprocess, file, metadata, listing, cpu, native, sleep, log, pure, not 'web'",
        ),
    ],
)
def test_a_mistake_gets_one_line_with_file_key_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path, text)
    assert str(caught.value) == f"{tmp_path / 'pyproject.toml'}: [tool.par-lint] {message}"


def test_broken_toml_names_the_place(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pyproject.toml: not valid TOML: .*line 2"):
        configured(tmp_path, "[tool.par-lint]\nruntime = \n")


def test_a_file_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.par-lint]\nruntime = '\xe9'\n")
    with pytest.raises(ConfigError, match="not valid UTF-8"):
        load_config(tmp_path)


def test_a_project_says_which_fixes_it_trusts(tmp_path: Path) -> None:
    config = configured(tmp_path, '[tool.par-lint]\nextend-safe-fixes = ["PRL103"]\nextend-unsafe-fixes = ["PRL10"]\n')
    assert (config.safe_codes, config.unsafe_codes) == (("PRL103",), ("PRL10",))


@pytest.mark.parametrize(
    ("value", "problem"), [("'PRL101'", ": must be a list of codes"), ("['E501']", ": E501: no such rule; valid rules: PRL101, "), ("[1]", " 1: must be a code, ")]
)
def test_codes_of_others_cannot_be_trusted(tmp_path: Path, value: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=f"extend-safe-fixes{problem}"):
        configured(tmp_path, f"[tool.par-lint]\nextend-safe-fixes = {value}\n")


@pytest.mark.parametrize(
    ("safe", "unsafe", "changed"), [((), (), (True, False)), (("PRL101",), (), (True, True)), ((), ("PRL1",), (False, False)), (("PRL1",), ("PRL101",), (False, False))]
)
def test_trust_decides_which_fixes_are_made(safe: tuple[str, ...], unsafe: tuple[str, ...], changed: tuple[bool, bool]) -> None:
    reads = b"for name in names:\n    print(open(name).read())\n"
    copies = b"import shutil\nfor name in names:\n    shutil.copy(name, name + '~')\n"
    config = Config(safe_codes=safe, unsafe_codes=unsafe)
    results = [fix(source, config, runtime="par_lint.parallel").source != source for source in (reads, copies)]
    assert tuple(results) == changed


@pytest.mark.parametrize(
    ("text", "python", "line_length"),
    [
        ("[project]\nrequires-python = '>=3.11'\n", 11, None),
        ("[project]\nrequires-python = '>=3.9,<4,!=3.12.1'\n[tool.black]\nline-length = 100\n", 9, 100),
        ("[tool.poetry.dependencies]\npython = '^3.12'\n[tool.ruff]\nline-length = 120\n", 12, 120),
        ("[tool.ruff]\ntarget-version = 'py313'\n", 13, None),
        ("[project]\nrequires-python = '>=3.11'\n[tool.par-lint]\ntarget-version = '3.10'\nline-length = 99\n[tool.ruff]\nline-length = 120\n", 10, 99),
        ("[project]\nrequires-python = '>=3.11'\n[tool.ruff]\nline-length = 120\n[tool.par-lint]\n", 11, 120),
        ("[project]\nrequires-python = 3\n[tool]\nruff = 4\nblack = {line-length = 'x'}\n", 10, None),
    ],
)
def test_what_other_tools_are_told_counts_too(tmp_path: Path, text: str, python: int, line_length: int | None) -> None:
    config = configured(tmp_path, text)
    assert (config.python, config.line_length) == (python, line_length)


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    first = configured(tmp_path, "[tool.par-lint]\nline-length = 100\n")
    assert load_config(tmp_path / "other.py") is first
    assert configured(tmp_path, "[tool.par-lint]\nline-length = 79\n").line_length == 79
    (tmp_path / "pyproject.toml").unlink()
    assert load_config(tmp_path).line_length is None
    with pytest.raises(ConfigError):
        configured(tmp_path, "[tool.par-lint]\nline-length = 0\n")
    assert configured(tmp_path, "[tool.par-lint]\nline-length = 120\n").line_length == 120


@pytest.mark.parametrize("table", ["par-lint", "par_lint", "parlint", "tools.par-lint", "tools.par_lint"])
def test_a_table_at_the_wrong_place_is_an_error(tmp_path: Path, table: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(f"[{table}] is ignored; rename it to [tool.par-lint]")):
        configured(tmp_path, f"[{table}]\nselect = ['PRL1']\n")
    assert configured(tmp_path, "[dependency-groups]\npar-lint = ['par-lint']\n").path is None


FLAKE8 = "[flake8]\nmax-line-length = 120  # wide\n"
OTHER_FILES: dict[str, tuple[dict[str, str], int | None]] = {
    "flake8 in .flake8": ({".flake8": FLAKE8}, 120),
    "flake8 in setup.cfg": ({"setup.cfg": "[metadata]\nname = x\n[flake8]\nmax_line_length = 99\n"}, 99),
    "flake8 in tox.ini": ({"tox.ini": FLAKE8, "setup.cfg": "[metadata]\nname = x\n"}, 120),
    "the first of flake8's files that is for flake8": ({"setup.cfg": "[flake8]\nignore = E501\n", ".flake8": FLAKE8}, None),
    "black before flake8": ({".flake8": FLAKE8, "pyproject.toml": "[tool.black]\nline-length = 100\n"}, 100),
    "par-lint before all": ({".flake8": FLAKE8, "ruff.toml": "line-length = 90\n", "pyproject.toml": "[tool.par-lint]\nline-length = 79\n"}, 79),
    "a pyproject.toml without a length": ({".flake8": FLAKE8, "pyproject.toml": "[tool.par-lint]\nselect = ['PRL']\n"}, 120),
    "ruff.toml before flake8": ({"ruff.toml": "line-length = 90\n", ".flake8": FLAKE8}, 90),
    "wrong values": ({"ruff.toml": "line-length = 'x'\n", "tox.ini": "[flake8]\nmax-line-length = wide\n"}, None),
    "no section": ({"tox.ini": "max-line-length = 99 [flake8]\n"}, None),
}


@pytest.mark.parametrize(("files", "line_length"), OTHER_FILES.values(), ids=OTHER_FILES)
def test_the_line_length_of_flake8_and_of_ruff_counts_where_pyproject_sets_none(files: dict[str, str], line_length: int | None, tmp_path: Path) -> None:
    inner = tmp_path / "app" / "jobs"
    inner.mkdir(parents=True)
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert load_config(inner / "m.py").line_length == line_length


def test_a_change_of_the_line_length_of_flake8_is_noticed(tmp_path: Path) -> None:
    for length in (120, 70):
        (tmp_path / ".flake8").write_text(f"[flake8]\nmax-line-length = {length}\n# {'x' * length}\n")
        assert load_config(tmp_path).line_length == length
