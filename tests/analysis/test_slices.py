"""What is cut out of a file: the candidates, what has to do with them, and nothing else; and never another finding."""

from __future__ import annotations

import ast
import textwrap

import libcst as cst
import pytest

from par_lint.analysis.gate.slices import slice_function
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.lint_file import File, lint


def file(source: str) -> File:
    text = textwrap.dedent(source).lstrip("\n")
    return File(ast.parse(text), split_lines(text), Config())


def cut(source: str) -> str:
    piece = file(source).slice()
    return piece.text if piece is not None else ""


LOOP = """
def pages(urls, log):
    {before}
    for url in urls:
        text = requests.get(url, timeout=9).text
        print(text)
    {after}
"""


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("log.info('a')", "pass"),
        ("if log:\n        log.info('a')\n    else:\n        log.info('b')", "pass"),
        ("urls = sorted(urls)", None),
        ("rows = sorted(urls)", "pass"),
        ("url = urls[0]", None),
        ("log.info(text)", None),
        ("return 3", "return"),
        ("return url", None),
        ("raise ValueError(\n        3)", "raise"),
        ("rows = [3 for _ in urls]", "pass"),
        ("other = urls", None),
        ("if log:\n        log.info('a')\n        url = []\n    elif log is None:\n        log = 3", "if log:\n        pass\n        url = []\n    elif log is None:\n        pass"),
        ("try:\n        log.info('a')\n    except OSError:\n        raise", "try:\n        pass\n    except OSError:\n        raise"),
        ("if log: log.info('a'); return", None),
        ("log = '''\n    # urls\n    '''", "pass"),
        ("match log:\n        case [url]:\n            log = 3\n        case _:\n            log = 4", "match log:\n        case [url]:\n            pass\n        case _:\n            pass"),
        ("@cache\n    def url():\n        log = 3\n        return log", "@cache\n    def url():\n        pass"),
        ("log = 3; url = 4", None),
        ("log = 3; return 4", None),
        ("with log:\n        # a comment\n\n        del url", "with log:\n        del url"),
    ],
)  # fmt: skip
def test_of_a_function_stays_what_mentions_a_name_that_the_loop_binds(statement: str, left: str | None) -> None:
    source = "import requests\n" + LOOP.format(before=statement, after="log.info('end')")
    expected = LOOP.format(before=statement if left is None else left, after="pass")
    assert cut(source).strip() == expected.strip()


def test_other_names_of_an_object_stay() -> None:
    kept = cut("import requests\n" + LOOP.format(before="rest = urls\n    rows = rest\n    rest.pop()\n    log.pop()", after="log = 1"))
    assert "rest = urls\n    rows = rest\n    pass\n    for" in kept


def test_a_module_is_cut_like_a_function() -> None:
    source = """
    import requests
    SIZE = 3
    def unrelated():
        return SIZE
    urls = load()
    for url in urls:
        print(requests.get(url, timeout=9))
    def related():
        return url
    """
    assert [line.strip() for line in cut(source).splitlines()] == [
        "pass", "urls = load()", "for url in urls:", "print(requests.get(url, timeout=9))", "def related():", "return url",
    ]  # fmt: skip


def test_of_a_call_without_a_limit_only_its_statement_is_seen() -> None:
    source = """
    import subprocess
    class Tool:
        def run(self, names):
            '''Doc.'''
            for name in names:
                if name:
                    subprocess.run(["tool"])
                    self.count += 1
            return self.count
    """
    assert [line.strip() for line in cut(source).splitlines()] == [
        "if 1:", 'subprocess.run(["tool"])',
    ]  # fmt: skip


def test_calls_without_a_limit_in_one_statement_and_in_its_head() -> None:
    source = """
    import subprocess
    async def run(command):
        if command:
            with subprocess.Popen(command) as one:
                one.wait()
                print(one)
            return [await subprocess.check_call(command)
                    for _ in command]
        elif subprocess.check_call(command):
            yield 3
    subprocess.check_call(["tool"])
    """
    assert [line.strip() for line in cut(source).splitlines()] == [
        "if 1:", "if command:", "with subprocess.Popen(command) as one:", "one.wait()", "pass",
        "return [await subprocess.check_call(command)", "for _ in command]", "elif subprocess.check_call(command):", "pass",
        'subprocess.check_call(["tool"])',
    ]  # fmt: skip
    found = lint(ast.parse(textwrap.dedent(source)), split_lines(textwrap.dedent(source)), Config())
    assert [(finding.line, finding.column) for finding in found] == [(6, 13), (8, 23), (10, 10), (12, 1)]


def test_a_function_that_is_called_is_cut_out_without_comments_and_docstring() -> None:
    source = file(
        """
        class Client:
            @retried
            def fetch(self, url):
                \"\"\"Fetch.

                More.
                \"\"\"
                # A comment.

                text = '''
            # no comment
            '''
                return requests.get(url + text, timeout=9)
        """
    )
    piece = slice_function(source.index.functions[0].node, source.lines)
    assert piece.text.splitlines() == [
        "if 1:", "    @retried", "    def fetch(self, url):", "        text = '''", "    # no comment", "    '''",
        "        return requests.get(url + text, timeout=9)",
    ]  # fmt: skip
    assert piece.file_lines == [3, 2, 3, 10, 11, 12, 13]


def test_functions_are_parsed_when_they_are_asked_for() -> None:
    source = file("def read(path):\n    return open(path).read()\n\ndef all_of(names):\n    return [read(name) for name in names]\n")
    piece = source.slice()
    assert piece is not None
    assert "def read" not in piece.text
    facts = source.facts(piece)
    assert facts is not None
    body = facts.body(source.index.functions[0])
    assert body is not None
    calls = [node for node in descend(body.body) if isinstance(node, cst.Call)]
    assert [facts.name(call) for call in calls] == ["io.File.read", "open"]
    assert facts.position(calls[0]) == (2, 12)
    assert facts.enclosing_function(calls[0]) is body


@pytest.mark.parametrize(
    "source",
    [
        # a loop that is left early is silent, also where it is seen only for a call without a limit
        "import requests\ndef first(urls):\n    for url in urls:\n        answer = requests.post(url)\n        if answer.ok:\n            return answer\n",
        "import requests\ndef lazy(urls):\n    for url in urls:\n        answer = requests.post(url)\n        yield answer.text\n",
        # a comment between the calls of a row
        "import requests\ndef row(a):\n    x = requests.get(a)\n    # two\n    y = requests.get('b')\n    z = requests.get('c')\n    return x, y, z\n",
        # `dir` is an attribute
        "def rows(self, names):\n    for name in names:\n        with open(name, 'w') as out:\n            out.write('a')\n    with open('b') as out:\n        out.read()\n    self.dir = 3\n",
        # what starts the coroutine many times stands in another function
        "import aiohttp, asyncio\nasync def one(session: aiohttp.ClientSession, urls):\n    for url in urls:\n        await session.get(url)\n"
        "async def all_of(session, groups):\n    await asyncio.gather(*(one(session, urls) for urls in groups))\n",
        # two calls become no row by what stands between them
        "import requests\ndef row(log):\n    requests.get('a')\n    log.info('a')\n    requests.get('b')\n    log.info('b')\n    requests.get('c')\n",
    ],
)  # fmt: skip
def test_a_slice_gives_the_findings_of_the_whole(source: str) -> None:
    whole = file(source)
    found = lint(whole.tree, whole.lines, whole.config)
    assert found == lint(whole.tree, whole.lines, whole.config, gate=False)
    assert all("made together" not in finding.message for finding in found)
