"""No fix, of whatever level, lets workers spoil what all items share, or mixes up the lines of a report."""

from __future__ import annotations

import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HASH = "import hashlib\n"
SPOILED = {
    "hash that a function updates": HASH + """
        def add(h, path):
            h.update(open(path, "rb").read())
        def total(paths):
            h = hashlib.sha256()
            for path in paths:
                add(h, path)
            return h.hexdigest()
        """,
    "hash of a parameter": """
        def add(h, path):
            with open(path, "rb") as file:
                while chunk := file.read(8192):
                    h.update(chunk)
        def total(paths, h):
            for path in paths:
                add(h, path)
            return h.digest()
        """,
    "hash of an object": HASH + """
        class Tree:
            def __init__(self):
                self.h = hashlib.md5()
            def add(self, path):
                self.h.update(open(path, "rb").read())
            def total(self, paths):
                for path in paths:
                    self.add(path)
                return self.h.hexdigest()
        """,
    "hash in a comprehension": HASH + """
        def add(h, path):
            h.update(open(path, "rb").read())
            return len(path)
        def total(paths):
            h = hashlib.sha256()
            sizes = [add(h, path) for path in paths]
            return sizes, h.hexdigest()
        """,
    "attribute set for each item": """
        def convert(data, path):
            data.source = open(path).read()
            return data.cast()
        def total(data, paths):
            return [convert(data, path) for path in paths]
        """,
    "attribute of self": """
        class Reader:
            def load(self, path):
                self.current = path
                return open(path).read() + self.ending()
            def ending(self):
                return self.current[-3:]
            def total(self, paths):
                texts = {}
                for path in paths:
                    texts[path] = self.load(path)
                return texts
        """,
    "counter": """
        class Stats:
            size = 0
            def add(self, path):
                self.size += len(open(path).read())
        def total(paths):
            stats = Stats()
            for path in paths:
                stats.add(path)
            return stats.size
        """,
    "attribute set as the item asks": """
        class Settings:
            def load(self, path):
                if path.endswith(".toml"):
                    self.format = "toml"
                return open(path).read()
            def total(self, paths):
                return [self.load(path) for path in paths]
        """,
    "list that a function fills": """
        def load(path, texts):
            texts.append(open(path).read())
        def total(paths):
            texts = []
            for path in paths:
                load(path, texts)
            return texts
        """,
    "list of an object": """
        class Report:
            def __init__(self):
                self.parts = []
            def add(self, path):
                self.parts.insert(0, open(path).read())
            def total(self, paths):
                for path in paths:
                    self.add(path)
        """,
    "report of two lines": """
        def report(path):
            print("file", path)
            print("size", len(open(path).read()))
        def total(paths):
            for path in paths:
                report(path)
        """,
    "report in a loop": """
        def report(path):
            for line in open(path).read().split():
                print(line)
        def total(paths):
            for path in paths:
                report(path)
        """,
    "report in two functions": """
        def head(path):
            print("file", path)
        def report(path):
            head(path)
            print("size", len(open(path).read()))
        def total(paths):
            for path in paths:
                report(path)
        """,
    "progress of each item": """
        from tqdm import tqdm
        def load(path):
            for line in tqdm(open(path).readlines()):
                line.strip()
        def total(paths):
            for path in paths:
                load(path)
        """,
}
SPARED = {
    "list that is filled with what a function reads": """
        def load(path):
            return open(path).read()
        class Report:
            def __init__(self):
                self.parts = []
            def add(self, text):
                self.parts.append(text)
        def total(paths):
            report = Report()
            for path in paths:
                report.add(load(path))
        """,
    "elements under their own keys": """
        def load(path, texts):
            texts[path] = open(path).read()
        def total(paths):
            texts = {}
            for path in paths:
                load(path, texts)
            return texts
        """,
    "attribute of the item": """
        def load(part):
            part.text = open(part.path).read()
        def total(parts):
            for part in parts:
                load(part)
        """,
    "attribute set where it is missing": """
        import requests
        class Client:
            session = None
            def load(self, url):
                if self.session is None:
                    self.session = requests.Session()
                return self.session.get(url, timeout=5).text
            def total(self, urls):
                return [self.load(url) for url in urls]
        """,
    "one line in each case": """
        def load(path):
            try:
                text = open(path).read()
            except OSError:
                print("cannot read", path)
            else:
                if text:
                    print("read", path)
                else:
                    print("empty", path)
        def total(paths):
            for path in paths:
                load(path)
        """,
    "set that is updated": """
        def load(path, seen):
            seen.update(open(path).read().split())
        def total(paths):
            seen = set()
            for path in paths:
                load(path, seen)
            return seen
        """,
}


def _fixes(program: str) -> int:
    """How many loops a fix of any level rewrites."""
    lines = program.lstrip("\n").splitlines()
    head = [line for line in lines if line.startswith("import ")]
    source = "\n".join(head) + "\n" + textwrap.dedent("\n".join(lines[len(head):]))
    return len(fix(source.encode(), Config(), unsafe=True, runtime="par_lint.parallel").fixed)


@pytest.mark.parametrize("program", SPOILED.values(), ids=list(SPOILED))
def test_spoiled(program: str) -> None:
    assert not _fixes(program)


@pytest.mark.parametrize("program", SPARED.values(), ids=list(SPARED))
def test_spared(program: str) -> None:
    assert _fixes(program) == 1
