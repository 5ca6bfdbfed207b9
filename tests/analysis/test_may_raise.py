"""What surely raises nothing, and what may: all that the types of values do not prove."""

from __future__ import annotations

import ast

import libcst as cst
import pytest

from par_lint.analysis.effects.may_raise import may_raise, possibly_unbound_names
from par_lint.analysis.facts import Facts
from par_lint.analysis.gate.slices import whole
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.core.catalog import builtin_catalog
from par_lint.core.files.source_text import split_lines

HEAD = '''
import json, os, sys, time
from pathlib import Path

try:
    import faster
except ImportError:
    faster = None
try:
    import missing
except ImportError:
    pass
LIMIT = 3
if len(sys.argv) > 9:
    LATER = 1


class Item:
    rows = []

    def __init__(self):
        self.number = 1

    def act(self):
        pass

    @property
    def size(self):
        return 1 / 0

    def __eq__(self, other):
        raise ValueError


ITEM = Item()


def run(items, names: list, label: str, rows=None, root=None):
    root = Path(root)
    found, seen, table, total, share, path = [], set(), {}, 0, 0.5, ""
    maybe = None
    kept = []
    kept.append(1)
    for item in items:
        BODY
        maybe = 1
'''
SURE = [
    "x = 1", "x = f'{item} {label!r:>9} {total:03d}'", "total += 1", "total = total + len(label)", "share = total / 2", "share *= total", "x = -total", "x = not item", "x = item is None",
    "x = total > 3 and share < 1", "x = (item, label), [item]", "x, y = 1, item", "found.append(item)", "seen.add(label)", "x = label in seen", "x = table.get(label)", "x = label.strip().lower()",
    "x = label.split(',')", "a, b, c = label.partition('=')", "x = label[:3]", "x = label + '.txt'", "path = os.path.join(label, 'a')", "x, y = os.path.splitext(label)", "x = root / label", "x = root.name", "x = '%s, %s' % (item, 1)", "x = len(names)",
    "for x in range(total):\n            total += x", "pass", "x = ITEM.number", "ITEM.act", "x = ITEM.rows", "x = LIMIT", "x = faster", "x = time.perf_counter()", "x = os.sep", "x = str(item)", "x = {label: item}",
    "if item is None:\n            total += 1\n        else:\n            total = 2", "x = item or 1", "x = max(total, 3)", "for x in [1, 2]:\n            total += x",
]  # fmt: skip
UNSURE = [
    "x = 1 / item", "x = total / total", "total += item", "x = item + 1", "x = item.name", "x = item[0]", "x = item[:2]", "x = table[label]", "x, y = item", "x, *y = item", "x = item > 1", "x = len(item)", "x = f'{item:>9}'", "x = f'{total:q}'", "x = '%d' % item", "x = -item",
    "rows.append(item)", "seen.add(item)", "x = item in seen", "x = {item: 1}", "x = table.get(item)", "x = os.path.join(item, 'a')", "x = Path(item)", "x = root / item", "x = label.encode()", "x = ','.join(names)", "x = label.no_such()", "x = maybe + 1", "x = unknown", "x = missing", "x = LATER",
    "x = ITEM.size", "x = ITEM.nothing", "x = ITEM == 1", "x = item == 1", "x = 1 in [item]", "x = sys.ps9", "x = json.loads(label)", "for x in item:\n            pass", "raise ValueError", "assert item", "del total", "with item:\n            pass", "x = [1 / one for one in names]",
    "total += 1; total = None", "x = int(label)", "x = sorted(names)", "x = reversed(seen)", "x = (lambda: 1 / 0)()", "for x in kept:\n            total += x", "label.append(1)", "x = total ** -1",
]  # fmt: skip


def judged(body: str) -> bool:
    text = HEAD.replace("BODY", body)
    tree = ast.parse(text)
    lines = split_lines(text)
    index = FileIndex(tree)
    facts = Facts(index, Resolver(index, builtin_catalog()), whole(lines), lines, cst.parse_module(text))
    loop = next(node for node in facts.all_of(cst.For) if isinstance(node.target, cst.Name) and node.target.value == "item")
    unsure = possibly_unbound_names(loop, frozenset(bound_names(loop.target)), facts)
    return any(may_raise(statement, unsure, facts) for statement in loop.body.body[:-1])


@pytest.mark.parametrize("body", SURE)
def test_what_surely_raises_nothing(body: str) -> None:
    assert not judged(body)


@pytest.mark.parametrize("body", UNSURE)
def test_what_may_raise(body: str) -> None:
    assert judged(body)
