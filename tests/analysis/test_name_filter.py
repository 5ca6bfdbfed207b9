"""What is told by names alone: nothing that resolving would find is ruled out."""

from __future__ import annotations

import ast

import pytest

from par_lint.analysis.gate.candidates import Candidates
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.core.config.settings import Config

CONFIG = Config()


@pytest.mark.parametrize(
    "source",
    [
        "import requests\ndef f(urls):\n    for url in urls:\n        requests.get(url)",
        "from requests import get as fetch\ndef f(urls):\n    for url in urls:\n        fetch(url)",
        "import requests\nfetch = requests.get\ndef f(urls):\n    for url in urls:\n        fetch(url)",
        "from pip._vendor import requests\ndef f(urls):\n    for url in urls:\n        requests.get(url)",
        "from app.vendor import requests\ndef f(urls):\n    for url in urls:\n        requests.get(url)",
        "from app import vendor\ndef f(urls):\n    for url in urls:\n        vendor.requests.get(url)",
        "from app.compat import urlopen\ndef f(urls):\n    for url in urls:\n        urlopen(url)",
        "import boto3\nclient = boto3.client('s3')\ndef f(names):\n    for name in names:\n        client.whatever(name)",
        "class A:\n    def one(self, path):\n        return open(path).read()\n    def all(self, paths):\n        for path in paths:\n            self.one(path)",
        "class A:\n    def __init__(self, path):\n        self.text = open(path).read()\ndef f(paths):\n    for path in paths:\n        A(path)",
        "class A:\n    def __init__(self, path):\n        self.text = open(path).read()\n    @classmethod\n    def f(cls, paths):\n        for path in paths:\n            cls(path)",
        "class A:\n    @property\n    def put(self):\n        def write(path):\n            open(path, 'w').write('')\n        return write\n    def f(self, paths):\n        for path in paths:\n            self.put(path)",
        "def read(path):\n    return open(path).read()\nclass A:\n    def __init__(self):\n        self.run = read\n    def f(self, paths):\n        for path in paths:\n            self.run(path)",
        "def f(folder, names):\n    for name in names:\n        (folder / name).read_text()",
        "def f(items):\n    for item in items:\n        item.read_text()",
        "def f(session, urls):\n    for url in urls:\n        session.get(url, headers={})",
    ],
)  # fmt: skip
def test_a_loop_that_does_io_is_a_candidate(source: str) -> None:
    index = FileIndex(ast.parse(source))
    assert index.loops[0].node.lineno in [one.start for one in Candidates(Resolver(index, CONFIG.catalog)).wanted().around]


def test_what_cannot_do_io_is_not_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "import requests\ndef g(x):\n    return len(x)\ndef f(rows):\n    out = []\n    for row in rows:\n        out.append(g(str(row).strip()))\n    return sorted(out)"
    monkeypatch.setattr(Resolver, "value", lambda *arguments: pytest.fail("resolved"))
    assert not Candidates(Resolver(FileIndex(ast.parse(source)), CONFIG.catalog)).wanted()
