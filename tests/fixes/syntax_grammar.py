"""Random programs out of all of Python's syntax, with calls that do I/O in every place that takes an expression."""

from __future__ import annotations

import ast
import random
import sys
from collections.abc import Callable

CALLS = (
    "requests.get({}, timeout=3).text", "requests.get({})", "open({}).read()", "Path({}).read_text()", "subprocess.run([{}])", "urlopen({}).read()", "session.post({})",
    "helper({})", "pool.submit(helper, {})", "os.path.getsize({})", "await client.get({})", "await asyncio.sleep({})", "list(map(helper, {}))", "future.result()",
)  # fmt: skip
IMPORTS = (
    "import asyncio, os, subprocess, requests\nfrom pathlib import Path\nfrom urllib.request import urlopen\nfrom concurrent.futures import ThreadPoolExecutor\n"
    "session = requests.Session()\n\n\ndef helper(a):\n    return requests.get(a, timeout=3).text\n\n\n"
)
NAMES = ("a", "b", "c", "url", "urls", "path", "paths", "found", "pool", "future")
_DEPTH = 4


class Writer:
    """Writes one program of the choices of one seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._is_async = False
        self._in_function = False
        self._in_loop = False

    def program(self) -> str:
        """A program, which Python may refuse."""
        body = [self._function() if self._one_in(2) else text for text in self._block(0, 3)]
        return IMPORTS + "\n".join(body) + "\n"

    def _one_in(self, number: int) -> bool:
        return not self._random.randrange(number)

    def _pick(self, *choices: Callable[[], str]) -> str:
        return self._random.choice(choices)()

    def _name(self) -> str:
        return self._random.choice(NAMES)

    # Expressions --------------------------------------------------------------------------------------------------

    def _expr(self, depth: int = 0) -> str:
        if depth > _DEPTH or self._one_in(4):
            return self._random.choice((self._name(), "(1)", "'x'", "None", "True", "b'y'", "(1.5)", "...", "(2j)"))
        if self._one_in(3):
            call = self._random.choice(CALLS)
            return f"({call})".format(self._expr(depth + 1)) if self._is_async or "await" not in call else self._name()
        e: Callable[[], str] = lambda: self._expr(depth + 1)  # noqa: E731
        name = self._name
        return self._pick(
            lambda: f"({e()} {self._random.choice(('+', '-', '*', '@', '/', '%', '**', '//', '<<', '|', '&', '^'))} {e()})",
            lambda: f"({e()} {self._random.choice(('and', 'or'))} {e()} {self._random.choice(('and', 'or'))} {e()})",
            lambda: f"({e()} {self._random.choice(('<', 'in', 'not in', 'is', 'is not', '=='))} {e()} < {e()})",
            lambda: f"({self._random.choice(('not ', '-', '~', '+'))}{e()})",
            lambda: f"({e()} if({e()})else {e()})",
            lambda: f"(lambda {name()}_1={e()}, *args, {name()}_2: {e()})",
            lambda: f"(lambda: {e()})",
            lambda: f"({name()} := {e()})" if self._one_in(3) else name(),
            lambda: f"[{e()}, *{e()}]",
            lambda: f"{{{e()}, *{e()}}}",
            lambda: f"({e()}, *{e()},)",
            lambda: f"{{{e()}: {e()}, **{e()}}}",
            lambda: f"[{e()} {self._clauses(depth)}]",
            lambda: f"{{{e()} {self._clauses(depth)}}}",
            lambda: f"{{{e()}: {e()} {self._clauses(depth)}}}",
            lambda: f"list({e()} {self._clauses(depth)})",
            lambda: f"{e()}.{name()}",
            lambda: f"{e()}[{e()}]",
            lambda: f"{e()}[{e()}:{e()}:{e()}]",
            lambda: f"{e()}({e()}, *{e()}, {name()}={e()}, **{e()})",
            lambda: f"{e()}.{name()}({e()})",
            lambda: "f'{" + self._quoteless(depth) + "!r:>{" + name() + "}}text'",
            lambda: f"'a' 'b' {'f' if self._one_in(2) else ''}'c'",
            lambda: f"(yield {e()})" if self._in_function and self._one_in(3) else name(),
            lambda: f"(yield from {e()})" if self._in_function and not self._is_async and self._one_in(3) else name(),
            lambda: f"(await {e()})" if self._is_async else name(),
        )  # fmt: skip

    def _quoteless(self, depth: int) -> str:
        text = self._expr(max(depth + 1, _DEPTH))
        return name if "'" in text and (name := self._name()) else f"({text})"

    def _clauses(self, depth: int) -> str:
        is_async = "async " if self._is_async and self._one_in(3) else ""
        clause = f"{is_async}for {self._target(depth)} in {self._expr(depth + 1)}"
        clause += f" if {self._expr(depth + 1)}" if self._one_in(2) else ""
        return f"{clause} {self._clauses(depth + 1)}" if self._one_in(4) else clause

    def _target(self, depth: int) -> str:
        name = self._name
        return self._pick(
            name, name, name, lambda: f"{name()}, {name()}", lambda: f"({name()}, *{name()})", lambda: f"[{name()}, ({name()}, {name()})]",
            lambda: f"{name()}.{name()}", lambda: f"{name()}[{self._expr(depth + 2)}]", lambda: f"*{name()}, {name()}",
        )  # fmt: skip

    # Patterns -----------------------------------------------------------------------------------------------------

    def _pattern(self, depth: int = 0) -> str:
        if depth > 2 or self._one_in(3):
            return self._random.choice(("True", "False", "None", "1", "-1", "1+2j", "'x'", "b'y'", "os.sep", "_"))
        p: Callable[[], str] = lambda: self._pattern(depth + 1)  # noqa: E731
        unique = f"{self._name()}_{self._random.randrange(1000)}"
        return self._pick(
            lambda: f"({p()} as {unique})", lambda: f"[{p()}, *{unique}, {p()}]", lambda: f"({p()}, {p()})", lambda: f"{{'k': {p()}, **{unique}}}",
            lambda: f"Path({p()}, name={p()})", lambda: f"({self._random.choice(('True', '1'))} | {self._random.choice(('None', '2'))})", lambda: unique,
        )  # fmt: skip

    # Statements ---------------------------------------------------------------------------------------------------

    def _block(self, depth: int, most: int = 3) -> list[str]:
        return [self._statement(depth) for _ in range(self._random.randint(1, most))]

    def _body(self, depth: int) -> str:
        lines = "\n".join(self._block(depth + 1)).splitlines()
        return "\n" + "\n".join(f"    {line}" for line in lines)

    def _looped(self, depth: int) -> str:
        outer, self._in_loop = self._in_loop, True
        text = self._body(depth)
        self._in_loop = outer
        return text

    def _function(self, depth: int = 0) -> str:
        outer = self._is_async, self._in_function, self._in_loop
        default, decorator = self._expr(3), f"@{self._expr(3)}\n" if self._one_in(4) else ""
        kind = "async def" if self._one_in(3) else "def"
        self._is_async, self._in_function, self._in_loop = kind == "async def", True, False
        outward = self._random.choice(("", "", "    global found\n"))
        text = f"{decorator}{kind} f{self._random.randrange(9)}(urls, path: 'x', /, paths={default}, *args: {self._name()}, pool=None, **rest) -> {self._name()}:\n{outward}{self._body(depth)[1:]}"
        self._is_async, self._in_function, self._in_loop = outer
        return text

    def _statement(self, depth: int) -> str:
        e, name = self._expr, self._name
        simple: list[Callable[[], str]] = [
            e, lambda: f"{self._target(1)} = {e()}", lambda: f"{name()} = {name()} = {e()}", lambda: f"{name()} += {e()}", lambda: f"{name()}: int = {e()}",
            lambda: f"{name()}.append({e()})", lambda: f"assert({e()}), {e()}", lambda: f"print({e()})", lambda: f"del {name()}.{name()}, {name()}[{e()}]", lambda: "pass",
            lambda: f"raise({e()})from({e()})", lambda: "import os.path as c", lambda: f"return({e()})" if self._in_function else "pass",
            lambda: "break" if self._in_loop else "pass", lambda: "continue" if self._in_loop else "pass", lambda: f"{e()}; {e()}",
            lambda: f"type A[T] = {name()}" if sys.version_info >= (3, 12) else "pass",
        ]  # fmt: skip
        if depth > 2 or self._one_in(3):
            return self._pick(*simple)
        wait = "async " if self._is_async and self._one_in(2) else ""
        body: Callable[[], str] = lambda: self._body(depth)  # noqa: E731
        star = "*" if sys.version_info >= (3, 11) and self._one_in(3) else ""
        loop: Callable[[], str] = lambda: f"{wait}for {self._target(1)} in {e(2)}:{self._looped(depth)}" + (f"\nelse:{body()}" if self._one_in(4) else "")  # noqa: E731
        return self._pick(
            loop, loop, loop, loop,
            lambda: f"while({e(2)}):{self._looped(depth)}",
            lambda: f"if({e(2)}):{body()}\nelif({e(2)}):{body()}\nelse:{body()}",
            lambda: f"if {e(2)}:{body()}\nelif {e(2)}:{body()}",
            lambda: f"try:{body()}\nexcept{star} {name()} as error:{body()}\nelse:{body()}\nfinally:{body()}" if star == "" else f"try:{self._plain()}\nexcept* ValueError as error:{self._plain()}",
            lambda: f"try:{body()}\nexcept(ValueError, {name()}):{body()}\nexcept:{body()}",
            lambda: f"{wait}with({e(2)} as {name()}, {e(2)}):{body()}",
            lambda: f"{wait}with {e(2)}, open({name()}) as {name()}:{body()}",
            lambda: f"match {e(2)}:" + "".join(f"\n    case {self._pattern()} if {e(3)}:" + self._body(depth).replace("\n", "\n    ") for _ in range(2)),
            lambda: self._function(depth + 1),
            lambda: f"class C({e(3)}, metaclass={e(3)}):" + self._classy(depth),
        )  # fmt: skip

    def _plain(self) -> str:
        return f"\n    {self._name()} = {self._expr()}"

    def _classy(self, depth: int) -> str:
        outer = self._is_async, self._in_function, self._in_loop
        self._is_async = self._in_function = self._in_loop = False
        text = self._body(depth)
        self._is_async, self._in_function, self._in_loop = outer
        return text


def write_syntax(seed: int) -> str | None:
    """The program of a seed; None for one that Python refuses. Every other one is laid out as Python itself would."""
    import warnings

    text = Writer(seed).program()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "<generated>", "exec", dont_inherit=True)
            return text if seed % 2 else ast.unparse(ast.parse(text)) + "\n"
    except SyntaxError:
        return None
