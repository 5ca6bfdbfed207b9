"""Where the rest of a loop changes nothing but collections of its own, a fix is safe however large the file; a collection that anything else holds is not its own."""

from __future__ import annotations

import pytest

from par_lint.analysis.effects import object_graph
from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

_OWN = {
    "list": ("found = []", "found.append(text)"),
    "annotated list": ("found: list[str] = []", "found.extend(text.split())"),
    "dict": ("found = {}", "found[n] = text"),
    "set that is looked at": ("found = set()", "if text not in found:\n            found.add(text)"),
    "number": ("found = 0", "found += len(text)"),
    "list that grows in place": ("found = []", "found += [text]"),
    "counter": ("found = collections.Counter()", "found.update(text.split())"),
    "one that is made again": ("found = []\n    found = list()", "found.append(text)"),
    "part of the item": ("found = 0", "n.text = text"),
}
_SHARED = {
    "second name": ("found = []\n    other = found", "other.append(text)"),
    "parameter": ("", "rows.append(text)"),
    "parameter that is made at times": ("if rows is None: rows = []", "rows.append(text)"),
    "import": ("from elsewhere import found", "found.append(text)"),
    "pattern": ("match rows:\n        case [found]: pass", "found.append(text)"),
    "handler": ("try: keep()\n    except KeyError as found: pass", "found.append(text)"),
    "target of a loop": ("for found in rows: pass", "found.append(text)"),
    "target of a with": ("with keep() as found: pass", "found.append(text)"),
    "class": ("class found: pass", "found.append(text)"),
    "global": ("global KEPT\n    KEPT = []\n    found = KEPT", "KEPT.append(text)"),
    "global list": ("", "ALL.append(text)"),
    "attribute": ("found = []\n    self.kept = found", "found.append(text)"),
    "element": ("found = []\n    rows = [found]", "found.append(text)"),
    "argument": ("found = []\n    keep(found)", "found.append(text)"),
    "closure": ("found = []\n    look = lambda: found", "found.append(text)"),
    "nested function": ("found = []\n    def look():\n        return found", "found.append(text)"),
    "of a chain": ("found = other = []", "found.append(text)"),
    "of a tuple": ("found, other = rows, []", "found.append(text)"),
    "either of two": ("found = ALL or []", "found.append(text)"),
    "walrus": ("keep(found := [])", "found.append(text)"),
    "what a call gives": ("found = keep([])", "found.append(text)"),
    "element of its own": ("found = [ALL]", "found[0].append(text)"),
    "element of its own, in place": ("found = [ALL]", "found[0] += [text]"),
    "view": ("found = {}\n    view = found.items()", "found[n] = text"),
    "iterator": ("found = []\n    it = iter(found)", "found.append(text)"),
    "bound method": ("found = []\n    add = ALL.append", "add(text)"),
    "function that changes what it is given": ("found = []", "heapq.heappush(ALL, text)"),
    "maker that is replaced": ("list = keep\n    found = list()", "found.append(text)"),
    "stored in the loop": ("found = []", "found.append(text)\n        self.kept = found"),
    "attribute of another": ("", "self.kept = text"),
    "what may fill": ("found = collections.defaultdict(list)", "ALL[n]"),
    "unknown call": ("found = []", "keep(found)"),
}


def _fixed(before: str, rest: str) -> str:
    head = "import collections, heapq\nfrom elsewhere import keep\nALL = []\n"
    loop = f'    for n in ids:\n        with open(f"{{n}}.txt") as file:\n            text = file.read()\n        {rest}\n'
    text = f"{head}def load(self, ids: list[str], rows):\n    {before or 'pass'}\n{loop}"
    return fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("way", _OWN)
def test_own_accumulators_are_safe_without_a_graph_of_objects(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_graph, "_MOST_WORK", 0)
    assert "run_parallel(" in _fixed(*_OWN[way])


@pytest.mark.parametrize("way", _SHARED)
def test_what_others_hold_is_not_shown_to_be_apart(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_graph, "_MOST_WORK", 0)
    assert "run_parallel(" not in _fixed(*_SHARED[way])
