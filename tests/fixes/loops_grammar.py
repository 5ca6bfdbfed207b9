"""Random programs with loops that read files: what a fix must not change, in as many shapes as a grammar gives.

`write_program` asks its choices for everything, so hypothesis can drive and shrink it, and a plain generator of random
numbers can drive it fast. A program reads files named in `loops_tables.FILES` below its working folder, prints, and ends or raises.
"""

from __future__ import annotations

import random
import textwrap
from collections.abc import Callable, Sequence
from typing import Protocol

import loops_tables as tables
from loops_tables import GENERATORS, HELPERS, LOUD, NEEDS, QUIET


class Choices(Protocol):
    """Where the choices come from."""

    def number(self, below: int) -> int: ...


class RandomChoices:
    """Choices out of a seeded generator of random numbers."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def number(self, below: int) -> int:
        return self._random.randrange(below)


def write_program(choices: Choices) -> str:
    """The source of one program."""
    return _Writer(choices).program()


class _Writer:
    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self.lines: list[str] = []
        self.depth = 0
        self.helpers: dict[str, None] = {}
        self.generators: dict[str, None] = {}
        self.item = "path"
        self.text = "text"
        self.is_json = False
        self.is_inner = False  # inside a function, so that `return` is allowed
        self.in_loop = False

    # Choosing and writing -----------------------------------------------------------------------------------------

    def pick(self, options: Sequence[str]) -> str:
        return options[self._choices.number(len(options))]

    def one_of(self, *ways: Callable[[], None]) -> None:
        ways[self._choices.number(len(ways))]()

    def chance(self, percent: int) -> bool:
        """True so often; False is what shrinking goes for."""
        return self._choices.number(100) >= 100 - percent

    def put(self, text: str) -> None:
        self.lines += textwrap.indent(text, "    " * self.depth).split("\n")

    def block(self, header: str, *parts: Callable[[], None]) -> None:
        self.put(header)
        self.depth += 1
        before = len(self.lines)
        for part in parts:
            part()
        if len(self.lines) == before:
            self.put("pass")
        self.depth -= 1

    def use(self, helper: str) -> str:
        for needed in (*NEEDS.get(helper, ()), helper):
            self.helpers[needed] = None
        return helper

    # The program --------------------------------------------------------------------------------------------------

    def program(self) -> str:
        self.is_json = self.chance(20)
        self.item = self.pick(["path", "name", "path"])
        where = self._choices.number(10)
        if where < 6:
            self.is_inner = True
            self.block("def run(paths, others):", self.body)
            self.put("RESULT = run(PATHS, OTHERS)")
        elif where < 8:
            self.is_inner = True
            self.put("class Job:")
            self.depth += 1
            self.block("def run(self, paths, others):", self.body)
            self.depth -= 1
            self.put("RESULT = Job().run(PATHS, OTHERS)")
        else:
            self.put("paths, others = PATHS, OTHERS")
            self.body()
        main = "\n".join(self.lines)
        parts = [tables.HEAD.strip()]
        if "BOX" in main or any("BOX" in HELPERS[name] for name in self.helpers):
            parts.append(tables.BOX.strip())
            main += "\nprint(BOX)"
        for name in self.helpers:
            header = f"def {name}({tables.PARAMETERS.get(name, 'name')}):\n"
            parts.append(header + textwrap.indent(HELPERS[name], "    "))
        for name in self.generators:
            parts.append(f"def {name}(names):\n" + textwrap.indent(GENERATORS[name], "    "))
        parts.append(f"PATHS = {self.names()!r}\nOTHERS = {self.names()!r}")
        return "\n\n\n".join([*parts, main]) + "\nprint(COUNT, LIMIT, SEEN)\n"

    def names(self) -> list[str]:
        found = list(tables.JSONS if self.is_json else tables.TEXTS)
        if self.chance(50):
            found.insert(self._choices.number(len(found) + 1), self.pick(tables.ODD))
        if self.chance(10):
            found.append(found[0])
        return found

    def body(self) -> None:
        """The function around the loop: what it starts from, the loop, what comes after it."""
        for start in ("out = []", "total = 0", "found = {}", "seen = set()", "later = []"):
            self.put(start)
        if self.chance(15):
            self.put(self.pick(["last = None", "text = 'before'", "alias = BOX", "rows = paths", f"{self.item} = 'before'", "limit = 3", "names = iter(paths)", "alias = SEEN", "alias = found", "OTHERS = paths"]))
        if self.is_inner and self.chance(6):
            self.put(self.pick(["global COUNT, LIMIT", "global part", "global size"]))
        if self.is_inner and self.chance(6):
            self.put(f"def seen_later():\n    return {self.pick([self.item, self.text, 'total'])}")
            self.put("later.append(seen_later)")
        self.guarded()
        if self.chance(8):
            self.guarded()
        self.epilogue()

    def guarded(self) -> None:
        """A loop, bare or inside what catches, cleans up or repeats."""
        match self._choices.number(14):
            case 0 | 1:
                self.block("try:", self.looped)
                self.handlers()
            case 2:
                self.block("try:", self.looped)
                self.block("finally:", lambda: self.put(self.pick(["print('done')", f"print({self.item})", "print(total, out)"])))
            case 3:
                self.block(f"with suppress({self.pick(['OSError', 'Exception', 'ValueError'])}):", self.looped)
            case 4:
                self.block(self.pick(["for turn in range(2):", "if others:", "for part in (paths, others):"]), self.looped)
            case _:
                self.looped()

    def handlers(self) -> None:
        error = self.pick(["OSError", "Exception", "ValueError", "(OSError, ValueError)", "FileNotFoundError"])
        if self.chance(50):
            self.block(f"except {error} as error:", lambda: self.put("print(type(error).__name__, error.args)"), self.handled)
        else:
            self.block(f"except {error}:", self.handled)
        if self.chance(20):
            self.block("else:", lambda: self.put("print('fine')"))
        if self.chance(15):
            self.block("finally:", lambda: self.put(self.pick(["total += 1", "print(total)", f"print({self.item})"])))

    def handled(self) -> None:
        options = ["pass", "out.append('failed')", f"print({self.item})", "print(out, total)", "total = -1", "raise", f"raise RuntimeError({self.item})"]
        if self.in_loop:
            options += ["continue", "continue", f"{self.text} = ''", f"seen.add({self.item})"]
        if self.in_loop and self.chance(10):
            options = ["break"]
        if self.is_inner and self.chance(5):
            options = ["return out"]
        self.put(self.pick(options))

    def epilogue(self) -> None:
        if self.chance(12):
            self.put(self.pick([
                f"print({self.item})", f"print({self.text})", f"del {self.item}", f"out.append({self.item})", "print(last)",
                f"if out:\n    print({self.text})", f"for {self.item} in paths:\n    pass", f"{self.text} = len({self.text})",
            ]))  # fmt: skip
        self.put("print([action() for action in later])")
        if self.is_inner:
            self.put("return out, total, found, sorted(map(str, seen))")

    # Loops --------------------------------------------------------------------------------------------------------

    def looped(self) -> None:
        if self.chance(30):
            self.comprehension()
        else:
            self.loop()

    def loop(self) -> None:
        outside, self.in_loop = self.in_loop, True
        self.block(self.header(), self.passes)
        self.in_loop = outside
        if self.chance(6):
            self.block("else:", lambda: self.put(self.pick(["print('all')", "total += 1", f"print({self.item})"])))

    def iterable(self) -> str:
        files = "data/*.json" if self.is_json else "data/*.txt"
        match self._choices.number(16):
            case 0:
                return f"sorted(glob.glob({files!r}))"
            case 1:
                return f"sorted(Path('data').glob({files[5:]!r}))"
            case 2:
                return self.pick(["list(paths)", "reversed(paths)", "paths[1:]", "iter(paths)", "paths + others", "[*paths]", "sorted(paths)"])
            case 3:
                name = self.pick(list(GENERATORS))
                self.generators[name] = None
                return f"{name}(paths)"
            case 4:
                return self.pick(["(str(one) for one in paths)", "[one for one in paths if one]", "(one for one in paths if one not in seen)",
                                  "filter(None, paths)", "map(str, paths)", f"Path('data').glob({files[5:]!r})"])  # fmt: skip
            case 5:
                return self.pick(["others", "rows", "names", "PATHS", "zip(*[iter(paths)])" if self.chance(5) else "enumerate(paths)" if self.chance(5) else "names", "dict.fromkeys(paths)", "('data/1.txt', 'data/2.txt', 'data/3.txt')"])
            case _:
                return "paths"

    def header(self) -> str:
        match self._choices.number(12):
            case 0:
                start = self.pick(["", ", 1", ", start=total"])
                return f"for number, {self.item} in enumerate({self.iterable()}{start}):"
            case 1:
                return f"for {self.item}, other in zip({self.iterable()}, others):"
            case 2:
                return f"for key, {self.item} in {{name: name for name in paths}}.items():"
            case 3 if self.chance(30):
                return self.pick(["for self_path, *rest in [(one, 1) for one in paths]:", "for BOX.current in paths:", "for found['item'] in paths:"])
            case _:
                return f"for {self.item} in {self.iterable()}:"

    def passes(self) -> None:
        """The body of a loop: something before a read, the read, something with what it gave."""
        for _ in range(self._choices.number(3)):
            if self.chance(45):
                self.before()
        if self.chance(12):
            self.block(self.condition(), self.reading)
        else:
            self.reading()
        for _ in range(1 + self._choices.number(3)):
            self.after()

    def condition(self) -> str:
        return self.pick([
            f"if {self.item} != paths[0]:", f"if os.path.exists({self.item}):", "if total < 20:", f"if {self.item} not in seen:",
            f"if str({self.item}).endswith('t'):", "if len(out) < 3:", "if BOX.limit > 3:", "if BOX.size > 1:",
        ])  # fmt: skip

    def before(self) -> None:
        if self.chance(15):
            self.put(self.pick([
                f"if {self.item} == paths[0]:\n    source = str({self.item})\nelse:\n    source = {self.item}\n{self.item} = source",
                f"if not os.path.exists({self.item}):\n    print('missing', {self.item})\n    continue",
                f"if not os.path.exists({self.item}):\n    out.append('none')\n    continue",
                f"try:\n    size = os.path.getsize({self.item})\nexcept OSError:\n    continue",
                f"if (size := len(str({self.item}))) > 40:\n    continue", f"if {self.item} in seen:\n    label = 'again'\nelse:\n    label = ''",
                f"parts = [str({self.item})]\nif len(parts[0]) > 5:\n    parts.append('long')",
                f"if not {self.item}:\n    continue\nelif {self.item} == 'gone':\n    total -= 1\n    continue",
            ]))  # fmt: skip
            return
        options = [
            f"if {self.item} == paths[1]:\n    continue", f"if not os.path.exists({self.item}):\n    continue", f"print({self.item})",
            f"if {self.item} in seen:\n    continue", f"seen.add({self.item})", f"key = str({self.item})[-5:]", "total += 1",
            f"if os.path.isdir({self.item}):\n    continue", f"label = f'{{{self.item}}}!'", f"{self.item} = str({self.item})",
        ]  # fmt: skip
        if self.chance(12):
            options = [
                "if total > 30:\n    break", "LIMIT_HERE = total", f"{self.item} = {self.item} if total else paths[1]", "text = ''",
                f"if {self.item} is None:\n    raise ValueError", "last = None", "print(last)", "print(text)", f"os.path.getsize({self.item})",
                f"match paths:\n    case [_, {self.item}, *_]:\n        pass", f"try:\n    int('x')\nexcept ValueError as {self.item}:\n    pass",
                f"assert os.path.exists({self.item})", "limit = len(out)", f"del {self.item}", "paths = others",
            ]  # fmt: skip
        self.put(self.pick(options))

    # Reads --------------------------------------------------------------------------------------------------------

    def read(self, of: str | None = None) -> str:
        """An expression that reads the item."""
        name = of or self.item
        if self.chance(25):
            helper = self.use(self.pick(QUIET if self.chance(75) else LOUD))
            more = {"collect": ", out", "mark": ", found"}.get(helper, "") if self.chance(50) else ""
            return f"{helper}({name}{more})"
        if self.is_json and self.chance(60):
            return self.pick([f"json.load(open({name}))", f"json.loads(Path({name}).read_text())", f"json.loads(open({name}).read())"])
        options = [f"open({name}).read()", f"Path({name}).read_text()", f"open({name}).read().strip()", f"Path({name}).read_bytes()",
                   f"Path({name}).read_text().splitlines()", f"open({name}).readlines()"]  # fmt: skip
        if self.chance(15):
            options = [
                f"open({name}).read(LIMIT)", f"open({name}).read(BOX.limit)", f"BOX.load({name})", f"BOX.load_part({name})", f"BOX.load_counted({name})",
                f"(open({name}).read() if total < 9 else '')", f"(os.path.exists({name}) and open({name}).read())", f"open({name}).read(total)",
                f"[line for line in open({name})]", f"sum(1 for line in open({name}))", f"(Path({name}).read_text(), len(out))",
                f"(open(label).read() if 'label' in found else open({name}).read())", f"Path({name}).read_text()[:len(seen)]", f"open({name}, 'r+').read()",
                f"open(found.get({name}, {name})).read()", f"Path(str({name})).with_suffix('.txt').read_text()", f"open({name}).read(len(paths))",
            ]  # fmt: skip
        return self.pick(options)

    def reading(self) -> None:
        """Statements that bind `text` to what the item's file holds."""
        match self._choices.number(14):
            case 0 | 1:
                self.block("try:", self.plain_read, *([self.after] if self.chance(30) else []))
                self.handlers()
            case 2 | 3 | 4:
                self.with_open()
            case 5:
                self.put(self.pick([f"out.append({self.read()})", f"found[{self.item}] = {self.read()}", f"total += len({self.read()})",
                                    f"print({self.read()})", f"print(total, {self.read()})", f"out.append((total, {self.read()}, BOX.size))"]))  # fmt: skip
                self.put(f"{self.text} = ''")
            case 6 if self.chance(40):
                self.one_of(self.odd_read, self.inner_loop)
            case 7:
                self.whole_read()
            case _:
                self.plain_read()

    def whole_read(self) -> None:
        """Statements that read only together: chunks, branches, handlers with a value of their own."""
        name, text = self.item, self.text
        self.put(self.pick([
            f"{text} = ''\nwith open({name}) as file:\n    while chunk := file.read(3):\n        {text} += chunk",
            f"{text} = ''\nwith open({name}) as file:\n    for chunk in iter(lambda: file.read(2), ''):\n        {text} += chunk",
            f"{text} = ''\nwith open({name}) as file:\n    while True:\n        chunk = file.read(4)\n        if not chunk:\n            break\n        {text} += chunk",
            f"if os.path.exists({name}):\n    {text} = open({name}).read()\nelse:\n    {text} = ''",
            f"if total > 5:\n    {text} = open({name}).read()\nelse:\n    {text} = Path({name}).read_text()[:2]",
            f"try:\n    {text} = open({name}).read()\n    size = len({text})\nexcept OSError:\n    continue\nout.append(size)",
            f"try:\n    {text} = open({name}).read()\nexcept OSError as error:\n    {text} = None",
            f"try:\n    with open({name}) as file:\n        found[{name}] = file.read()\nexcept OSError:\n    out.append({name})\n{text} = ''",
            f"with open({name}) as file:\n    head = file.readline()\n    if not head:\n        continue\n    {text} = head + file.read()",
        ]))  # fmt: skip

    def plain_read(self) -> None:
        self.put(f"{self.text} = {self.read()}")

    def with_open(self) -> None:
        header = self.pick([f"with open({self.item}) as file:", f"with open({self.item}, encoding='utf-8') as file:", f"with Path({self.item}).open() as file:"])
        insides = [f"{self.text} = file.read()", f"{self.text} = file.readlines()", f"first = file.readline()\n{self.text} = file.read()"]
        if self.is_json:
            insides = [f"{self.text} = json.load(file)", f"{self.text} = json.loads(file.read())"]
        if self.chance(15):
            insides = [f"{self.text} = ''\nfor line in file:\n    {self.text} += line", f"print({self.item})\n{self.text} = file.read()",
                       f"{self.text} = file.read()\nout.append({self.text})", f"{self.text} = file.read(BOX.limit)"]  # fmt: skip
        self.block(header, lambda: self.put(self.pick(insides)))

    def odd_read(self) -> None:
        self.put(self.pick([
            f"if ({self.text} := {self.read()}):\n    out.append({self.text})", f"if {self.read()}:\n    total += 1",
            f"for line in {self.read()}:\n    out.append(line)", f"{self.text} = other_text = {self.read()}", f"{self.text}, size = {self.read()}, total",
            f"later.append(lambda: {self.read()})", f"found[len(found)] = out[-1:] + [{self.read()}]", f"{self.text} = [{self.read()}, {self.read('paths[0]')}]",
            f"def inner():\n    return {self.read()}\n{self.text} = inner()", f"{self.text} = (lambda: {self.read()})()", f"{self.text}: object = {self.read()}",
            f"{self.text} = {self.read()}; out.append({self.text})", f"match {self.read()}:\n    case str({self.text}):\n        out.append({self.text})",
        ]))  # fmt: skip

    def inner_loop(self) -> None:
        self.put(f"for again in ({self.item}, paths[1]):\n    {self.text} = {self.read('again')}\n    out.append({self.text})")

    # What is done with it -----------------------------------------------------------------------------------------

    def after(self) -> None:
        text, item = self.text, self.item
        options = [
            f"out.append({text})", f"total += len(str({text}))", f"found[{item}] = {text}", f"print({item}, {text})", f"seen.add({item})",
            f"if not {text}:\n    continue", f"if {text}:\n    out.append({item})", f"if '2' in str({text}):\n    raise ValueError({item})", f"size = len(str({text}))",
            f"found.setdefault(str({text}), []).append({item})", f"for part in str({text}).split():\n    out.append(part)", f"{text} = str({text})\nout.append({text})",
        ]  # fmt: skip
        if self.chance(14):
            options = self.hazards()
        self.put(self.pick(options))

    def hazards(self) -> list[str]:
        text, item = self.text, self.item
        kind = self._choices.number(5)
        if kind == 0:
            return [
                f"Path(str({item}) + '.bak').write_text('x')", "Path('data/3.txt').write_text('new')", f"os.remove({item})", f"os.rename({item}, 'gone.txt')",
                "with open('log.txt', 'a') as log:\n    log.write('x')", "Path('data/new.txt').write_text('new')", f"{self.use('stamp')}('data/4.txt')",
                "open('data/2.txt', 'w').close()", "Path('data/3.txt').unlink(missing_ok=True)", "os.truncate('data/3.txt', 0)", "Path(paths[-1]).write_text('q')",
            ]  # fmt: skip
        if kind == 1:
            return [
                "BOX.limit += 1", f"alias.append({item}) if hasattr(alias, 'append') else alias.update({{{item}: 1}})", f"BOX.load_counted({item})", "box = BOX\nbox.grow()",
                "(lambda: SEEN.append(1))()", f"{self.use('collect')}('data/1.txt', out)", f"{self.use('mark')}('data/1.txt')", "load = open", "BOX.grow()", f"{self.use('bump')}()", f"{self.use('note')}({item})", "setattr(BOX, 'limit', 2)", "alias.limit = 2",
                f"SEEN.append({item})", "CACHE.clear()", "rows.append('data/1.txt') if len(rows) < 9 else None", "BOX.names.append(1)", "del SEEN[:]",
                f"CACHE[{item}] = 'cached'", "globals()['LIMIT'] = 2", "vars(BOX)['limit'] = 1", "alias = BOX\nalias.limit = 1",
            ]  # fmt: skip
        if kind == 2:
            return [
                f"last = {text}", f"out.append(last)\nlast = {text}", "paths[-1] = 'data/1.txt'", "paths.remove(paths[-1])", "if len(paths) < 9:\n    paths.append('data/2.txt')",
                "others.pop()", "CURRENT = paths.index('data/1.txt') if 'data/1.txt' in paths else 0", f"found[{item}] = last = {text}",
                "next(names, None)", f"{item}_before = {item}", "OTHERS.clear()", "PATHS.append('data/1.txt') if len(PATHS) < 9 else None", "paths += ['data/2.txt'] if len(paths) < 9 else []", "paths = []", f"found[{item}] = 'data/1.txt'", "others[-1] = 'x'", "paths.reverse()", "paths = ['data/1.txt']",
            ]  # fmt: skip
        if kind == 3:
            return [
                "if total > 12:\n    break", *(["if total > 12:\n    return out"] if self.is_inner else []), f"later.append(lambda: {item})",
                f"later.append(lambda {item}={item}: {item})", f"later.append(lambda: {text})", f"later.append(lambda: total + len(str({text})))",
                f"def keep():\n    return {item}\nlater.append(keep)", f"if (size := len(str({text}))) > 7:\n    out.append(size)",
            ]  # fmt: skip
        return [
            f"del {text}", f"{item} = 'rebound'", f"{item} += '!'", f"out.append([{item} for {item} in others])", f"print({{{text} for {text} in 'ab'}} and {text})",
            f"assert {text}, {item}", "with suppress(OSError):\n    out.append(open('data/missing.txt').read())", "print(locals() and 1)", "json = None", "open = None",
            "total = sum(len(str(one)) for one in out)", f"for {item} in ('x', 'y'):\n    pass", f"with open('data/1.txt') as {text}:\n    total += 1",
            f"import os.path as {text}", f"{text} = {item} = 'both'", "os.chdir('data') if total > 99 else None", "out, seen = seen, out",
            f"print(sorted(name for name in dir() if name == {text!r}))", f"try:\n    int(str({text}))\nexcept ValueError as error:\n    out.append(str(error))",
        ]  # fmt: skip

    # Comprehensions -----------------------------------------------------------------------------------------------

    def comprehension(self) -> None:
        target, iterable = self.item, self.iterable()
        if self.chance(10):
            target, iterable = f"number, {self.item}", f"enumerate({iterable})"
        tests = ""
        if self.chance(25):
            tests = " if " + self.pick([f"{self.item} != paths[0]", f"os.path.exists({self.item})", f"{self.item} not in seen", self.read(), "len(out) < 2",
                                        f"os.path.isfile({self.item})", f"not SEEN.append({self.item})"])  # fmt: skip
        value = self.read()
        element = self.pick([value, value, f"({self.item}, {value})", f"len(str({value}))", f"str({value}).upper()", f"(BOX.size, {value})", f"[{value}, total]",
                             f"({value}, BOX.size)", f"print({value})", f"str({self.item}) + str({value})"])  # fmt: skip
        rest = f"for {target} in {iterable}{tests}"
        whole = self.pick([
            f"out = [{element} {rest}]", f"out = [{element} {rest}]", f"found = {{{self.item}: {element} {rest}}}", f"seen = {{str({element}) {rest}}}",
            f"total = sum(len(str({element})) {rest})", f"out.extend({element} {rest})", f"out = list({element} {rest})", f"out = ','.join(str({element}) {rest})",
            f"total = any({element} {rest})", f"out = sorted(str({element}) {rest})", f"found = dict((str({self.item}), {element}) {rest})",
            f"total = max(len(str({element})) {rest})", f"print(*[{element} {rest}])", f"out = [{element} {rest}][::-1] + [total]", f"for one in [{element} {rest}]:\n    out.append(one)",
            f"lazy = ({element} {rest})\nout = [next(lazy)]", f"out = tuple([{element} {rest}])", f"out = [[{element} {rest}] for turn in range(2)]",
            f"out = list(map({self.use(self.pick(QUIET))}, {iterable}))", f"found.update({{{self.item}: {element} {rest}}})", f"out += [{element} {rest}]",
            f"out = list(map(lambda {self.item}: {element}, {iterable}))", f"first, *others = [{element} {rest}]", f"total = all(str({element}) {rest})",
            f"out = [{element} {rest} for twice in range(2)]", f"print(total, [{element} {rest}], BOX.size)",
        ])  # fmt: skip
        self.put(whole)
