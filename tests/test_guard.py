"""The laws of a fixed file, each broken once; and files in every spelling, fixed and still themselves."""

from __future__ import annotations

import ast

import pytest

from par_lint.config import Config
from par_lint.engine import fix
from par_lint.guard import violations

CODE = "import pathlib\n\n\n# about f\ndef f(names):\n    return [pathlib.Path(name).read_text() for name in names]  # read them\n"


@pytest.mark.parametrize(
    ("before", "after", "law"),
    [
        (b"x = 1\n", b"x = = 1\n", "the result would not be Python"),
        (b"x = 1  # one\n", b"x = 1\n", "a comment would be lost"),
        (b"x = 1  # a\ny = 2  # a\n", b"x = 1  # a\ny = 2\n", "a comment would be lost"),
        (b"\xef\xbb\xbfx = 1\n", b"x = 1\n", "the byte order mark would change"),
        (b"# coding: latin-1\nx = 1\n", b"# coding: utf-8\n# coding: latin-1\nx = 1\n", "the encoding would change"),
        (b"x = 1\r\n", b"x = 1\r\ny = 2\n", "the line ends would change"),
        (b"x = 1", b"x = 1\n", "the end of the file would change"),
    ],
)
def test_a_broken_law_is_named(before: bytes, after: bytes, law: str) -> None:
    assert law in violations(before, after)


def test_what_keeps_the_laws_passes() -> None:
    assert violations(b"x = 1  # one\n", b"import y\nx = 1  # one\n") == []


@pytest.mark.parametrize(
    "source",
    [
        CODE.encode(),
        CODE.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + CODE.encode(),
        b"\xef\xbb\xbf" + CODE.replace("\n", "\r\n").encode(),
        CODE.rstrip("\n").encode(),
        b"# -*- coding: latin-1 -*-\n" + CODE.replace("them", "thém").encode("latin-1"),
        b"#!/usr/bin/env python\n# licence\n'''Doc.'''\nfrom __future__ import annotations\n" + CODE.encode(),
        CODE.replace("    return", "\treturn").encode(),
        b"'''Doc.'''; import os\n" + CODE.encode(),
    ],
    ids=["plain", "crlf", "bom", "bom-crlf", "no-newline", "latin-1", "header", "tabs", "docstring-line"],
)
def test_a_fixed_file_is_still_itself(source: bytes) -> None:
    result = fix(source, Config(), runtime="par_lint.parallel")
    assert [finding.code for finding in result.fixed] == ["PRL101"]
    assert violations(source, result.source) == []
    before, after = ast.parse(source), ast.parse(result.source)
    assert ast.get_docstring(before) == ast.get_docstring(after)
    again = fix(result.source, Config(), runtime="par_lint.parallel")
    assert again.source == result.source


def test_a_file_without_findings_is_given_back_as_it_is() -> None:
    source = b"x = 1\n"
    assert fix(source, Config(), runtime="par_lint.parallel").source is source


def test_a_fix_that_would_lose_a_comment_is_withheld_with_the_law() -> None:
    source = (
        b"from glob import glob\n\n\ndef f(folders):\n    for folder in folders:\n        for name in glob(folder):\n"
        b"            print(open(name).read())\n        # the end of a folder\n"
    )
    result = fix(source, Config(), runtime="par_lint.parallel")
    assert result.source == source
    assert [finding.withheld and finding.withheld.reason for finding in result.remaining] == ["a comment would be lost"]


def test_a_noqa_comment_in_a_fixed_loop_stays_on_its_statement() -> None:
    source = (
        b"from pathlib import Path\n\n\ndef f(names):\n    for name in names:\n        text = Path(name).read_text()  # noqa: S101\n"
        b"        print(text)  # type: ignore\n"
    )
    text = fix(source, Config(), runtime="par_lint.parallel").source.decode()
    assert "read_text()  # noqa: S101\n" in text
    assert "print(text)  # type: ignore\n" in text
