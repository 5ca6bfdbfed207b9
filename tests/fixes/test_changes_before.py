"""What changes the item before it is read is done before the read: such a fix is not safe, in whatever way the item is changed."""

from __future__ import annotations

import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = "import bisect, heapq, requests\nfrom pathlib import Path\nitems = [{'path': str(n), 'url': str(n), 'parts': []} for n in range(9)]\ntables = {n: {'path': str(n), 'url': str(n)} for n in range(9)}\nout, log, seen = [], [], {}\n"
READS = {
    "read": "out.append(Path(it['path']).read_text())",
    "with": "with open(it['path']) as file:\n    out.append(file.read())",
    "condition": "if 'skip' not in it:\n    out.append(Path(it['path']).read_text())",
    "request": "out.append(requests.get(it['url'], timeout=9).text)",
}
CHANGES = [
    "it.setdefault('path', 't')", "it.update(path='t')", "it |= {'path': 't'}", "it.pop('skip', None)", "it['path'] = 't'", "del it['skip']", "it.clear()",
    "if 'path' not in it:\n    it.update(path='t')", "[it.update(path=x) for x in log]", "other = it\nother.update(path='t')", "it['n'] += '1'",
]  # fmt: skip
PLAIN = ["log.append(1)", "seen[it['path']] = 1", "name = it['path']", "print(it['path'])", "seen.setdefault(it['path'], []).append(1)", "n = len(it)\nlog.append(n)"]


def _is_safe(before: str, read: str, loop: str = "for it in items:") -> bool:
    program = f"{HEAD}{loop}\n" + textwrap.indent(f"{before}\n{read}", "    ") + "\nprint(out)\n"
    compile(program, "program", "exec")
    return bool(fix(program.encode(), Config(), runtime="par_lint.parallel").fixed)


@pytest.mark.parametrize("read", READS.values(), ids=list(READS))
@pytest.mark.parametrize("change", CHANGES)
def test_the_item_is_changed(change: str, read: str) -> None:
    assert not _is_safe(change, read)
    assert not _is_safe(change, read, "for key, it in tables.items():")


@pytest.mark.parametrize("change", ["it.append('t')", "it.sort()", "it[:] = ['t']", "it += ['t']", "bisect.insort(it, 't')", "heapq.heapify(it)"])
def test_a_list_is_changed(change: str) -> None:
    program = f"import bisect, heapq\nfrom pathlib import Path\nout = []\nfor it in [[str(n)] for n in range(9)]:\n    {change}\n    out.append(Path(it[0]).read_text())\nprint(out)\n"
    assert not fix(program.encode(), Config(), runtime="par_lint.parallel").fixed


@pytest.mark.parametrize("read", [READS["read"], READS["request"]])
@pytest.mark.parametrize("before", PLAIN)
def test_other_objects_are_changed(before: str, read: str) -> None:
    assert _is_safe(before, read)


@pytest.mark.parametrize(("read", "is_safe"), [("item.path", True), ("item.meta['path']", False), ("meta['path']", False)])
def test_another_part_of_the_item_is_changed(read: str, is_safe: bool) -> None:
    program = (
        "from pathlib import Path\nfrom typing import NamedTuple\nclass Item(NamedTuple):\n    path: str\n    meta: dict[str, str]\nitems = [Item(str(n), {'path': '1'}) for n in range(9)]\n"
        f"for item in items:\n    meta = item.meta\n    meta['late'] = '1'\n    meta['text'] = Path({read}).read_text()\nprint(items)\n"
    )
    assert bool(fix(program.encode(), Config(), runtime="par_lint.parallel").fixed) is is_safe
