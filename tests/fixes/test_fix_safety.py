"""Every known way in which rewriting a loop goes wrong, by number: complaints about other fixers, hazards, imports.

C1-C30 are what users complained about in other tools' trackers, H1-H48 the preconditions of taking a loop apart. Each row says
what must come of a snippet: `silent` (no finding), `kept` (reported; no safe fix changes it), `same` (the safe fix changes it, and
both do the same), or names where else it is tested. What no test can show says why.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from divergence import try_program

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import lint

TESTS = Path(__file__).parents[1]
RUNTIME = "par_lint.parallel"
HEAD = "import os\nimport threading\nimport requests\nfrom pathlib import Path\nNAMES = ['data/1.txt', 'data/2.txt', 'data/3.txt', 'data/4.txt']\n"


def silent(code: str) -> Callable[[Path], None]:
    """No finding."""

    def check(folder: Path) -> None:
        text = _whole(code)
        assert [finding for finding in lint(ast.parse(text), split_lines(text), Config()) if finding.code.startswith("PRL1")] == []

    return check


def kept(code: str) -> Callable[[Path], None]:
    """Reported, and no safe fix changes it."""

    def check(folder: Path) -> None:
        text = _whole(code)
        assert any(finding.code.startswith("PRL1") for finding in lint(ast.parse(text), split_lines(text), Config()))
        assert fix(text.encode(), Config(), runtime=RUNTIME).source.decode() == text

    return check


def same(code: str, *shows: str, hides: str = "") -> Callable[[Path], None]:
    """The safe fix changes it, the result does the same, and shows and hides pieces of text."""

    def check(folder: Path) -> None:
        trial = try_program(_whole(code), folder / "work")
        assert trial.fixed is not None
        assert not trial.difference, str(trial)
        assert all(piece in trial.fixed for piece in shows), trial.fixed
        assert not hides or hides not in trial.fixed, trial.fixed

    return check


def elsewhere(*places: str) -> Callable[[Path], None]:
    """Tested by `file::test`, or by a file below tests."""

    def check(folder: Path) -> None:
        for place in places:
            name, _, test = place.partition("::")
            path = TESTS / name if "/" in name else next(TESTS.rglob(name))
            if name.startswith("fixtures/") and not path.exists():
                pytest.skip(f"{name.removeprefix('fixtures/')} is not a rule yet")
            assert path.exists(), name
            assert not test or f"def {test}(" in path.read_text(), place

    return check


def not_testable(why: str) -> Callable[[Path], None]:
    """No test can show it."""

    def check(folder: Path) -> None:
        pytest.skip(why)

    return check


def _whole(code: str) -> str:
    return HEAD + textwrap.dedent(code).lstrip("\n")


COMPLAINTS = {
    "C1 a search": silent("""
        def first(names):
            for name in names:
                if "x" in open(name).read():
                    return name
    """),
    "C2 conditional I/O keeps its condition": same("""
        for name in NAMES:
            if name.endswith("2.txt"):
                continue
            print(open(name).read())
    """),
    "C3 a polling while": silent("""
        while not os.path.exists("done"):
            print(open("data/1.txt").read())
            break
    """),
    "C4 rate limits": silent("""
        import time
        for name in NAMES:
            print(requests.get(name, timeout=5))
            time.sleep(1)
    """),
    "C5 positions do not move": elsewhere("test_fixtures.py::test_reports_the_marked_lines_and_no_others"),
    "C6 a retry loop": silent("""
        for attempt in range(3):
            print(requests.get("http://example.org", timeout=5))
    """),
    "C7 a fix is bounded": same("for name in NAMES:\n    print(open(name).read())\n", "max_workers=20"),
    "C8 default timeouts by library": elsewhere("fixtures/PRL202"),
    "C9 sessions": elsewhere("fixtures/PRL202"),
    "C10 new codes start in preview": not_testable("a rule of releasing"),
    "C11 which value": elsewhere("test_config.py"),
    "C12 a timeout is never safe": elsewhere("fixtures/PRL201", "test_keyword.py"),
    "C13 try in a loop is not reported as such": silent("""
        for name in NAMES:
            try:
                print(int(name))
            except ValueError:
                pass
    """),
    "C14 a name bound after the accumulator": same("""
        texts = []
        folder = "data"
        for name in NAMES:
            texts.append(open(os.path.join(folder, name[5:])).read())
        print(texts)
    """),
    "C15 the loop variable used later": same("""
        for name in NAMES:
            text = open(name).read()
            print(text)
        print(name, text)
    """),
    "C16 a global target": elsewhere("equivalence/caught_outside_and_named.py"),
    "C17 an item depends on earlier ones": silent("""
        last = "data/4.txt"
        for number in range(4):
            last = open(last).read() or last
            print(last)
    """),
    "C18 an element of a container, whose look-up may fail before the read does": kept("""
        from collections import defaultdict
        found = defaultdict(list)
        for name in NAMES:
            found[name[-5]].append(open(name).read())
        print(dict(found))
    """),
    "C19 two statements on one line": same("""
        for name in NAMES:
            first = 1; text = open(name).read()
            print(text)
    """),
    "C20 comments stay": same("""
        for name in NAMES:  # each
            # before
            text = open(name).read()  # the text
            # after
            print(text)
    """, "# each", "# before", "# the text", "# after"),
    "C21 two fixes that overlap": elsewhere("test_fixtures.py::test_a_second_fix_changes_nothing"),
    "C22 names are resolved by scope": silent("""
        def show(open):
            for name in NAMES:
                print(open(name).read())
    """),
    "C23 no closure over a loop variable": same("""
        for folder in ("data", "./data"):
            for name in NAMES:
                print(open(folder + name[4:]).read())
    """, "folder=folder"),
    "C24 I/O handed to a pool is not in the loop": silent("""
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor() as pool:
            for name in NAMES:
                pool.submit(lambda name=name: open(name).read())
    """),
    "C25 errors of map are looked at": elsewhere("fixtures/PRL501"),
    "C26 consumers of map": elsewhere("fixtures/PRL501"),
    "C27 commas and comments before the bracket": elsewhere("test_keyword.py"),
    "C28 noqa in the loop": elsewhere("test_cli.py"),
    "C29 the second use of a loop variable": same("""
        for name in NAMES:
            text = open(name).read()
            print([name for _ in text], [text + name for _ in name])
    """),
    "C30 the message names the new exception": elsewhere("fixtures/PRL201"),
}
HAZARDS = {
    "H1 a loop-carried dependence": silent("""
        where = 0
        for name in NAMES:
            text = open(name).read(where)
            where = len(text)
    """),
    "H2 the last value is used afterwards": same("for name in NAMES:\n    text = open(name).read()\n    size = len(text)\nprint(size, text, name)\n"),
    "H3 a reduction": same("total = 0\nfor name in NAMES:\n    total += len(open(name).read())\nprint(total)\n"),
    "H4 a shared object changed by the worker": elsewhere("equivalence/helper_fills_what_it_is_given.py"),
    "H5 another name of one object": elsewhere("equivalence/grows_under_another_name.py"),
    "H6 results in order": elsewhere("test_parallel.py", "equivalence/print_between.py"),
    "H7 effects in order": same("for name in NAMES:\n    print('start', name)\n    text = open(name).read()\n    print('end', text)\n"),
    "H8 the first error, after the effects before it": same("""
        done = []
        try:
            for name in ["data/1.txt", "data/missing.txt", "data/2.txt", "data/none.txt"]:
                done.append(name)
                print(open(name).read())
        except OSError as error:
            print(error, done)
    """),
    "H9 a handler in the body": same("""
        for name in ["data/1.txt", "data/missing.txt", "data/2.txt", "data/3.txt"]:
            try:
                text = open(name).read()
            except OSError as error:
                print(error)
                continue
            print(text)
    """),
    "H10 an early exit": silent("for name in NAMES:\n    text = open(name).read()\n    if text:\n        break\n"),
    "H11 the loop's else": same("for name in NAMES:\n    text = open(name).read()\n    print(text)\nelse:\n    print('all', name)\n"),
    "H12 reading ahead of a failing item": elsewhere("equivalence/uncaught_refusal.py", "equivalence/posts_records.py"),
    "H13 a lazy iterable with effects": kept("""
        def names():
            for name in NAMES:
                print("next")
                yield name
        for name in names():
            print(open(name).read())
    """),
    "H14 a lazy output": silent("texts = (open(name).read() for name in NAMES)\nprint(next(texts))\n"),
    "H15 the iterable grows": silent("""
        todo = list(NAMES)
        for name in todo:
            text = open(name).read()
            if text.startswith("data"):
                todo.append(text)
    """),
    "H16 the loop variable rebound": same("for name in NAMES:\n    text = open(name).read()\n    name = name.upper()\n    print(name, text)\n"),
    "H17 names used after the loop": elsewhere("test_liveness.py::test_is_read", "equivalence/exported_by_all.py"),
    "H18 global and nonlocal": kept("""
        size = 0
        def sizes():
            global size
            for name in NAMES:
                size = len(open(name).read())
                limit = size
                global limit_seen
                limit_seen = limit
        sizes()
    """),
    "H19 closures over the loop variable": elsewhere("equivalence/lambda_keeps_the_item.py", "equivalence/closure_over_a_later_name.py"),
    "H20 a walrus": kept("for name in NAMES:\n    if len(text := open(name).read()) + len(open(name).read()) > 3:\n        print(text)\n"),
    "H21 odd targets": silent("class Box: pass\nfor Box.name in NAMES:\n    print(open(Box.name).read())\n"),
    "H22 deleted names": elsewhere("equivalence/deletes_the_name.py"),
    "H23 await": silent("async def f():\n    for name in NAMES:\n        print(open(name).read())\n        await g()\n"),
    "H24 yield": silent("def f():\n    for name in NAMES:\n        yield open(name).read()\n"),
    "H25 frames and super()": silent("for name in NAMES:\n    print(open(locals()['name']).read())\n"),
    "H26 a class body": kept("class Texts:\n    found = []\n    for name in NAMES:\n        found.append(open(name).read())\n"),
    "H27 names that are taken": same("""
        run_parallel = read_name = error = 1
        for name in NAMES:
            with open(name) as file:
                first = file.readline()
                text = file.read()
            print(first, text)
        print(run_parallel, read_name, error)
    """, "as par_lint_run_parallel"),
    "H28 private names": same("""
        class Reader:
            __suffix = "!"
            def __load(self, name):
                return open(name).read() + self.__suffix
            def texts(self):
                return [self.__load(name) for name in NAMES]
        print(Reader().texts())
    """),
    "H29 thread-locals": kept("""
        state = threading.local()
        def load(name):
            return open(name).read() + str(getattr(state, "x", 1))
        for name in NAMES:
            print(load(name))
    """),
    "H30 clients that threads must not share": kept("session = requests.Session()\nfor name in NAMES:\n    print(session.get(name, timeout=5).text)\n"),
    "H31 state of the process": silent("for name in NAMES:\n    os.chdir('data')\n    print(open(name).read())\n"),
    "H32 locks": kept("""
        lock = threading.Lock()
        def load(name):
            with lock:
                return open(name).read()
        for name in NAMES:
            print(load(name))
    """),
    "H33 pacing": silent("for name in NAMES:\n    limiter.acquire()\n    print(open(name).read())\n"),
    "H34 one output path": kept("""
        for name in NAMES:
            text = open(name).read()
            with open("all.txt", "a") as out:
                out.write(text)
    """),
    "H35 duplicates written twice": elsewhere("equivalence/duplicates.py", "equivalence/writes_files.py"),
    "H36 one pass makes what another uses": elsewhere("equivalence/writes_what_it_reads_later.py", "equivalence/empties_a_file.py"),
    "H37 memory": elsewhere("test_parallel.py"),
    "H38 descriptors": elsewhere("fixtures/PRL401"),
    "H39 decorated callees": kept("""
        import functools
        @functools.cache
        def load(name):
            return open(name).read()
        for name in NAMES:
            print(load(name))
    """),
    "H40 already in a worker": silent("""
        from concurrent.futures import ThreadPoolExecutor
        def work(names):
            for name in names:
                print(open(name).read())
        with ThreadPoolExecutor() as pool:
            pool.submit(work, NAMES).result()
    """),
    "H41 commands from threads": elsewhere("equivalence/runs_commands.py"),
    "H42 loops at import time": not_testable("workers of the runtime import nothing; what a read imports lazily needs no lock of this module"),
    "H43 computing": silent("for name in NAMES:\n    print(sum(number * number for number in range(len(name))))\n"),
    "H44 tiny iterables": silent("for name in ('data/1.txt', 'data/2.txt'):\n    print(open(name).read())\n"),
    "H45 pragmas": same("for name in NAMES:\n    text = open(name).read()  # type: ignore\n    print(text)  # pragma: no cover\n", "# type: ignore", "# pragma: no cover"),
    "H46 tracebacks": not_testable("documented: they have one frame more"),
    "H47 tests that mock": not_testable("documented: patches are seen, for the process is the same"),
    "H48 mypy and ruff on the output": elsewhere("test_output.py"),
}
IMPORTS = {
    "I1 name bound at module level": same("run_parallel = None\nfor name in NAMES:\n    print(open(name).read())\nprint(run_parallel)\n", "as par_lint_run_parallel"),
    "I2 an alias that is there": same("""
        from par_lint.parallel import run_parallel as rp
        for name in NAMES:
            print(open(name).read())
    """, " rp(", hides="import run_parallel\n"),
    "I3 a star import": same("from par_lint.parallel import *\nfor name in NAMES:\n    print(open(name).read())\n"),
    "I4 a docstring that shares its line": elsewhere("test_imports.py::test_a_docstring_that_shares_its_line_stays_the_docstring"),
    "I5 only under TYPE_CHECKING": same("""
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from par_lint.parallel import run_parallel
        for name in NAMES:
            print(open(name).read())
    """),
    "I6 another name of the module": same("from par_lint.parallel import batch_map\nfor name in NAMES:\n    print(open(name).read())\n"),
    **{f"I{number} {what}": elsewhere("test_imports.py::test_goes_where_a_sorter_would_put_it") for number, what in enumerate(
        ("from __future__", "a licence", "neighbours in order", "relative imports", "try and except"), 7
    )},
    "I12 a shebang": elsewhere("test_source.py"),
    "I13 CRLF": elsewhere("test_source.py"),
    "I14 no final newline": elsewhere("test_source.py"),
    "I15 late imports": same("print('early')\nimport json\nfor name in NAMES:\n    print(open(name).read())\n"),
    "I16 sys.path changed first": same("import sys\nsys.path.insert(0, '.')\nfor name in NAMES:\n    print(open(name).read())\n"),
}  # fmt: skip
ROWS = {**COMPLAINTS, **HAZARDS, **IMPORTS}


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_row(row: Callable[[Path], None], tmp_path: Path) -> None:
    row(tmp_path)


@pytest.mark.parametrize(("rows", "count"), [(COMPLAINTS, 30), (HAZARDS, 48), (IMPORTS, 16)], ids=["complaints", "hazards", "imports"])
def test_no_row_is_missing(rows: dict[str, Callable[[Path], None]], count: int) -> None:
    assert [int(name.split()[0][1:]) for name in rows] == list(range(1, count + 1))
