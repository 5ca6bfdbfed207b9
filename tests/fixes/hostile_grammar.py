"""Random programs that are out to break safe fixes: a loop that reads, plain but for one thing or two, drawn from hostile pieces.

Beside the pieces of `hostile_pieces`, statements and expressions are drawn from all of Python's grammar (`hostile_syntax`).
"""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Sequence

import hostile_pieces as pieces
from hostile_syntax import Syntax
from hostile_tables import DEFINITIONS, DOINGS, HEAD, METHODS, TEXTS
from hostile_ways import ACTIONS, EFFECTS, EXPRESSIONS, READERS, STATEMENTS
from loops_grammar import Choices

_WORD = re.compile(r"\b[A-Za-z_]\w*\b")
_TRIES = 8
ITEM_NAMES = ("path", "name", "path", "item", "_", "key", "f", "error")
TEXT_NAMES = ("text", "body", "text", "data", "label", "_", "result", "paths_")
_SIMPLE_START = "out, found, total, seen, later, seen_list, label = [], {}, 0, set(), [], [], ''"


def write_hostile(choices: Choices) -> str:
    """The source of one program, which compiles."""
    for _ in range(_TRIES):
        source = _Program(choices).source()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(source, "program.py", "exec", dont_inherit=True)
        except SyntaxError:
            continue
        return source
    return "pass\n"


class _Program:
    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self.item = self.pick(ITEM_NAMES)
        self.text = self.pick(TEXT_NAMES)
        self.path = self.item
        self.hostile = (0, 0, 0, 1, 1, 1, 1, 2)[choices.number(8)]  # how many pieces are hostile

    def pick(self, options: Sequence[str]) -> str:
        return options[self._choices.number(len(options))]

    def chance(self, percent: int) -> bool:
        return self._choices.number(100) >= 100 - percent

    def filled(self, piece: str) -> str:
        return piece.format(i=self.item, p=self.path, t=self.text, t_or=self.text, t_name=self.text, i_or=self.target)

    def source(self) -> str:
        self.own = ""  # definitions that only this program has
        self.is_tangled = self.chance(22)
        if self.is_tangled:
            self.hostile = (0, 0, 0, 1)[self._choices.number(4)]
        places = [self._choices.number(len(_PLACES)) for _ in range(self.hostile)]
        self.hostile_at = {_PLACES[place] for place in places}
        body = self.function_body()
        whole = self.placed(body)
        definitions = self.definitions(whole + self.own) + self.own
        names = list(TEXTS)
        if self.chance(15):
            names.insert(self._choices.number(6), self.pick(("data/missing.txt", "data", "data/1.txt", "data/0.txt")))
        end = "print([shown() for shown in LATER])\n" if "LATER" in whole else ""
        return HEAD.strip().format(paths=names) + "\n\n\n" + definitions + whole + "\n" + end + "print(COUNT, LIMIT, len(LOG))\n"

    # The loop and what is around it ---------------------------------------------------------------------------------

    def function_body(self) -> str:
        """From the names that it starts with to the value that it gives, without the `return`."""
        before, head, path = self.items()
        self.target = re.split(r"\W+", head.format(i=self.item).lstrip("(["))[0]
        before, head, self.path = (part.format(i=self.item) if "{" in part else part for part in (before, head, path))
        parts = [_SIMPLE_START]
        if "prologue" in self.hostile_at:
            parts.append(self.filled(self.pick(pieces.PROLOGUE)))
        parts += [before] if before else []
        loop = f"for {head}:\n" + textwrap.indent("\n".join(self.body()), "    ")
        if "around" in self.hostile_at and self.chance(15):
            loop += f"\nelse:\n    {self.filled(self.pick(pieces.LOOP_ELSE))}"
        if "comprehension" in self.hostile_at or self.chance(8):
            loop = self.comprehension(head)
        if "around" in self.hostile_at:
            opened, _, closed = self.pick(pieces.AROUND).partition("|")
            loop = opened + "\n" + textwrap.indent(loop, "    ")
            loop += "\n" + (closed if opened == "try:" or closed.startswith("print") else textwrap.indent(closed, "    ")) if closed else ""
        parts.append(loop)
        if "epilogue" in self.hostile_at:
            parts.append(self.filled(self.pick(pieces.AFTER_LOOP)))
        return "\n".join(part for part in parts if part)

    def items(self) -> tuple[str, str, str]:
        options = pieces.HOSTILE_ITEMS if "items" in self.hostile_at else pieces.PLAIN_ITEMS
        return options[self._choices.number(len(options))]

    def body(self) -> list[str]:
        """The statements of the loop."""
        syntax = Syntax(self._choices, self.target, self.path, self.text, in_function=True)
        if self.is_tangled:
            return self.tangle()
        found = [self.filled(self.pick(pieces.PLAIN_BEFORE))]
        if "before" in self.hostile_at:
            found.append(self.filled(self.pick(pieces.HOSTILE_BEFORE)))
        if "syntax before" in self.hostile_at:
            found.append(syntax.statement())
        found.append(self.filled(self.pick(pieces.HOSTILE_READS if "read" in self.hostile_at else pieces.PLAIN_READS)))
        if "syntax read" in self.hostile_at:
            found[-1] = f"{self.text} = " + self.read_inside(syntax)
        if "after" in self.hostile_at:
            found.append(self.filled(self.pick(pieces.HOSTILE_AFTER)))
        if "syntax after" in self.hostile_at:
            found.append(syntax.statement())
        found.append(self.filled(self.pick(pieces.PLAIN_AFTER)))
        if self.chance(10):
            found[-1], found[-2] = found[-2], found[-1]
        return [statement for statement in found if statement]

    def tangle(self) -> list[str]:
        """A body in which something is done, in one of many ways, that what is read ahead may see, or that reading does."""
        action = ACTIONS[self._choices.number(len(ACTIONS))]
        read = self.pick(action.reads)
        where = self._choices.number(10)
        if where < 3:
            definition, value = EXPRESSIONS[self._choices.number(len(EXPRESSIONS))]
            effect = self.pick(EFFECTS)
            self.own = "class Tally:\n    n = 0\n\n\n" + defined(definition, effect, effect if "=" not in effect else "note('e')")
            plain = self.pick(("open({p}).read()", "Path({p}).read_text()", "load({p})")).format(p=self.path)
            value = value.replace("{ex}", effect if "=" not in effect else "note('e')").format(r=plain, p=self.path)
            reading = self.pick(("{t} = ", "{t} = ", "out.append(", "found[str({p})] = ")).format(t=self.text, p=self.path)
            statement = f"{reading}{value}" + (")" if reading.endswith("(") else "")
            if not reading.startswith(f"{self.text} ="):
                statement += f"\n{self.text} = 'x'"
            return [line for line in (self.filled(self.pick(pieces.PLAIN_BEFORE)), statement, self.filled(self.pick(pieces.PLAIN_AFTER))) if line]
        definition, use = STATEMENTS[self._choices.number(len(STATEMENTS))]
        readers = [text for name, text in READERS.items() if name in read]
        self.own = "".join(f"{text}\n\n\n" for text in ([action.setup] if action.setup else []) + readers) + defined(definition, action.do, action.ex)
        done = use.replace("{ex}", action.ex.replace("{", "{{").replace("}", "}}"))
        if where < 9:
            done = self.filled(done)
        else:
            done = self.filled(done.replace("{t}", "'t'"))
        read = read.format(p=self.path)
        reading = self.pick(("{t} = {r}", "{t} = {r}", "out.append({r})\n{t} = 'x'", "found[str({p})] = {t} = {r}", "try:\n    {t} = {r}\nexcept ValueError:\n    continue", "if ({t} := {r}):\n    total += 1")).format(t=self.text, r=read, p=self.path)
        parts = [self.filled(self.pick(pieces.PLAIN_BEFORE)), reading, done, self.filled(self.pick(pieces.PLAIN_AFTER))]
        if where == 9:
            parts[1], parts[2] = parts[2], parts[1]
        elif where == 8:
            parts[2], parts[3] = parts[3], parts[2]
        return [part for part in parts if part]

    def read_inside(self, syntax: Syntax) -> str:
        """An expression that reads the item's file somewhere."""
        read = self.pick(("open({p}).read()", "Path({p}).read_text()", "load({p})")).format(p=self.path)
        other = syntax.string()
        names = list(re.finditer(rf"\b{self.text}\b", other))
        if names:
            place = names[self._choices.number(len(names))]
            return other[: place.start()] + read + other[place.end():]
        return self.pick((f"{read} + str({other})", f"str({other}) + {read}", f"({other}, {read})", f"({read}, {other})", f"{read} if {syntax.truth()} else {other}", f"{read}[: {syntax.number()}]"))

    def comprehension(self, head: str) -> str:
        """A comprehension instead of a loop."""
        syntax = Syntax(self._choices, self.target, self.path, self.text, in_function=True)
        read = self.pick(("open({p}).read()", "Path({p}).read_text()", "load({p})", "load_open({p})", "load_strict({p})", "fetch({p})", "load_noted({p})", "load_counted({p})", "DERIVED.load({p})", "load_memo({p})")).format(p=self.path)
        if "comprehension" in self.hostile_at:
            read = self.pick((read, f"({read}, {syntax.string()})", f"({syntax.string()}, {read})", f"[{read}, total]", f"(label := {read})", f"(lambda: {read})()", f"{read}[:{syntax.number()}]", f"str({read}) + {syntax.string()}", f"Entry({read})", f"Record({read})"))
        test = f" if {syntax.truth()}" if "before" in self.hostile_at or "comprehension" in self.hostile_at and self.chance(40) else self.pick(("", "", f" if {self.path} not in seen", f" if os.path.exists({self.path})"))
        rest = f"{read} for {head}{test}"
        whole = self.pick(("out = [{}]", "out = [{}]", "out = list({})", "seen = {{*map(str, [{}])}}", "out.extend({})", "out = sorted(map(str, [{}]))", "total = sum(len(str(q)) for q in [{}])", "out += [{}]", "print(*[{}])", "label = ''.join(map(str, [{}]))", "out = tuple({})", "out, label = [{}], str(total)", "lazy = ({})\nout.append(next(lazy))", "for q in [{}]:\n    out.append(q)", "total = any({})", "out = dict(enumerate([{}]))", "out[:] = [{}]", "later.append(lambda: [{}])", "out = max([{}], key=quiet, default='')"))  # fmt: skip
        found = whole.format(rest)
        if "after" in self.hostile_at:
            found += "\n" + syntax.statement().replace("continue", "pass")
        self.text = "label"
        return found

    # Where it stands ------------------------------------------------------------------------------------------------

    def placed(self, body: str) -> str:
        """The program's main part: the loop in a function, a method, a module, a class and so on."""
        give = "\nLATER.extend(later)\nreturn out, found, total, sorted(seen), label"
        inner = textwrap.indent(body + give, "    ")
        late = "LATER = []\n\n\n"
        where = self._choices.number(24 if "place" in self.hostile_at else 14)
        call = self.pick(("PATHS, OTHERS", "PATHS, OTHERS", "PATHS, OTHERS", "list(PATHS), OTHERS", "PATHS, PATHS", "tuple(PATHS), OTHERS", "collections.deque(PATHS), OTHERS", "iter(PATHS), OTHERS", "LOG or PATHS, OTHERS")) if "place" in self.hostile_at else "PATHS, OTHERS"
        match where:
            case 9 | 10:
                return f"{late}class Work:\n    def run(self, paths, others):\n{textwrap.indent(inner, '    ')}\n\n\nRESULT = Work().run({call})"
            case 11 | 12 | 13:
                return f"{late}paths, others = {call}\n{_at_module_level(body)}\nLATER.extend(later)\nRESULT = out, found, total, sorted(seen), label"
            case 14:
                return f"{late}def outer(paths, others):\n    {self.text} = label = 'outer'\n\n    def run():\n        nonlocal {self.text}\n        nonlocal paths\n{textwrap.indent(inner, '    ')}\n    return run(), {self.text}\n\n\nRESULT = outer({call})"
            case 15:
                return f"{late}def run(paths, others):\n{inner}\n    yield out\n    yield total\n\n\nRESULT = list(run({call}))".replace("    return out, found, total, sorted(seen), label\n", "")
            case 16:
                return f"{late}class Work:\n    paths, others = {call}\n{textwrap.indent(_at_module_level(body), '    ')}\n    LATER.extend(later)\n\n\nRESULT = Work.out, Work.total"
            case 17:
                return f"{late}async def run(paths, others):\n{inner}\n\n\nRESULT = asyncio.run(run({call}))"
            case 18:
                return f"{late}@functools.lru_cache(None)\ndef run(paths, others):\n{inner}\n\n\nRESULT = run(tuple(PATHS), tuple(OTHERS))"
            case 19:
                return f"{late}class Work:\n    names = PATHS\n\n    @property\n    def run(self):\n        paths, others = self.names, OTHERS\n{textwrap.indent(inner, '    ')}\n\n\nRESULT = Work().run, Work().run"
            case 20:
                return f"{late}def run(paths, others, {self.text}='given', label=''):\n{inner}\n\n\nRESULT = [run({call}) for _ in range(2)]"
            case 21:
                return f"{late}def run(paths, others):\n{inner}\n\n\nRESULT = []\nTHREAD = threading.Thread(target=lambda: RESULT.append(run({call})))\nTHREAD.start()\nTHREAD.join()\nTHREAD = None"
            case 22:
                return f"{late}def run(paths, others):\n{inner}\n\n\ntry:\n    RESULT = run({call})\nexcept Exception as error:\n    RESULT = repr(error)"
            case 23:
                return f"{late}class Work(dict):\n    def __missing__(self, key):\n        paths, others = {call}\n{textwrap.indent(inner, '    ')}\n\n\nRESULT = Work()[0]"
            case _:
                return f"{late}def run(paths, others):\n{inner}\n\n\nRESULT = run({call})"

    # What it needs --------------------------------------------------------------------------------------------------

    def definitions(self, text: str) -> str:
        """The definitions of what the program names, and of what these name."""
        wanted: dict[str, str] = {}
        pending = [text]
        while pending:
            words = dict.fromkeys(_WORD.findall(pending.pop()))
            for word in words:
                if word in DEFINITIONS and word not in wanted:
                    wanted[word] = found = DEFINITIONS[word] or self.box()
                    pending.append(found)
        extra = "io_open = open\n\n\n" if "io_open" in text else ""
        extra += "import shutil\n\nshutil_copy = shutil.copyfile\n\n\n" if "shutil_copy" in text else ""
        order = [name for name in DEFINITIONS if name in wanted]
        return extra + "".join(f"{wanted[name]}\n\n\n" for name in order)

    def box(self) -> str:
        """A class with some of the methods that Python calls by itself, and an object of it."""
        names = sorted({self.pick(tuple(METHODS)) for _ in range(1 + self._choices.number(4))})
        lines = [f"class Box{self.pick(('', '', '', '(list)', '(dict)', '(str)'))}:", "    count = 0"]
        if self.chance(60):
            lines.append("    name = 'data/1.txt'")
        elif self.chance(50):
            lines.append("    @property\n    def name(self):\n        note('name')\n        return 'data/2.txt'")
        for name in names:
            parameters, text = METHODS[name]
            done = self.pick(DOINGS).replace("; ", "\n")
            lines.append(textwrap.indent(f"def {name}({', '.join(part for part in ('self', parameters) if part)}):\n" + textwrap.indent(text.format(do=done), "    "), "    "))
        return "\n".join(lines) + "\n\n\nBOX = Box()"


def defined(definition: str, do: str, ex: str) -> str:
    """A definition with what it does."""
    lines = []
    for line in definition.split("\n"):
        space = line[: len(line) - len(line.lstrip())]
        lines += [line.replace("{do}", do).replace("{ex}", ex)] if line.strip() != "{do}" else textwrap.indent(do, space).split("\n")
    return "\n".join(lines) + "\n\n\n" if definition else ""


_PLACES = (
    "items", "items", "read", "read", "read", "before", "before", "after", "after", "after", "after", "around", "epilogue", "prologue", "place",
    "syntax before", "syntax after", "syntax after", "syntax after", "syntax read", "comprehension",
)  # fmt: skip


def _at_module_level(body: str) -> str:
    """A body without what only functions may have."""
    lines = [re.sub(r"^(\s*)(global .*|return .*)$", r"\1pass", line) for line in body.split("\n")]
    return "\n".join(lines)
