"""Whatever the rest of a loop changes under another name while later passes look at it ahead: the fix is not safe."""

from __future__ import annotations

import textwrap

import aliased_ways as ways
import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = "import collections, contextlib, copy, csv, dataclasses, functools, heapq, io, itertools, json, operator, string, struct, types, array\n\n\n"
NUMBERED = "out = []\nfor n in range(1, 7):\n    {guard}\n    {read}\n    out.append(text)\n{rest}"
RECORDS = 'recs = [{"id": n, "file": f"in/{n}.txt"} for n in range(1, 7)]\n'
OVER_RECORDS = "out = []\nfor rec in recs:\n    {read}\n    out.append(text)\n{rest}"
READ = 'text = open(f"in/{n}.txt").read()'
OF_NUMBERS = [*ways.TARGETS, *ways.RECEIVERS, *ways.VIEWS, *ways.CALLS, *ways.PARTS, *ways.SETATTR, *ways.READERS, *ways.FILLED, *ways.METHODS]


def program(definition: str, body: str) -> str:
    text = f"{HEAD}{definition}\n\n\ndef main():\n{textwrap.indent(body, '    ')}\n    return out\n"
    compile(text, "program.py", "exec", dont_inherit=True)
    return text


def numbered(way: ways.Way) -> str:
    definition, setup, guard, rest = way
    read, _, rest = rest.partition("\n") if rest.startswith("load(") else (READ, "", rest)
    read = f"text = {read}" if read is not READ else read
    loop = NUMBERED.replace("{guard}", guard or "pass").replace("{read}", read).replace("{rest}", textwrap.indent(rest, "    "))
    return program(definition, f"{setup}\n{loop}")


def of_records(way: ways.Way) -> str:
    definition, setup, _, rest = way
    loop = OVER_RECORDS.replace("{read}", 'text = open(rec["file"]).read()').replace("{rest}", textwrap.indent(rest, "    "))
    return program(definition, f"{RECORDS}{setup}\n{loop}")


def is_changed(text: str) -> bool:
    return fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode() != text


@pytest.mark.parametrize("way", OF_NUMBERS, ids=[f"{way[3]} {number}" for number, way in enumerate(OF_NUMBERS)])
def test_what_is_looked_at_may_change_under_another_name(way: ways.Way) -> None:
    assert not is_changed(numbered(way))


@pytest.mark.parametrize("way", ways.ITEMS, ids=[f"{way[3]} {number}" for number, way in enumerate(ways.ITEMS)])
def test_a_later_item_may_change_under_another_name(way: ways.Way) -> None:
    assert not is_changed(of_records(way))


COMPREHENSIONS = {
    "a bound method": ("s = []\nput = s.append", "put(n)", "not s"),
    "a bound method as a key": ("s = []", "sorted([n], key=s.append)", "len(s) < 3"),
    "a receiver by a condition": ("s = []", "(s if n else []).append(n)", "len(s) < 3"),
    "a view": ("s = {}\nv = s.keys()", "s.setdefault(n, 1)", "len(v) < 3"),
    "a dictionary that fills itself": ("s = collections.defaultdict(int)", "s[n]", "len(s) < 3"),
    "a buffer": ("s = bytearray(4)", "struct.pack_into('i', s, 0, n)", "s[0] < 3"),
    "a target": ("s = {'n': 0}", "[0 for s['n'] in [n]]", "s['n'] < 3"),
    "a reader": ("s = []\nsize = functools.partial(len, s)", "s.append(n)", "size() < 3"),
    "a part": ("s = []\nt = {'a': s}", "s.append(n)", "len(t['a']) < 3"),
    "setattr as an argument": ("s = types.SimpleNamespace(n=0)", "list(map(setattr, [s], ['n'], [n]))", "s.n < 3"),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPREHENSIONS)
def test_a_comprehension_may_change_what_it_looks_at(name: str) -> None:
    setup, done, test = COMPREHENSIONS[name]
    assert not is_changed(program("", f"{setup}\nout = [(open(f'in/{{n}}.txt').read(), {done}) for n in range(1, 7) if {test}]"))


PLAIN = {
    "another list of the same tuple": ("", "s, t = [], []\nboth = (s, t)", "if s: continue", "t.append(n)"),
    "a copy": ("", "s = {'a': 1}; t = dict(s)", "if s['a'] > 1: continue", "t['a'] = n"),
    "a list of texts": ("", "s = ['in']", "if n in s: continue", "t = sorted(s)\nt.append(text)"),
    "an object of its own": ("class Row:\n    def __init__(self, n): self.n = n", "s = Row(0)", "if s.n > 2: continue", "row = Row(n)\nrow.n = 5\nout.append(row)"),
    "another attribute": ("class Conf:\n    def __init__(self): self.n = 0; self.count = 0", "s = Conf()", "if s.n > 2: continue", "s.count += 1"),
    "a look at what fills itself": ("", "s = collections.defaultdict(list)", "if n == 3: continue", "s[n].append(text)"),
    "a bound method of another": ("", "s, t = [], []; put = t.append", "if len(s) > 2: continue", "put(n)"),
    "a result of the pass": ("", "s = {'a': 1}", "if s['a'] > 1: continue", "row = json.loads(text)\nrow['n'] = n\nout.append(row)"),
    "returned together": ("", "s, t = set(), []", "if n in s: continue", "t.append(text)\nout.append((s, t))"),
    "a log and a table": ("import logging", "s = {'a': 1}; rows = csv.writer(io.StringIO())", "if s['a'] > 1: continue", "logging.info('%s', s['a'])\nrows.writerow([n, text])"),
    "a key": ("", "s = {}; groups = {}", "if n in s: continue", "groups.setdefault(n, []).append(text)"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_what_is_another_object_stays_safe(name: str) -> None:
    assert is_changed(numbered(PLAIN[name]))
