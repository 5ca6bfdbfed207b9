"""An iterable that looks at files or asks servers for each item is not gone over ahead of a rest that may change what it sees."""

from __future__ import annotations

import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = """
import csv, itertools, os
from pathlib import Path
import requests
BASE, OUT = "http://127.0.0.1:8000/", Path("out")
seen = Path("seen.txt")
names = ["a", "b", "a", "c"]
"""
SAVES = "(OUT / name).write_text(response.text)"
NOTES = "with seen.open('a') as file:\n    file.write(name)"
Way = tuple[str, str, str]
LAZY: dict[str, Way] = {
    "condition": ("", "(n for n in names if not (OUT / n).exists())", SAVES),
    "condition with os": ("", "(n for n in names if not os.path.isfile(OUT / n))", SAVES),
    "value": ("", "(n + str((OUT / n).exists()) for n in names)", SAVES),
    "condition that reads": ("", "(n for n in names if n not in seen.read_text())", NOTES),
    "condition of an inner clause": ("", "(n for m in [names] for n in m if not (OUT / n).exists())", SAVES),
    "condition in a function": ("def is_new(n): return not (OUT / n).exists()", "(n for n in names if is_new(n))", SAVES),
    "condition two functions deep": ("def known():\n    with seen.open() as file:\n        return {line.strip() for line in file}\ndef is_new(n): return n not in known()", "(n for n in names if is_new(n))", NOTES),
    "condition that lists": ("", "(n for n in names if n not in os.listdir(OUT))", SAVES),
    "filter": ("def is_new(n): return n not in seen.read_text().split()", "filter(is_new, names)", NOTES),
    "filter by a lambda": ("", "filter(lambda n: not os.path.exists(OUT / n), names)", SAVES),
    "map": ("def key(n): return n.upper() if (OUT / n).exists() else n", "map(key, names)", SAVES),
    "generator": ("def missing(names):\n    for n in names:\n        if not (OUT / n).exists():\n            yield n", "missing(names)", SAVES),
    "generator in another": ("def missing():\n    for n in names:\n        if not (OUT / n).exists():\n            yield n\ndef outer():\n    yield from missing()", "outer()", SAVES),
    "function that returns it": ("def missing(): return (n for n in names if not (OUT / n).exists())", "missing()", SAVES),
    "under a name": ("todo = (n for n in names if not (OUT / n).exists())", "todo", SAVES),
    "filter under a name": ("def is_new(n): return not (OUT / n).exists()\ntodo = filter(is_new, names)", "todo", SAVES),
    "enumerated": ("", "(n for _, n in enumerate(n for n in names if not (OUT / n).exists()))", SAVES),
    "zipped": ("", "(n for n, _ in zip((n for n in names if not (OUT / n).exists()), names))", SAVES),
    "to one file that was opened before": ("log = seen.open('w')", "(n for n in names if n not in seen.read_text())", "log.write(name); log.flush()"),
    "folder that is listed": ("", "(p.name for p in OUT.iterdir())", SAVES),
    "rest in a function": ("def save(name): (OUT / name).touch()", "(n for n in names if not (OUT / n).exists())", "save(name)"),
    "server": ("", "(n for n in names if requests.head(BASE + n, timeout=5).ok)", "requests.put(BASE + name, timeout=5)"),
}
PLAIN: dict[str, Way] = {
    "list": ("", "names", SAVES),
    "list of what is missing": ("", "[n for n in names if not (OUT / n).exists()]", SAVES),
    "sorted": ("", "sorted(n for n in names if not (OUT / n).exists())", SAVES),
    "listed at once": ("", "os.listdir('in')", SAVES),
    "sorted folder": ("", "sorted(p.name for p in Path('in').iterdir())", SAVES),
    "condition on the text": ("", "(n for n in names if n.startswith('a'))", SAVES),
    "mapped texts": ("", "map(str.strip, names)", SAVES),
    "filtered texts": ("def is_short(n): return len(n.strip()) < 9", "filter(is_short, names)", SAVES),
    "condition where nothing is written": ("", "(n for n in names if not (OUT / n).exists())", "print(name, response.text)"),
    "rows of a file": ("", "(row[0] for row in csv.reader(open('names.csv')))", SAVES),
}


def _is_safe(head: str, iterable: str, rest: str) -> bool:
    loop = f"for name in {iterable}:\n    response = requests.get(BASE + name, timeout=5)\n{textwrap.indent(rest, ' ' * 4)}\n    print(name)\n"
    text = f"{HEAD}{head}\n{loop}"
    compile(text, "<text>", "exec")
    return "run_parallel(" in fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("way", LAZY.values(), ids=LAZY)
def test_what_an_iterable_looks_at_is_not_changed_under_it(way: Way) -> None:
    assert not _is_safe(*way)


@pytest.mark.parametrize("way", PLAIN.values(), ids=PLAIN)
def test_an_iterable_that_looks_at_nothing_that_changes_keeps_the_safe_fix(way: Way) -> None:
    assert _is_safe(*way)


NESTED = {
    "listed": "os.listdir(folder)",
    "sorted": "sorted(os.listdir(folder))",
    "paths": "sorted(Path(folder).iterdir())",
    "what is missing": "[n for n in os.listdir(folder) if not (OUT / n).exists()]",
}


@pytest.mark.parametrize("inner", NESTED.values(), ids=NESTED)
def test_the_files_of_all_folders_are_not_listed_ahead_of_writes(inner: str) -> None:
    """Those of one folder may be: they are listed before the first of them."""
    outer = "\nfor folder in os.listdir('in'):\n"
    loop = f"{outer}    for path in {inner}:\n        response = requests.get(BASE + str(path), timeout=5)\n"
    text = f"{HEAD}{loop}        Path('out', folder).write_text(response.text)\n"
    assert outer in fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()


def test_the_files_of_all_folders_are_listed_ahead_where_nothing_is_written() -> None:
    text = f"{HEAD}for folder in os.listdir('in'):\n    for name in os.listdir(folder):\n        response = requests.get(BASE + name, timeout=5)\n        print(response.text)\n"
    fixed = fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()
    assert "run_parallel(" in fixed
    assert "\nfor folder in os.listdir('in'):\n" not in fixed
