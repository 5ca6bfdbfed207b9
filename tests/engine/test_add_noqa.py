"""`par-lint check --add-noqa`: comments where flake8 looks for them, and nothing else changed."""

from __future__ import annotations

import ast
import codecs
from pathlib import Path

import pytest
from flake8.main.cli import main as run_flake8

from par_lint.frontends.cli.main import main

HEAD = "import requests\nimport subprocess\n\n\n"
CASES = {
    "plain": ("def f(u):\n    return requests.get(u)\n", "def f(u):\n    return requests.get(u)  # noqa: PRL202\n"),
    "a comment": ("requests.get('u')  # see below\n", "requests.get('u')  # see below  # noqa: PRL202\n"),
    "another code": ("requests.get('u')  # noqa: E501\n", "requests.get('u')  # noqa: E501,PRL202\n"),
    "other codes": ("requests.get('u')  # NOQA:E501, W291  because\n", "requests.get('u')  # NOQA:E501, W291, PRL202  because\n"),
    "words behind": ("requests.get('u')  # noqa: E501 - a long line\n", "requests.get('u')  # noqa: E501,PRL202 - a long line\n"),
    "two at once": ("requests.get(subprocess.check_output(['a']))\n", "requests.get(subprocess.check_output(['a']))  # noqa: PRL201,PRL202\n"),
    "two lines": (
        "x = [requests.get('u'),\n     requests.get('v')]\n",
        "x = [requests.get('u'),  # noqa: PRL202\n     requests.get('v')]  # noqa: PRL202\n",
    ),
    "a call on many lines": ("requests.get(\n    'u',\n)\n", "requests.get(  # noqa: PRL202\n    'u',\n)\n"),
    "a string on many lines": ('requests.post("""\nbody  # no comment\n""", 1)\n', 'requests.post("""\nbody  # no comment\n""", 1)  # noqa: PRL202\n'),
    "backslash": ("x = 1 + \\\n    requests.get('u')\n", "x = 1 + \\\n    requests.get('u')  # noqa: PRL202\n"),
    "backslash before": ("x = requests.get('u') + \\\n    1\n", "x = requests.get('u') + \\\n    1  # noqa: PRL202\n"),
    "blanks at the end": ("requests.get('u')   \n", "requests.get('u')  # noqa: PRL202\n"),
    "no final line end": ("requests.get('u')", "requests.get('u')  # noqa: PRL202"),
    "in an f-string": ("x = f'{requests.get(1)}'\n", "x = f'{requests.get(1)}'  # noqa: PRL202\n"),
    "semicolons": ("x = 1; requests.get('u'); y = 2\n", "x = 1; requests.get('u'); y = 2  # noqa: PRL202\n"),
}


@pytest.mark.parametrize("case", CASES)
def test_comments_stand_where_flake8_looks(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    before, after = CASES[case]
    path = Path("m.py")
    path.write_text(HEAD + before)
    assert main(["check", "--add-noqa", "m.py"]) == 0
    assert path.read_text() == HEAD + after
    assert ast.dump(ast.parse(path.read_text())) == ast.dump(ast.parse(HEAD + before))
    assert main(["check", "m.py"]) == 0
    capsys.readouterr()
    assert run_flake8(["--isolated", "--select=PRL", "m.py"]) == 0
    assert capsys.readouterr().out == ""
    capsys.readouterr()
    assert main(["check", "--add-noqa", "m.py"]) == 0
    assert path.read_text() == HEAD + after
    assert capsys.readouterr().out == "Added # noqa comments for 0 findings in 0 files\n"


@pytest.mark.parametrize("end", ["\r\n", "\r"], ids=["crlf", "cr"])
def test_line_ends_and_encodings_stay(end: str, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    starts = [(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8")]
    if end == "\r\n":  # Python itself finds no encoding in a file without line feeds
        starts.append((b"# coding: latin-1\r\n", "latin-1"))
    for start, encoding in starts:
        text = (HEAD + "requests.get('\xe9')\n").replace("\n", end)
        path.write_bytes(start + text.encode(encoding))
        assert main(["check", "--isolated", "--add-noqa", str(path)]) == 0
        assert path.read_bytes() == start + text.replace("')", "')  # noqa: PRL202").encode(encoding)


def test_what_only_looks_like_a_comment_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEAD + "requests.get('# noqa: E501')\n"
    good = tmp_path / "a_good.py"
    bad = tmp_path / "bad.py"
    good.write_text(HEAD + "requests.get('u')\n")
    bad.write_text(text)
    assert main(["check", "--isolated", "--add-noqa", str(tmp_path)]) == 2
    shown = capsys.readouterr()
    assert bad.read_text() == text
    assert "is in a string" in shown.err
    assert good.read_text().endswith("# noqa: PRL202\n")
    assert shown.out == "Added # noqa comments for 1 finding in 1 file\n"


def test_the_mode_stays(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(HEAD + "requests.get('u')\n")
    path.chmod(0o755)
    assert main(["check", "--isolated", "--add-noqa", str(path)]) == 0
    assert path.stat().st_mode & 0o777 == 0o755
    assert "noqa" in path.read_text()


def test_known_findings_get_no_comment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("m.py").write_text(HEAD + "requests.get('u')\n")
    assert main(["check", "--write-baseline", "known.json"]) == 0
    Path("m.py").write_text(HEAD + "requests.get('u')\nrequests.get('v')\n")
    assert main(["check", "--add-noqa", "--baseline", "known.json"]) == 0
    assert Path("m.py").read_text() == HEAD + "requests.get('u')\nrequests.get('v')  # noqa: PRL202\n"


@pytest.mark.parametrize(("arguments", "told"), [(["--disable-noqa", "."], "disable-noqa is on"), (["-"], "name the files")])
def test_what_cannot_be_is_said(arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--add-noqa", *arguments]) == 2
    assert told in capsys.readouterr().err
