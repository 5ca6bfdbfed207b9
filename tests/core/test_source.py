"""Bytes to module and back: nothing of a file's own spelling is lost, and what cannot be read says why."""

from __future__ import annotations

from codecs import BOM_UTF8

import libcst as cst
import pytest

from par_lint.core.files.source_text import UnparsableSource, parse_tree, split_lines
from par_lint.fixes.codegen.replace import replace_nodes
from par_lint.fixes.codegen.round_trip import parse_source

WHOLE = {
    "bom": b"\xef\xbb\xbfx = 1\n",
    "bom and crlf": b"\xef\xbb\xbfx = 1\r\ny = 2\r\n",
    "bom and cookie": b"\xef\xbb\xbf# coding: utf-8\nx = 1\n",
    "latin-1 cookie": '# -*- coding: latin-1 -*-\nx = "é"\n'.encode("latin-1"),
    "cookie on line 2": b'#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = "\x93"\n',
    "euc-jp": '# coding: euc-jp\nx = "日本"\n'.encode("euc-jp"),
    "utf-8 text": 'x = "日本 \u2028 \x85"\ny = 1\n'.encode(),
    "crlf": b"x = 1\r\ny = 2\r\n",
    "mixed newlines": b"x = 1\r\ny = 2\nz = 3\rw = 4\n",
    "carriage returns": b"x = 1\ry = 2\r",
    "mixed in a string": b'x = """a\r\nb\nc"""\ny = 1\n',
    "no final newline": b"x = 1",
    "crlf, no final newline": b"x = 1\r\ny = 2",
    "blanks at the end": b"x = 1\n   ",
    "comment at the end": b"x = 1\n# end",
    "form feed lines": b"x = 1\n\x0c\ny = 2\n",
    "form feed first": b"\x0cx = 1\ny = 2\n",
    "form feed before code": b"x = 1\n\x0cdef f():\n    pass\n\n\x0cclass C:\n    y = 2\n",
    "tabs": b"if x:\n\ty = 1\n\tz = 2\n",
    "continuation": b"x = 1 + \\\r\n  2\n",
    "empty": b"",
    "only a bom": b"\xef\xbb\xbf",
    "only a comment": b"# x",
    "only blanks": b"  \n\n ",
    "semicolons": b"x = 1 ; y = 2;\n",
}


@pytest.mark.parametrize("source", WHOLE.values(), ids=WHOLE.keys())
def test_file_comes_back_whole(source: bytes) -> None:
    parsed = parse_source(source)
    assert parsed.render(parsed.module) == source
    assert parsed.render(parsed.module.with_changes()) == source


@pytest.mark.parametrize("source", WHOLE.values(), ids=WHOLE.keys())
def test_only_the_changed_line_changes(source: bytes) -> None:
    parsed = parse_source(source)
    added = cst.parse_statement("import added\n")
    changed = parsed.render(parsed.module.with_changes(body=[*parsed.module.body, added]))
    assert b"import added" in changed
    kept = [line.strip(b"\r\n") for line in changed.removeprefix(BOM_UTF8).splitlines() if b"import added" not in line]
    body = [line.strip(b"\r\n") for line in source.removeprefix(BOM_UTF8).splitlines()]
    assert [line for line in kept if line.strip()] == [line for line in body if line.strip()]
    assert changed.startswith(BOM_UTF8) == source.startswith(BOM_UTF8)


def test_form_feeds_stay_beside_a_change() -> None:
    source = b"\x0cx = 1\n\x0cdef f():\n    pass\n\x0cdef g():\n    pass\n"
    parsed = parse_source(source)
    first = parsed.module.body[0]
    changed = parsed.render(replace_nodes(parsed.module, {first: cst.parse_statement("x = 2\n")}))
    assert changed == source.replace(b"\x0cx = 1", b"x = 2")


@pytest.mark.parametrize(
    ("source", "line", "reason"),
    [
        (b"x = 1\ny = '\xe9'\n", 2, "utf-8"),
        (b"x = 1\ny = 2\nz = '\xe9'\n", 3, "utf-8"),
        (b"# coding: ascii\nx = 1\ny = '\xe9'\n", 3, "ascii"),
        (b"# coding: bogus\nx = 1\n", 1, "unknown encoding: bogus"),
        (b"# coding: rot13\nk = 1\n", 1, "rot13"),
        (b"\xef\xbb\xbf# coding: latin-1\nx = 1\n", 1, "utf-8"),
        (b"x = 1\n\ny = 2\0\n", 3, "null bytes"),
        ("x = 1\n".encode("utf-16"), 1, "utf-8"),
        (b"x = 1\nif x\n    y\n", 2, ""),
        (b"x = 1\nprint 'x'\n", 2, "print"),
        (b"x = 1\nif x:\n\ty = 1\n        z = 2\n", 4, "tabs"),
        (b"x = 1\n\x1a", 2, ""),
        (b"x = 1\\\n", 1, ""),
    ],
)
def test_unreadable_file_says_where_and_why(source: bytes, line: int, reason: str) -> None:
    for parse in (parse_source, parse_tree):
        with pytest.raises(UnparsableSource) as caught:
            parse(source)
        assert caught.value.line == line
        assert reason in caught.value.reason
        assert "\n" not in str(caught.value)


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    for depth in (3_000, 20_000, 100_000):  # some are beyond libcst only, where its native parser would end the process
        source = b"x = " + b"-" * depth + b"1\n"
        with pytest.raises((UnparsableSource, RecursionError)):  # Python 3.10 parses the first: for that a deep stack is tried
            parse_source(source)


def test_lines_are_divided_as_python_divides_them() -> None:
    text = "a\x0cb\r\n\x0b\rc\n\u2028d\x85"
    assert split_lines(text) == ["a\x0cb\r\n", "\x0b\r", "c\n", "\u2028d\x85"]
    assert split_lines("a\n") == ["a\n"]
    assert split_lines("") == []


def test_replacing_touches_nothing_else() -> None:
    module = cst.parse_module("x = a ;y=a  # c\nif  a :\n  a\n")
    first = module.body[0]
    changed = replace_nodes(module, {first.body[1].value: cst.Name("b")})  # type: ignore[union-attr]
    assert changed.code == "x = a ;y=b  # c\nif  a :\n  a\n"


def test_statement_may_become_several() -> None:
    module = cst.parse_module("x = 1\ny = 2\n")
    several = cst.FlattenSentinel([cst.parse_statement("a = 1\n"), cst.parse_statement("b = 1\n")])
    changed = replace_nodes(module, {module.body[0]: several, module.body[1]: cst.RemoveFromParent()})
    assert changed.code == "a = 1\nb = 1\n"


def test_node_of_another_module_is_refused() -> None:
    module, other = cst.parse_module("x = 1\n"), cst.parse_module("x = 1\n")
    with pytest.raises(LookupError):
        replace_nodes(module, {other.body[0]: cst.parse_statement("y = 1\n")})


def test_no_replacement_gives_the_module_itself() -> None:
    module = cst.parse_module("x = 1\n")
    assert replace_nodes(module, {}) is module
