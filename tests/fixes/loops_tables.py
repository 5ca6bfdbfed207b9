"""What generated programs are made of: the files they find, the helpers they call, the generators they go over."""

from __future__ import annotations

FILES = {
    "data/0.txt": "", "data/1.txt": "line 1\n", "data/2.txt": "line 2\nline 2\n", "data/3.txt": "line 3\n" * 3, "data/4.txt": "data/1.txt",
    "data/a.json": '{"name": "a"}', "data/b.json": '[1, 2]', "data/c.json": "3", "data/broken.json": '{"name": ',
}  # fmt: skip
"""The files that programs find, by name."""

TEXTS = ["data/0.txt", "data/1.txt", "data/2.txt", "data/3.txt", "data/4.txt"]
JSONS = ["data/a.json", "data/b.json", "data/c.json"]
ODD = ["data/missing.txt", "data/broken.json", "data", "data/1.txt", "data/a.json"]

HEAD = """
import glob
import json
import os
from contextlib import suppress
from pathlib import Path

COUNT = 0
LIMIT = 4
SEEN = []
CACHE = {}
"""

BOX = """class Box:
    def __init__(self):
        self.count = 0
        self.limit = 4
        self.names = []

    def __repr__(self):
        return f"Box({self.count}, {self.limit}, {self.names})"

    def load(self, name):
        return Path(name).read_text()

    def load_part(self, name):
        with open(name) as file:
            return file.read(self.limit)

    def load_counted(self, name):
        self.count += 1
        return open(name).read() + str(self.count)

    def grow(self):
        self.limit += 1

    @property
    def size(self):
        self.count += 1
        return self.count


BOX = Box()
"""

HELPERS = {
    "load": "return Path(name).read_text()",
    "load_open": "with open(name) as file:\n    return file.read()",
    "load_json": "with open(name) as file:\n    return json.load(file)",
    "load_lines": "found = []\nfor line in open(name):\n    found.append(line.strip())\nreturn found",
    "load_safe": "try:\n    return open(name).read()\nexcept OSError:\n    return None",
    "load_strict": "text = open(name).read()\nif not text:\n    raise ValueError(name)\nreturn text",
    "load_deep": "return load(name).upper()",
    "load_part": "return open(name).read(LIMIT)",
    "load_box_part": "return open(name).read(BOX.limit)",
    "load_other": "return Path(name).read_text() + str(len(SEEN))",
    "load_counted": "global COUNT\nCOUNT += 1\nreturn Path(name).read_text() + str(COUNT)",
    "load_noted": "SEEN.append(name)\nreturn Path(name).read_text()",
    "load_boxed": "BOX.count += 1\nreturn Path(name).read_text()",
    "load_sized": "return Path(name).read_text() + str(BOX.size)",
    "load_cached": "if name not in CACHE:\n    CACHE[name] = open(name).read()\nreturn CACHE[name]",
    "load_printing": "print('loading', name)\nreturn open(name).read()",
    "load_tracing": "Path('trace.txt').write_text(str(name))\nreturn open(name).read()",
    "load_kept": "kept.append(name)\nreturn open(name).read() + str(len(kept))",
    "load_set": "load_set.last = name\nreturn open(name).read()",
    "collect": "into.append(open(name).read())\nreturn into[-1]",
    "mark": "record[name] = True\nreturn open(name).read() + str(len(record))",
    "bump": "global LIMIT\nLIMIT += 1",
    "stamp": "Path(name).write_text('stamped')",
    "note": "SEEN.append(name)",
}
PARAMETERS = {"collect": "name, into=SEEN", "mark": "name, record=CACHE", "load_kept": "name, kept=[]", "bump": "", "stamp": "name", "note": "name"}
NEEDS = {"load_deep": ["load"]}
QUIET = ["load", "load_open", "load_json", "load_lines", "load_safe", "load_strict", "load_deep", "load_part", "load_box_part"]
LOUD = ["load_other", "load_counted", "load_noted", "load_boxed", "load_sized", "load_cached", "load_printing", "load_tracing", "load_kept", "load_set", "collect", "mark"]

GENERATORS = {
    "quiet_names": "for name in names:\n    yield name",
    "printing_names": "for name in names:\n    print('next', name)\n    yield name",
    "noting_names": "for name in names:\n    SEEN.append(name)\n    yield name",
    "failing_names": "for name in names:\n    yield name\nraise RuntimeError('no more')",
    "watching_names": "for name in names:\n    if len(SEEN) > 1:\n        return\n    yield name",
}
