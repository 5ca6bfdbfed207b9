"""Where par-lint itself fails, it says so, goes on with all else, and never makes a file look clean."""

from __future__ import annotations

import ast
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

import libcst as cst
import pytest

from par_lint.core import internal_errors
from par_lint.core.config.settings import Config
from par_lint.engine import cache
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import lint
from par_lint.engine.process_pool import map_on_cores
from par_lint.fixes.loop_fixes import fission
from par_lint.frontends.cli.main import main
from par_lint.rules import prl101, prl102

TWO = """\
from pathlib import Path
import requests


def texts(paths):
    found = []
    for path in paths:
        found.append(Path(path).read_text())
    return found


def pages(urls):
    found = []
    for url in urls:
        found.append(requests.get(url, timeout=3).text)
    return found
"""
FAILED = "internal error (AssertionError at "


def fail(*_: object, **__: object) -> NoReturn:
    raise AssertionError("a defect")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with two findings, in the working folder of a project that has the runtime."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["par-lint"]\n')
    path = tmp_path / "two.py"
    path.write_text(TWO)
    return path


@pytest.fixture
def broken_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """PRL101 fails on every loop."""
    monkeypatch.setattr(prl101.Visitor, "_report", fail)


def codes(source: str) -> list[tuple[int, str]]:
    return [(finding.line, finding.code) for finding in lint(ast.parse(source), source.splitlines(keepends=True), Config())]


# Code that par-lint failed on --------------------------------------------------------------------------------------


@pytest.mark.parametrize("pattern", ["True", "False", "None", "True | None", "[True, False]", '{"a": True}', "str(x, y=True)", "(True as b)", "[*_, False]"])
def test_patterns_that_hold_a_bool(pattern: str) -> None:
    source = (
        f"import requests\n\n\ndef f(urls, flag):\n    for url in urls:\n        match flag:\n            case {pattern}:\n"
        "                print(requests.get(url, timeout=3))\n            case _:\n                pass\n"
    )
    assert codes(source) == [(5, "PRL102")]
    assert not fix(source.encode(), Config(), runtime="par_lint.parallel", unsafe=True).failures


STATEMENTS = [
    "assert(path if a else b)", "assert(path)if(a)else(b)", "assert[path]", "assert-1", "return(1 if a else b)", "return(yield)", "return[a, b]", "return*a, b",
    "raise(a if b else a)from(b if a else b)", "del(a)", "del[a]", "x = 1if a else 2", "x = (a)if(b)else(a)", "x = not(a if b else a)", "x = a in(a if b else b)",
    "x = a is(a if b else b)", "x = (a if b else a)and(a if b else b)or(a)", "x = [a for a in(a if b else b)if(a if b else b)]",
    "x = lambda:(a if b else a)", "x = lambda*a:a", "x = 1or 2", "x = (lambda: a)if(lambda: b)else(a)", "while(a if b else a):break", "if(a if b else a):pass",
    "for x in(a if b else b):pass", "for(x)in a:pass", "with(a)as x:pass", "with(a if b else b)as x:pass", "x = f'{a if b else b}'if a else''",
    "global_ = (yield(a if b else b))", "from .import x", "import os as x;from os import(path)", "match(a if b else a):\n        case[1]:pass", "try:pass\n    except(A, B)as x:pass",
    "x = a[(a if b else b):(a if b else a)]", "print(*(a if b else b), **(a if b else b))", "class C((a if b else a)):pass", "x = {**(a if b else b)}",
]  # fmt: skip


@pytest.mark.parametrize("statement", STATEMENTS)
def test_keywords_that_touch_what_follows(statement: str) -> None:
    source = (
        f"import requests\n\n\ndef f(a, b, path):\n    {statement}\n\n\ndef g(a, b, path, urls):\n    found = []\n    {statement}\n"
        f"    for url in urls:\n        found.append(requests.get(url, timeout=3))\n    {statement}\n    return found\n"
    )
    assert (11 + 2 * statement.count("\n"), "PRL102") in codes(source)
    result = fix(source.encode(), Config(), runtime="par_lint.parallel", unsafe=True)
    assert not result.failures
    assert len(result.fixed) == 1, [str(left.withheld) for left in result.remaining]


@pytest.mark.parametrize(
    "statement",
    [
        "assert([requests.get(url, timeout=3).text for url in urls] if a else b)", "return[requests.get(url, timeout=3).text for url in urls]",
        "return([requests.get(url, timeout=3).text for url in urls] if a else b)", "assert[requests.get(url, timeout=3).text for url in urls]",
        "del[requests.get(url, timeout=3).text for url in urls][0]", "return a if[requests.get(url, timeout=3).text for url in urls]else b",
        "return not[requests.get(url, timeout=3).text for url in urls]", "for x in[requests.get(url, timeout=3).text for url in urls]:pass",
        "return 1 in[requests.get(url, timeout=3).text for url in urls]or(a if b else b)",
    ],
)  # fmt: skip
def test_what_a_keyword_touches_is_fixed(statement: str) -> None:
    source = f"import requests\n\n\ndef f(urls, a, b):\n    {statement}\n"
    result = fix(source.encode(), Config(), runtime="par_lint.parallel", unsafe=True)
    assert not result.failures
    assert len(result.fixed) == 1, [str(left.withheld) for left in result.remaining]
    names = {node.id for node in ast.walk(ast.parse(result.source)) if isinstance(node, ast.Name)}
    assert not [name for name in names if "run_parallel" in name and name != "run_parallel"], result.source.decode()


@pytest.mark.parametrize(
    "body",
    [
        'if path == "a":\n            note(path)\n        elif Path(path).read_text():\n            note("flow")',
        'if path == "a":\n            note(path)\n        elif Path(path).read_text():\n            note("flow")\n        else:\n            note("no")',
        'if path == "a":\n            note(path)\n        elif path == "b":\n            note("b")\n        elif "x" in Path(path).read_text():\n            note("flow")',
        'if note(path):\n            note(path)\n        elif path and Path(path).read_text():\n            note("flow")',
        'if path == "a":\n            note(path)\n        else:\n            if Path(path).read_text():\n                note("flow")',
    ],
)
def test_io_in_the_test_of_an_elif(body: str) -> None:
    source = f"from pathlib import Path\n\n\ndef kinds(paths, note):\n    for path in paths:\n        {body}\n\n\ndef other(paths):\n    for path in paths:\n        print(Path(path).read_text())\n"
    assert codes(source) == [(5, "PRL101"), (source.count("\n") - 1, "PRL101")]
    result = fix(source.encode(), Config(), runtime="par_lint.parallel", unsafe=True)
    assert not result.failures
    assert len(result.fixed) + len(result.remaining) == 2
    compile(result.source, "fixed", "exec")


DEEP = {
    "sum": "x = " + " + ".join(["a"] * 1500), "text": 'x = ("a" ' + '"b" ' * 1500 + ")", "boolean": "x = " + " and ".join(["a"] * 1500), "or": "x = " + " or ".join(["a", "b"] * 750),
    "comparison": "x = " + " < ".join(["a"] * 1500), "attributes": "x = a" + ".b" * 150, "calls": "x = a" + ".b()" * 150, "items": "x = a" + "[0]" * 150,
    "parentheses": "x = " + "(" * 150 + "a" + ")" * 150, "lists": "x = " + "[" * 150 + "a" + "]" * 150, "choices": "x = " + "a if b else " * 700 + "a", "lambdas": "x = " + "lambda: " * 500 + "a",
    "not": "x = " + "not " * 900 + "a", "minus": "x = " + "-" * 900 + "a", "elif": "if a:\n        pass\n" + "    elif b:\n        pass\n" * 300,
    "functions": "".join(f"{'    ' * depth}def g{depth}():\n    " for depth in range(90)) + "    " * 90 + "pass",
    "ifs": "".join(f"{'    ' * depth}if a:\n    " for depth in range(90)) + "    " * 90 + "pass", "clauses": "x = [a " + "for a in b " * 15 + "]",
}  # fmt: skip


@pytest.mark.parametrize("name", DEEP)
def test_deep_code(name: str) -> None:
    deep = f"    {DEEP[name]}\n"
    inside = "".join(f"    {line}\n" for line in deep.splitlines())
    source = f"import requests\n\n\ndef f(urls, a, b):\n    found = []\n    for url in urls:\n{inside}        found.append(requests.get(url, timeout=3).text)\n    return found\n"
    compile(source, "source", "exec")
    found = codes(source)
    assert [code for _, code in found] == ["PRL102"], found
    result = fix(source.encode(), Config(), runtime="par_lint.parallel", unsafe=True)
    assert not result.failures
    assert sys.getrecursionlimit() < 10_000


@pytest.mark.parametrize("terms", [600, 1500])
def test_one_deep_expression_costs_no_other_loop(terms: int) -> None:
    total = " + ".join(["total"] * terms)
    source = (
        f"def first(paths, total):\n    for path in paths:\n        print(path.read_text(), {total})\n\n\n"
        f"def second(paths: list[Path]):\n    for path in paths:\n        print(path.read_text())\n\n\nSUM = {total}\n"
    )
    source = f"from pathlib import Path\n\n\n{source}"
    assert (10, "PRL101") in codes(source)
    result = fix(source.encode(), Config(), runtime="par_lint.parallel")
    assert 10 in [finding.line for finding in result.fixed]
    assert all(1 < failure.line < 9 for failure in result.failures)


# Where it fails, it says so ----------------------------------------------------------------------------------------


@pytest.mark.usefixtures("broken_rule")
def test_a_rule_that_fails_costs_no_other_rule(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert codes(TWO) == [(7, "PRL000"), (14, "PRL102")]
    assert main(["check", "-q", "two.py"]) == 2
    shown = capsys.readouterr()
    assert [line.split()[1] for line in shown.out.splitlines()] == ["PRL000", "PRL102"]
    assert [line.partition(FAILED)[0] for line in shown.err.splitlines()] == ["par-lint: two.py:7: PRL000 "]
    assert shown.out.startswith(f"two.py:7:5: PRL000 {FAILED}")
    assert "please report it" in shown.err
    assert main(["check", "two.py"]) == 2, "from the cache"
    assert main(["fix", "two.py"]) == 2
    assert file.read_text().count("run_parallel(") == 1
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.usefixtures("broken_rule")
@pytest.mark.parametrize("arguments", [["--ignore=PRL"], ["--select=PRL1"], ["--per-file-ignores=*.py:PRL0"], []])
def test_no_option_and_no_comment_hides_a_failure(file: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    if not arguments:
        file.write_text(TWO.replace("in paths:", "in paths:  # noqa").replace("in urls:", "in urls:  # noqa: PRL000"))
    assert main(["check", *arguments, "two.py"]) == 2
    shown = capsys.readouterr()
    assert ("PRL000" in shown.out) == bool(arguments)
    assert shown.err.count(FAILED) == 1


@pytest.mark.usefixtures("broken_rule")
@pytest.mark.parametrize("output", ["json", "sarif", "github", "full"])
def test_every_report_has_it(file: Path, capsys: pytest.CaptureFixture[str], output: str) -> None:
    assert main(["check", "--output-format", output, "two.py"]) == 2
    assert capsys.readouterr().out.count(FAILED) >= 1


@pytest.mark.usefixtures("broken_rule")
def test_it_is_nothing_to_get_used_to(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--write-baseline", "known.json", "two.py"]) == 2
    assert "PRL000" not in Path("known.json").read_text()
    assert main(["check", "--add-noqa", "two.py"]) == 2
    assert "PRL000" not in file.read_text()
    assert main(["check", "--baseline", "known.json", "two.py"]) == 2
    capsys.readouterr()


def test_the_page_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "PRL000"]) == 0
    assert capsys.readouterr().out.startswith("PRL000 internal-error\n")
    assert main(["explain", "internal-error", "--output-format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["fix"] == "never"


def test_an_editor_shows_it_and_offers_no_comment(file: Path, broken_rule: None) -> None:
    from par_lint.engine.suppression.rule_selection import Selection
    from par_lint.frontends.editors.code_actions import Buffer, Settings

    text = TWO.replace("in paths:", "in paths:  # noqa")
    buffer = Buffer(file, text, Settings(Config(), Selection(["--isolated", "--select=PRL"])), lambda: pytest.fail("no fix was asked for"))
    assert [marked.finding.code for marked in buffer.findings] == ["PRL000", "PRL102"]
    assert [action.title for action in buffer.find_actions(buffer.findings[0].span)] == []


def test_a_gate_that_fails_is_told_and_the_rules_look_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    from par_lint.analysis.gate.candidates import Candidates

    monkeypatch.setattr(Candidates, "wanted", fail)
    assert codes(TWO) == [(1, "PRL000"), (7, "PRL101"), (14, "PRL102")]


@pytest.mark.parametrize("error", [MemoryError(), RecursionError(), KeyError("x"), SystemError("x")])
def test_every_kind_of_error(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def raising(*_: object) -> None:
        raise error

    monkeypatch.setattr("par_lint.engine.lint_file.File.reports", raising)
    found = lint(ast.parse(TWO), TWO.splitlines(keepends=True), Config())
    assert [finding.code for finding in found] == ["PRL000"]


class PanicException(BaseException):
    """As pyo3 raises it."""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (PanicException("called `Option::unwrap()`"), "ParserPanic"),
        (cst.ParserSyntaxError("no", lines=["x"], raw_line=3, raw_column=0), "libcst cannot parse line 3"),
    ],
)
@pytest.mark.parametrize("command", ["check", "fix", "why"])
def test_a_parser_that_gives_up(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str, error: BaseException, words: str
) -> None:
    def give_up(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(cst, "parse_module", give_up)
    assert main([*(["check", "--why-silent"] if command == "why" else [command]), *["-q"] * (command == "check"), "two.py"]) == 2
    shown = capsys.readouterr().err
    assert words in shown
    assert len(shown.splitlines()) == 1
    assert file.read_text() == TWO


# Fixes -------------------------------------------------------------------------------------------------------------


def test_a_fix_that_fails_costs_no_other_fix(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from par_lint.rules._rule import RuleVisitor

    fitted = RuleVisitor._fit
    monkeypatch.setattr(RuleVisitor, "_fit", lambda self, edit: fail() if isinstance(self, prl101.Visitor) else fitted(self, edit))
    assert main(["fix", "--show-withheld", "two.py"]) == 2
    shown = capsys.readouterr()
    assert shown.err.splitlines()[0].startswith("par-lint: two.py:7: PRL000 internal error (AssertionError at ")
    assert "did not fix PRL101 here" in shown.err
    assert "two.py:8:5: PRL101 not fixed [internal]: internal error in par-lint (line 8)" in shown.out
    assert [line.strip() for line in file.read_text().splitlines() if "append(" in line] == ["found.append(Path(path).read_text())", "found.append(response)"]
    file.write_text(TWO)
    assert main(["check", "--output-format", "json", "two.py"]) == 2
    shown = capsys.readouterr()
    assert [bool(one["fix"]) for one in json.loads(shown.out)] == [False, True]
    assert len(shown.err.splitlines()) == 1
    assert main(["check", "--diff", "two.py"]) == 2


def test_an_edit_that_cannot_be_made_costs_no_other(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from par_lint.engine import fix_file

    apply = fix_file._apply

    def applied(module: cst.Module, edits: list[object], runtime: str | None, own: object) -> cst.Module:
        return fail() if any("read_text" in cst.Module([]).code_for_node(old) for edit in edits for old, _ in edit.replaced) else apply(module, edits, runtime, own=own)  # type: ignore[attr-defined,arg-type]

    monkeypatch.setattr(fix_file, "_apply", applied)
    assert main(["fix", "two.py"]) == 2
    assert "par-lint: two.py:7: PRL000 internal error (AssertionError at " in capsys.readouterr().err
    assert file.read_text().count("run_parallel(") == 1


# The cache and worker processes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("broken", ["key", "find", "note", "save"])
def test_a_cache_that_fails_is_left_out_and_told_once(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], broken: str) -> None:
    if broken == "key":
        monkeypatch.setattr("par_lint.engine.lint_files.cache_key", fail)
    else:
        monkeypatch.setattr(cache.Cache, broken, fail)
    Path("more.py").write_text(TWO)
    assert main(["check", "-q", "two.py", "more.py"]) == 1
    shown = capsys.readouterr()
    assert shown.out.count("PRL10") == 4
    assert len(shown.err.splitlines()) == 1
    assert shown.err.startswith("par-lint: internal error (AssertionError at ")


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), PermissionError(13, "no"), NotImplementedError("no"), ImportError("no")])
@pytest.mark.parametrize("command", ["check", "fix"])
def test_without_processes_all_is_done_in_one(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, command: str
) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise error

    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", refuse)
    few_are_many(monkeypatch)
    for number in range(5):
        Path(f"m{number}.py").write_text(TWO)
    assert main([command, "-q", "."]) == int(command == "check")
    shown = capsys.readouterr()
    assert not shown.err
    if command == "check":
        assert shown.out.count("PRL10") == 12
    else:
        assert all(path.read_text().count("run_parallel(") == 2 for path in [file, *Path().glob("m?.py")])


def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Five files are enough for processes."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr("par_lint.engine.lint_files._ENOUGH_FOR_PROCESSES", 5)
    monkeypatch.setattr("par_lint.frontends.cli.fix.ENOUGH_FOR_PROCESSES", 5)


def _die_on_7(number: int) -> int:
    if number == 7:
        os._exit(9)
    return number


def _lost(number: int) -> int:
    return -number


def test_an_item_that_kills_its_process_costs_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert list(map_on_cores(_die_on_7, range(60), chunk=5, lost=_lost)) == [-7 if number == 7 else number for number in range(60)]


def test_a_worker_that_dies_is_told_with_its_file(file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    few_are_many(monkeypatch)
    for number in range(9):
        Path(f"m{number}.py").write_text(TWO)
    Path("m5.py").write_text("import killer  # in the test\n" + TWO)
    parent = os.getpid()
    from par_lint.engine import lint_file

    def look(self: lint_file.File, *arguments: object) -> object:
        if os.getpid() != parent and "killer" in self.lines[0]:
            os._exit(9)
        return init(self, *arguments)  # type: ignore[arg-type]

    init = lint_file.File.slice
    monkeypatch.setattr(lint_file.File, "slice", look)
    for command in ("check", "fix"):
        assert main([command, *["-q"] * (command == "check"), "."]) == 2
        shown = capsys.readouterr()
        assert [line.partition("(")[2].partition(")")[0] for line in shown.err.splitlines()] == ["ProcessDied"]
        assert "m5.py:1: PRL000" in shown.err
        assert shown.out.count("PRL10") == 18 if command == "check" else "18 fixed" in shown.out


def test_what_is_told_names_the_innermost_place_of_ours() -> None:
    try:
        fission.plan_for(None, None, None, None)  # type: ignore[arg-type]
    except Exception as error:
        assert internal_errors.describe(error).startswith(f"{type(error).__name__} at ")
    assert prl102.RULE.code == "PRL102"
