"""Programs in which names are derived from each other, in circles too: what follows names to their values must end.

The grammar of `syntax_grammar.py` has all of Python's nodes but few names; here are few nodes and always the same five names.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

_NAMES = ("a", "b", "c", "paths", "found")
_VALUES = (
    "sorted({})", "list({})", "enumerate({})", "zip({}, {})", "map(str, {})", "filter(None, {})", "iter({})", "reversed({})", "[x for x in {}]", "(x for x in {})",
    "{} + {}", "{} or {}", "{}[1:]", "{}.items()", "{}.copy()", "{} if {} else {}", "dict(zip({}, {}))", "set({}) - set({})", "{}.get('x', {})", "helper({})",
    "other({})", "Path({})", "open({})", "{}.open()", "requests.get({}, timeout=3)", "{}.text", "{}[0]", "{}.attribute", "self.kept",
    "subprocess.run({}, timeout=3)", "f'{{{}}}'", "{} / 'x'", "os.path.join({}, {})", "ThreadPoolExecutor({})", "len({})", "partial(helper, {})", "(lambda: {})",
    "Store({})", "{}.load({})", "(y := {})", "{{**{}}}", "[*{}, {}]", "session.get({})",
)  # fmt: skip
_READS = ("requests.get({}, timeout=3).text", "open({}).read()", "Path({}).read_text()", "helper({})")
_DEEPEST = 3
_HEAD = (
    "import os, subprocess, requests\nfrom functools import partial\nfrom pathlib import Path\nfrom concurrent.futures import ThreadPoolExecutor\n"
    "session = requests.Session()\n"
)  # fmt: skip


def write_names(seed: int) -> str:
    """Return the program of a seed. Python may refuse it."""
    return _Writer(random.Random(seed)).program()


class _Writer:
    def __init__(self, choices: random.Random) -> None:
        self._choices = choices

    def program(self) -> str:
        lines = [*self._function("helper", self._choices.choice(["x", "a", "*a", "x, found=None"]), 0), *self._function("other", "x", 0), "class Store:"]
        lines += [*self._function("__init__", "self, x", 4), *self._function("load", "self, x", 4)]
        return _HEAD + "\n".join([*lines, *(line for line in self._block(3, 0, 0) if not line.startswith("return"))]) + "\n"

    def _function(self, name: str, parameters: str, indent: int) -> Iterator[str]:
        yield f"{' ' * indent}def {name}({parameters}):"
        if self._choices.random() < 0.1:
            yield f"{' ' * indent}    global {self._name()}"
        yield from self._block(self._choices.randint(2, 5), indent + 4, 0)

    def _block(self, size: int, indent: int, depth: int) -> Iterator[str]:
        for _ in range(size):
            yield from self._statement(indent, depth)

    def _statement(self, indent: int, depth: int) -> Iterator[str]:
        start, name = " " * indent, self._name()
        kinds = ("assign",) * 9 + ("pair", "append", "attribute", "item", "return") + ("for", "for", "for", "while", "with", "if") * (depth < _DEEPEST)
        match self._choices.choice(kinds):
            case "assign":
                yield f"{start}{name} = {self._value()}"
            case "pair":
                yield f"{start}{name}, {self._name()} = {self._value()}, {self._value()}"
            case "append":
                yield f"{start}{name}.append({self._value()})"
            case "attribute":
                yield f"{start}self.kept = {self._value()}"
            case "item":
                yield f"{start}{name}[{self._value()}] = {self._value()}"
            case "return":
                yield f"{start}return {self._value()}"
            case "for":
                item = self._choices.choice(["item", "one", *_NAMES])
                yield f"{start}for {item} in {self._value()}:"
                yield from self._block(self._choices.randint(1, 3), indent + 4, depth + 1)
                yield f"{start}    {name}.append({self._choices.choice(_READS).format(item)})"
            case block:
                yield f"{start}{block} {self._value()}" + (f" as {name}:" if block == "with" else ":")
                yield from self._block(1, indent + 4, depth + 1)

    def _name(self) -> str:
        return self._choices.choice(_NAMES)

    def _value(self, depth: int = 0) -> str:
        if depth == _DEEPEST or self._choices.random() < 0.35:
            return self._name()
        return self._choices.choice(_VALUES).format(*(self._value(depth + 1) for _ in range(3)))
