"""The words of the reason why a fix is unsafe or withheld: they read well with every name, and do not contradict the finding."""

from __future__ import annotations

import ast

import pytest

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.lint_file import lint

SAID = {
    "client = redis.Redis()\nfor name in names:\n    client.set(name, 1)": "`set()` may change data on a server",
    "client = redis.Redis()\nfor name in names:\n    client.delete(name)": "`delete()` deletes data on a server",
    "for name in names:\n    requests.delete(name, timeout=5)": "`delete()` deletes data on a server",
    "for name in names:\n    shutil.rmtree(name)": "`rmtree()` deletes files",
    "for name in names:\n    Path(name).write_text(name)": "`write_text()` changes files",
    "for name in names:\n    subprocess.run(['x', name], timeout=5)": "the command of `run()` has unknown effects",
    "seen = set()\nfor name in names:\n    if name in seen:\n        continue\n    seen.add(name)\n    print(requests.get(name, timeout=5).text)":
        "what would run ahead reads `seen`, which the rest of the loop changes",
    "count = 0\nfor name in names:\n    count += 1\n    print(Path(f'{count}{name}').read_text())": "what would run ahead reads `count`, which the rest of the loop changes",
    "for name in names:\n    subprocess.run(['x', name], timeout=5)\nprint(name)": "`name` is used after the loop",
    "for name in ('a', 'b', 'c'):\n    print(requests.get(name, timeout=5).text)": "it has only 3 items, and fixes are made for 4 or more",
}


@pytest.mark.parametrize(("loop", "words"), SAID.items(), ids=SAID.values())
def test_a_reason_reads_well(loop: str, words: str) -> None:
    text = "import redis, requests, shutil, subprocess\nfrom pathlib import Path\ndef work(names):\n" + "\n".join(f"    {line}" for line in loop.splitlines()) + "\n"
    (found,) = lint(ast.parse(text), split_lines(text), Config())
    why = found.withheld or found.caveat
    assert why is not None
    assert str(why.reason) == words
    assert f"fix: {words}, line " in found.message
