"""Random statements and expressions out of all of Python's grammar, over the names that a hostile program has."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence

from loops_grammar import Choices

DEEPEST = 3
_HELPERS = ("quiet", "untold", "told", "load_safe", "str", "len", "load", "repr", "note", "list")
_OBJECTS = ("BOX", "BOX", "PLAIN_BASE", "STATE", "SHARED", "JOBS[0]", "DESC", "MISSING", "DEFAULTS", "LISTLIKE", "DERIVED")


class Syntax:
    """Writes pieces of code of the choices that it is given."""

    def __init__(self, choices: Choices, item: str, path: str, text: str, *, in_function: bool) -> None:
        self._choices = choices
        self._item, self._path, self._text = item, path, text
        self._in_function = in_function

    def pick(self, *options: Callable[[], str] | str) -> str:
        found = options[self._choices.number(len(options))]
        return found if isinstance(found, str) else found()

    def one_of(self, options: Sequence[str]) -> str:
        return options[self._choices.number(len(options))]

    # Expressions --------------------------------------------------------------------------------------------------

    def string(self, depth: int = 0) -> str:
        """An expression for a text, mostly."""
        simple = (self._text, self._item, f"str({self._path})", "label", "'line 2'", "'x'", "STATE['prefix']", f"str({self._text})")
        if depth >= DEEPEST:
            return self.one_of(simple)
        s, n, b, o = (lambda: self.string(depth + 1)), (lambda: self.number(depth + 1)), (lambda: self.truth(depth + 1)), lambda: self.one_of(_OBJECTS)
        return self.pick(
            *simple, lambda: f"'{{}}'.format({s()})", lambda: f"f\"{{{o()}}}\"", lambda: f"str({o()})", lambda: f"({s()} + {s()})",
            lambda: f"str({s()}).upper()", lambda: f"str({s()})[:{n()}]", lambda: f"({s()} if {b()} else {s()})", lambda: f"({s()} or {s()})", lambda: f"(label := {s()})",
            lambda: f"''.join(c for c in str({s()}) if {b()})", lambda: f"(lambda a, b={s()}: a)({s()})", lambda: f"{o()}.name", lambda: f"getattr({o()}, 'name', {s()})", lambda: f"STATE.get({s()}, 'none')",
            lambda: f"MISSING[{s()}]", lambda: f"'%s' % ({s()},)", lambda: f"max(str({s()}), str({s()}))", lambda: f"[*{self.items(depth + 1)}, ''][0]", lambda: f"next(NAMES, {s()})", lambda: f"repr({s()})",
            lambda: f"DERIVED.done({s()})", lambda: f"PLAIN_BASE.done({s()})", lambda: f"{self.one_of(_HELPERS)}({s()})", lambda: f"re.sub('l', {self.pick(repr('L'), 'replaced')}, str({s()}))",
        )  # fmt: skip

    def number(self, depth: int = 0) -> str:
        """An expression for a number."""
        simple = ("total", "2", "LIMIT", "len(out)", f"len(str({self._text}))", "COUNT", "-1")
        if depth >= DEEPEST:
            return self.one_of(simple)
        s, n, b = (lambda: self.string(depth + 1)), (lambda: self.number(depth + 1)), lambda: self.truth(depth + 1)
        return self.pick(
            *simple, lambda: f"({n()} {self.one_of(('+', '-', '*', '|', '&', '^'))} {n()})", lambda: f"({n()} // ({n()} or 1))", lambda: f"-{n()}", lambda: f"abs(~{n()})", lambda: f"({n()} if {b()} else {n()})",
            lambda: f"len({self.items(depth + 1)})", lambda: f"sum(len(str(q)) for q in {self.items(depth + 1)})", lambda: f"int({b()})", lambda: "next(COUNTER)", lambda: f"str({s()}).count('i')", lambda: "len(BOX)",
            lambda: f"DEFAULTS[{s()}]", lambda: "PLAIN_BASE.count", lambda: "random.randrange(9)", lambda: f"min({n()}, {n()}, key=lambda x: -x)", lambda: f"[{n()}, {n()}][{n()} % 2]", lambda: "len(LOG)", lambda: "DESC.field",
        )  # fmt: skip

    def truth(self, depth: int = 0) -> str:
        """An expression for a condition."""
        if depth >= DEEPEST:
            return self.one_of(("total > 9", f"{self._text}", "seen", "LIMIT", "out"))
        s, n, b = (lambda: self.string(depth + 1)), (lambda: self.number(depth + 1)), lambda: self.truth(depth + 1)
        return self.pick(
            lambda: f"{s()} == {s()}", lambda: f"{n()} < {n()}", lambda: f"0 <= {n()} < {n()}", lambda: f"not {s()}", lambda: f"({b()} and {b()})", lambda: f"({b()} or {b()})", lambda: f"str({s()}) in found",
            lambda: f"{s()} not in {self.items(depth + 1)}", lambda: f"isinstance({s()}, str)", lambda: "BOX", lambda: f"{s()} in BOX", lambda: f"BOX == {s()}", lambda: f"any({b()} for q in {self.items(depth + 1)})", lambda: f"os.path.exists({self._path})",
            lambda: f"{s()} is None", lambda: "BOX < BOX", lambda: f"str({s()}).endswith('4.txt')", lambda: f"note({s()})", lambda: f"(n := {n()}) > 2", lambda: f"all(map(quiet, {self.items(depth + 1)}))",
        )  # fmt: skip

    def items(self, depth: int = 0) -> str:
        """An expression for several things."""
        if depth >= DEEPEST:
            return self.one_of(("out", "paths", "others", "list(found)"))
        s, n, i = (lambda: self.string(depth + 1)), (lambda: self.number(depth + 1)), lambda: self.items(depth + 1)
        return self.pick(
            "out", "paths", "sorted(seen)", lambda: f"[{s()}, {n()}]", lambda: f"({i()} + [{s()}])", lambda: f"[{s()} for q in {i()}]", lambda: f"sorted(map(str, {i()}))", lambda: f"{i()}[:{n()}]", lambda: f"str({s()}).split()",
            lambda: f"[*{i()}, *{i()}]", lambda: f"list(dict.fromkeys(map(str, {i()})))", lambda: f"list(map(untold, {i()}))", lambda: f"[q for q in {i()} if {self.truth(depth + 1)}]", "list(found.values())", lambda: f"list({{str({s()})}})",
            lambda: f"[a for a, *b in [({s()}, 1, 2)]]", lambda: f"list(noting_names({i()}))", lambda: f"[q for r in [{i()}] for q in r]", lambda: "list(LISTLIKE)", lambda: f"list(filter(None, {i()}))",
        )  # fmt: skip

    # Statements ---------------------------------------------------------------------------------------------------

    def block(self, depth: int) -> str:
        return textwrap.indent("\n".join(self.statement(depth) for _ in range(1 + self._choices.number(2))), "    ")

    def target(self) -> str:
        """What can be assigned to."""
        return self.one_of((self._text, "label", "total", "last", "found['k']", "BOX.name", "STATE['prefix']", "label, *rest", "PLAIN_BASE.limit", "_", "out", "(a, b)", self._item, "paths[-1]", "SHARED['n']", "MISSING[label]"))

    def statement(self, depth: int = 0) -> str:
        """A statement, with blocks of its own perhaps."""
        s, n, b, i = self.string, self.number, self.truth, self.items
        simple: tuple[Callable[[], str] | str, ...] = (
            lambda: f"out.append({s()})", lambda: f"out.append({s()})", lambda: f"total += {n()}", lambda: f"print({s()}, {n()})", lambda: f"found[str({s()})] = {s()}", lambda: f"label = {s()}", lambda: f"note({s()})",
            lambda: f"{self.target()} = {s()}", lambda: f"a = {self.target()} = {s()}", lambda: f"total {self.one_of(('-=', '*=', '|=', '%=', '//='))} {n()} or 1", lambda: f"out += {i()}", lambda: f"label += str({s()})", lambda: f"BOX += {n()}",
            lambda: f"assert {b()}, {s()}", lambda: f"{s()}", lambda: f"del {self.one_of((self._text, 'label', 'out[:1]', 'BOX.name', 'found[label]', 'paths[-1:]'))}", lambda: f"label: str = {s()}", lambda: f"later.append(lambda: {s()})",
            lambda: f"BOX[{s()}] = {n()}", lambda: f"setattr(BOX, 'name', {s()})", lambda: f"seen.add(str({s()}))", lambda: f"*rest, label = {i()}, {s()}", "pass", "import string as label", lambda: f"(q := {s()})", lambda: f"[total := total + len(str(q)) for q in {i()}]" if self._in_function else "pass",
            lambda: f"found.setdefault(str({s()}), []).append({n()})", lambda: f"paths.append({s()}) if len(paths) < 8 else None", lambda: f"grow() if {b()} else move()", lambda: f"print(*{i()})",
        )  # fmt: skip
        if depth >= 2:
            return self.pick(*simple)
        block = lambda: self.block(depth + 1)  # noqa: E731
        return self.pick(
            *simple, lambda: f"if {b()}:\n{block()}", lambda: f"if {b()}:\n{block()}\nelif {b()}:\n{block()}\nelse:\n{block()}", lambda: f"if {b()}:\n    continue", lambda: f"for x in {i()}:\n{block()}\n    if {b()}:\n        break\nelse:\n{block()}",
            lambda: f"for {self.target()} in {i()}:\n{block()}", lambda: f"while total < 5:\n    total += 1\n{block()}", lambda: f"try:\n{block()}\nexcept (TypeError, KeyError) as e:\n{block()}", lambda: f"try:\n{block()}\nexcept Exception:\n    continue\nelse:\n{block()}",
            lambda: f"try:\n{block()}\nfinally:\n    note('f')", lambda: f"with contextlib.suppress(Exception):\n{block()}", lambda: f"with MANAGER as m, entered({s()}):\n{block()}", lambda: f"with BOX:\n{block()}", lambda: f"match {s()}:\n    case 'x' | None:\n{textwrap.indent(block(), '    ')}\n    case str(c) if {b()}:\n{textwrap.indent(block(), '    ')}",
            lambda: f"def inner(a=1, *args, k={s()}):\n    return {s()}\nlater.append(inner)", lambda: f"def inner():\n    return {s()}\nout.append(inner())", lambda: f"class Inner:\n    value = {s()}\nout.append(Inner.value)", lambda: f"if {b()}:\n    raise ValueError({s()})", lambda: f"with open('data/6.txt') as g:\n    label = g.readline()\n{self.statement(depth + 1)}",
            lambda: f"if {b()}:\n    {'return out' if self._in_function else 'break'}" if self._choices.number(3) == 0 else "pass", lambda: f"def inner():\n    nonlocal label\n    label = {s()}\ninner()" if self._in_function else "pass", "with open('data/4.txt', 'a') as g:\n    g.write('.')",
        )  # fmt: skip
