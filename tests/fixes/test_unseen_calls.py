"""Calls that are not shown: before a read they may make what is read, and what gets the data may write what is read next."""

from __future__ import annotations

import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = "import subprocess, json, configparser, requests\nfrom store import build, copytree, note, parse\n"
BEFORE = [
    "item.result()", "result = item.result()", "item.join()", "item.get()", "item.close()", "item.flush()", "item.save()", "item.download()", "item.render()",
    "item.commit()", "item.communicate()", "self.build()", "build()", "build(3)", "item()", "queue.get()", "thread.join()", "driver.pop()",
    "if item.ready():\n    self.made = 1", "x = [item.make() for _ in range(2)]",
]  # fmt: skip
PLAIN_BEFORE = [
    "print(item)", "name = item.name.strip()", "key = table.get(item)", "parts = ', '.join(item.parts)", "n = len(items)", "self.log.info(item)",
    "made = configparser.ConfigParser()", "seen.append(item)", "key = table.pop(item, None)", "if item.name.endswith('.txt'):\n    n = 1",
]  # fmt: skip
AFTER = ["copytree(text, 'out')", "parse(text)", "out.append(parse(text))", "rows = text.split()\nnote(rows)", "build(lambda: text)", "self.store.keep(text)"]
PLAIN_AFTER = ["out.append(json.loads(text))", "out.append(text.upper())", "print(text)", "rows = text.split()\nout.extend(rows)", "note()", "out.append(len(text))"]


def _is_safe(before: str, after: str, read: str = "with open(item.path) as file:\n    text = file.read()") -> bool:
    body = "\n".join([before, read, after]).strip()
    program = HEAD + "def main(self, items, out, queue, thread, driver, table, seen):\n    for item in items:\n" + textwrap.indent(body, " " * 8) + "\n"
    compile(program, "program", "exec")
    return bool(fix(program.encode(), Config(), runtime="par_lint.parallel").fixed)


@pytest.mark.parametrize("call", BEFORE)
def test_before_the_read(call: str) -> None:
    assert not _is_safe(call, "out.append(text)")
    assert not _is_safe(call, "out.append(text)", "text = requests.get(item.url, timeout=9).text")


@pytest.mark.parametrize("call", PLAIN_BEFORE)
def test_what_is_plain_before_the_read(call: str) -> None:
    assert _is_safe(call, "out.append(text)")


@pytest.mark.parametrize("call", AFTER)
def test_what_gets_the_data(call: str) -> None:
    assert not _is_safe("", call)


@pytest.mark.parametrize("call", PLAIN_AFTER)
def test_what_is_plain_with_the_data(call: str) -> None:
    assert _is_safe("", call)


def test_the_value_itself() -> None:
    assert not _is_safe("", "", "out.append(parse(open(item.path).read()))")
    assert _is_safe("", "", "out.append(json.loads(open(item.path).read()))")
