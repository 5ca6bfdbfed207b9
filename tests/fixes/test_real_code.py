"""Loops met in real packages whose fix was called safe, and would have been seen; with neighbours that stay safe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from test_fix_safety import kept, same

KEPT = {
    "a check before the request": kept("""
        def fetch_all(urls, allowed):
            found = []
            for url in urls:
                if url not in allowed:
                    raise ValueError(url)
                found.append(requests.get(url, timeout=5).text)
            return found
    """),
    "a function that checks before the request": kept("""
        def check(url):
            if not url.startswith("https:"):
                raise ValueError(url)
        def fetch_all(urls):
            found = []
            for url in urls:
                check(url)
                found.append(requests.get(url, timeout=5).text)
            return found
    """),
    "an assertion before the request": kept("""
        def fetch_all(urls, allowed):
            found = []
            for url in urls:
                assert url in allowed
                found.append(requests.get(url, timeout=5).text)
            return found
    """),
    "code that is read, and run": kept("""
        def run_files(client, names):
            for name in names:
                with open(name) as file:
                    code = file.read()
                reply = client.execute_interactive(code, timeout=5)
                print(reply)
    """),
    "jobs that are read, and run": kept("""
        def run_files(runner, names):
            for name in names:
                job = Path(name).read_text()
                runner.run(job)
    """),
    "a helper that imports someone's module": kept("""
        def load(name):
            from heavy.models import parse
            return parse, Path(name).read_text()
        def load_all(names):
            return [load(name) for name in names]
    """),
    "a log line of the loop itself": kept("""
        import logging
        log = logging.getLogger(__name__)
        def check(names):
            for name in names:
                with open(name, "rb") as file:
                    log.info("checking %s", name)
                    assert file.read().startswith(b"x")
    """),
}  # fmt: skip
SAFE = {
    "a check after the read": same("""
        for name in NAMES:
            text = open(name).read()
            if not text:
                raise ValueError(name)
            print(text)
    """),
    "a helper that imports a module of Python's own": same("""
        def load(name):
            import json
            return json.dumps(Path(name).read_text())
        print([load(name) for name in NAMES])
    """),
    "a helper that imports what is there": same("""
        import importlib
        def load(name):
            import importlib
            return importlib.__name__ + Path(name).read_text()
        print([load(name) for name in NAMES])
    """),
    "a log line of a helper": same("""
        import logging
        log = logging.getLogger(__name__)
        def load(name):
            log.info("reading %s", name)
            return Path(name).read_text()
        print([load(name) for name in NAMES])
    """),
    "a log line that stays": same("""
        import logging
        log = logging.getLogger(__name__)
        for name in NAMES:
            log.warning("reading %s", name)
            print(Path(name).read_text())
    """),
    "what is read, and run by a class of the file": same("""
        class Runner:
            def __init__(self):
                self.seen = []
            def run(self, text):
                self.seen.append(text)
        runner = Runner()
        for name in NAMES:
            runner.run(Path(name).read_text())
        print(runner.seen)
    """),
    "a guard over what may be lazy: the worker tells what came of it": same("""
        def show(names):
            for name in names:
                if os.path.exists(name):
                    print(Path(name).read_text())
        def lazily():
            for name in NAMES:
                print("next", name)
                yield name
        {"show": show}["show"](lazily())
        {"show": show}["show"](["missing", *NAMES])
    """, "(is_wanted, text)", "as_loop=True"),
    "two guards over what may be lazy": same("""
        def show(names):
            for name in names:
                if not os.path.exists(name):
                    continue
                if os.path.isdir(name):
                    continue
                with open(name) as file:
                    text = file.read()
                print(text)
        def lazily():
            for name in ("data", "missing", *NAMES):
                print("next", name)
                yield name
        {"show": show}["show"](lazily())
        {"show": show}["show"](["data", "missing", *NAMES])
    """, "if is_skipped:", "as_loop=True"),
    "a guard without reading, over what may be lazy": same("""
        def show(names):
            for name in names:
                if name.endswith("2.txt"):
                    continue
                try:
                    print(Path(name).read_text())
                except OSError:
                    print("none", name)
        def lazily():
            for name in ("missing", *NAMES):
                print("next", name)
                yield name
        {"show": show}["show"](lazily())
        {"show": show}["show"](["missing", *NAMES])
    """, "return None", "as_loop=True"),
    "a name that a guarded pass binds": same("""
        def last(names):
            text = None
            for name in names:
                if os.path.exists(name):
                    text = Path(name).read_text()
                    print(text)
            return text
        print({"last": last}["last"]([*NAMES, "missing"]))
    """, "is_wanted"),
    "a guard over a list that is shown": same("""
        for name in ["missing", *NAMES]:
            if os.path.exists(name):
                print(Path(name).read_text())
    """, "if os.path.exists(name))", hides="is_wanted"),
    "folders that may be lazy: the outer loop stays": same("""
        def show(folders):
            for folder in folders:
                for name in sorted(os.listdir(folder)):
                    with open(os.path.join(folder, name)) as file:
                        print(file.read())
        def lazily():
            for name in ("data", "data", "data"):
                print("next", name)
                yield name
        {"show": show}["show"](lazily())
        {"show": show}["show"](["data", "data"])
    """, "for folder in folders:\n"),
    "an expression about what is read with the file": same("""
        import json
        Path("data/1.json").write_text('{"tool": 1}')
        for name in ["data/1.json"] * 3:
            with open(name) as file:
                tool = json.load(file).get("tool")
            print(tool)
    """),
}  # fmt: skip
ROWS = {**KEPT, **SAFE}


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_row(row: Callable[[Path], None], tmp_path: Path) -> None:
    row(tmp_path)
