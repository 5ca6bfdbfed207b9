"""Each fix that is not made, or not safe, has a reason out of a closed list, with the line of the code that is the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from fixture_cases import fixture_files, name

from par_lint.core.config.settings import Config
from par_lint.core.findings import Applicability, ReasonKind
from par_lint.engine.fix_file import fix

LOOP = "import json\n\n\ndef load(paths, seen):\n    for path in paths:\n        with open(path) as file:\n            found = json.load(file)\n        {rest}\n    return seen\n"


@pytest.mark.parametrize("path", fixture_files(), ids=name)
@pytest.mark.parametrize("unsafe", [False, True])
def test_whatever_is_left_says_why(path: Path, unsafe: bool) -> None:
    result = fix(path.read_bytes(), Config(), unsafe=unsafe, runtime="par_lint.parallel")
    last = max(len(text.splitlines()) for text in (path.read_bytes(), result.source))
    for finding in result.remaining:
        why = finding.withheld or finding.caveat
        assert why is not None
        assert str(why.reason)
        assert 1 <= why.line <= last
    for finding in result.fixed:
        assert (finding.caveat is not None) == (finding.applicability is Applicability.UNSAFE)


def only(text: str, *, config: Config | None = None, runtime: str | None = "par_lint.parallel", unsafe: bool = False) -> tuple[ReasonKind, int]:
    """The ground and line of the one finding of a text that is left."""
    (finding,) = fix(text.encode(), config or Config(), unsafe=unsafe, runtime=runtime).remaining
    why = finding.withheld or finding.caveat
    assert why is not None
    return why.reason.kind, why.line


@pytest.mark.parametrize(
    ("ground", "line", "text"),
    [
        (ReasonKind.WRITES, 5, "import shutil\n\n\nfor path in ['a', 'b', 'c', 'd']:\n    shutil.copy(path, path + '.bak')\n"),
        (ReasonKind.STATE, 7, "def load(paths, box):\n    found = []\n    for path in paths:\n        with open(path) as file:\n            text = file.read()\n            text = text.strip()\n        found.append(open(box.last(path)).read() + text)\n    return found\n"),
        (ReasonKind.ERRORS, 3, "import subprocess\n\nsubprocess.run(['make'])\n"),
        (ReasonKind.NAMES, 4, "class Data:\n    texts = []\n\n    for path in paths():\n        with open(path) as file:\n            texts.append(file.read())\n"),
        (ReasonKind.LOAD, 5, "from concurrent.futures import ThreadPoolExecutor\nimport requests\n\ndef load(urls):\n    with ThreadPoolExecutor(max_workers=4) as pool:\n        return list(pool.map(fetch, urls))\n\ndef fetch(url):\n    return requests.get(url, timeout=9).text\n"),
    ],
)  # fmt: skip
def test_the_ground_and_its_line(ground: ReasonKind, line: int, text: str) -> None:
    assert only(text) == (ground, line)


def test_a_missing_runtime_and_a_generated_file_are_grounds() -> None:
    text = LOOP.format(rest="seen.append(found)")
    assert only(text, runtime=None)[0] is ReasonKind.RUNTIME
    assert only("# @generated\n" + text)[0] is ReasonKind.GENERATED


def test_what_the_project_wants_to_be_asked_about_is_for_a_person() -> None:
    text = LOOP.format(rest="seen.append(found)")
    assert only(text, config=Config(unsafe_codes=("PRL101",)))[0] is ReasonKind.PERSON


def test_of_several_reasons_the_first_in_the_file_is_told() -> None:
    names = ["first", "second", "third", "fourth", "fifth", "sixth"]
    changes = "".join(f"            {one} = row\n            {one} += 1\n" for one in names)
    text = (
        "import httpx\n\n\nasync def pages(session: httpx.AsyncClient, urls, rows):\n    out = []\n    for url in urls:\n"
        f"        for row in rows:\n{changes}        page = await session.get(url)\n        out.append(page)\n    return out\n"
    )
    assert only(text, unsafe=True) == (ReasonKind.STATE, 9)
