"""Loops over files that others opened, and readers that keep files open: met in real packages, where a safe fix would be seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from test_fix_safety import kept, same, silent

KEPT = {
    "json.load of what is given": kept("""
        import json
        def merge(handles):
            found = {}
            for handle in handles:
                found.update(json.load(handle))
            return found
    """),
    "json.load of a part of what is given": kept("""
        import json
        def merge(uploads):
            return [json.load(upload.file) for upload in uploads]
    """),
    "read of files that are open": kept("""
        def texts(names):
            files = [open(name) for name in names]
            found = []
            for file in files:
                found.append(file.read())
            return found
    """),
    "read of files that are said to be open": kept("""
        from typing import TextIO
        def texts(files: list[TextIO]):
            return [file.read() for file in files]
    """),
    "a function that reads what it is given": kept("""
        import json
        def load(stream):
            return json.load(stream)
        def merge(handles):
            found = {}
            for handle in handles:
                found.update(load(handle))
            return found
    """),
    "map of json.load": kept("""
        import json
        def merge(handles):
            return list(map(json.load, handles))
    """),
    "map of a function that reads what it is given": kept("""
        import json
        def load(stream):
            return json.load(stream)
        def merge(handles):
            return list(map(load, handles))
    """),
    "files opened on the way": kept("""
        import json
        def merge(names):
            found = []
            for file in map(open, names):
                found.append(json.load(file))
            return found
    """),
    "what is opened stays open": kept("""
        from safetensors import safe_open
        def keys(names):
            found = set()
            for name in names:
                pointer = safe_open(name, framework="pt")
                found.update(pointer.keys())
            return found
    """),
    "an image is read when it is looked at": kept("""
        from PIL import Image
        def images(names):
            found = []
            for name in names:
                image = Image.open(name)
                found.append(image)
            return found
    """),
    "documents are read one after the other": kept("""
        import yaml
        def documents(names):
            return [yaml.safe_load_all(open(name)) for name in names]
    """),
    "an answer that streams": kept("""
        def fetch(urls):
            found = []
            for url in urls:
                answer = requests.get(url, stream=True, timeout=5)
                found.append(answer)
            return found
    """),
}  # fmt: skip
OTHERS = {
    "csv.reader of lines that are there reads no file": silent("""
        import csv
        def groups(rows):
            found = {}
            for row in rows:
                found[row["name"]] = list(csv.reader([row["groups"]]))[0]
            return found
    """),
    "csv.reader of a text reads no file": silent("""
        import csv
        import io
        def tables(texts):
            return [list(csv.DictReader(io.StringIO(text))) for text in texts]
    """),
    "a file of its own": same("""
        import json
        for name in NAMES:
            with open(name) as file:
                print(json.load(file) if False else file.read())
    """),
    "a function that reads a file of its own": same("""
        import csv
        def load(stream):
            return list(csv.reader(stream))
        def load_all(names):
            found = []
            for name in names:
                with open(name) as file:
                    text = load(file)
                found.append(text)
            return found
        print(load_all(NAMES))
    """),
    "rows of a file of its own": same("""
        import csv
        for name in NAMES:
            with open(name) as file:
                rows = list(csv.reader(file))
            print(rows)
    """),
}  # fmt: skip
ROWS = {**KEPT, **OTHERS}


@pytest.mark.parametrize("row", ROWS.values(), ids=list(ROWS))
def test_row(row: Callable[[Path], None], tmp_path: Path) -> None:
    row(tmp_path)
