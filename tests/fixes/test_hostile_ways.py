"""Whatever way the code that stays in a loop comes to change what is read ahead, and reading comes to have an effect: the fix is not safe."""

from __future__ import annotations

import pytest
from hostile_grammar import defined
from hostile_tables import DEFINITIONS, HEAD, TEXTS
from hostile_ways import ACTIONS, EXPRESSIONS, STATEMENTS, Action

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

STATES = [action for action in ACTIONS if action.setup.startswith(("CONF", "class Settings", "DIR", "PARTS")) or "write_text" in action.do]
WAYS = [(way, STATES[number % len(STATES)]) for number, way in enumerate(STATEMENTS) if way[1] not in ("Doer", "raise_ = act", "value: act() = 1")]
"""Each way with one of the actions; those that are left out do nothing in a function."""
INSIDE = [way for way in EXPRESSIONS if "{r}" not in way[1]]
"""The ways in which it is reading itself that does something: what is done with what was read stays where it was."""


def source(definition: str, body: str) -> str:
    """A program with a loop."""
    loads = "\n\n\n".join(DEFINITIONS[name] or "" for name in ("load", "load_open"))
    loop = "\n".join(f"        {line}" for line in body.split("\n"))
    text = f"{HEAD.strip().format(paths=list(TEXTS))}\n\n\n{loads}\n\n\n{definition}def run(paths):\n    out, found, total, seen = [], {{}}, 0, set()\n    for path in paths:\n{loop}\n    return out, found, total, seen\n\n\nprint(run(PATHS))\n"
    compile(text, "program.py", "exec", dont_inherit=True)
    return text


def is_changed(text: str) -> bool:
    return fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode() != text


def resting(way: tuple[str, str], action: Action) -> str:
    """A program whose loop does something after each read."""
    definition, use = way
    own = f"{action.setup}\n\n\n" if action.setup else ""
    done = use.replace("{ex}", action.ex.replace("{", "{{").replace("}", "}}")).format(t="text", p="path", i="path")
    read = action.reads[0].format(p="path")
    return source(own + defined(definition, action.do, action.ex), f"text = {read}\n{done}\nout.append(text)")


@pytest.mark.parametrize(("way", "action"), WAYS, ids=[f"{use!r} {number}" for number, ((_, use), _) in enumerate(WAYS)])
def test_the_rest_may_change_what_is_read_ahead(way: tuple[str, str], action: Action) -> None:
    assert not is_changed(resting(way, action))


@pytest.mark.parametrize("way", INSIDE, ids=[f"{value!r} {number}" for number, (_, value) in enumerate(INSIDE)])
def test_reading_may_have_an_effect(way: tuple[str, str]) -> None:
    definition, value = way
    read = value.format(p="path")
    assert not is_changed(source(defined(definition, "note('done')", "note('done')"), f"text = {read}\nout.append(text)"))


PLAIN = {
    "calls that do nothing to it": ("def act(text):\n    return text.upper()", "out.append(act(text))"),
    "a method that changes other things": ("class Doer:\n    def act(self):\n        self.count = 1\n\n\nDOER = Doer()", "DOER.act()"),
    "a callback that changes other things": ("SEEN = []\n\n\ndef act(text):\n    SEEN.append(text)\n    return text", "out.extend(sorted('ab', key=act))"),
    "an object of a class that changes others elsewhere": ("class Doer:\n    def __init__(self, text):\n        self.text = text\n\n    def act(self):\n        CONF['dir'] = 'other/'", "out.append(Doer(text))"),
    "a function that nobody calls here": ("def act():\n    CONF['dir'] = 'other/'\n\n\nact()", "out.append(len(text))"),
    "a manager that changes nothing": ("@contextlib.contextmanager\ndef acting():\n    yield 1", "with acting():\n    out.append(text)"),
    "a method named like one of lists": ("class Doer:\n    def append(self, one):\n        CONF['dir'] = one", "out.append(text)\nfound[path] = text"),
}  # fmt: skip


@pytest.mark.parametrize("name", PLAIN)
def test_what_does_no_harm_stays_safe(name: str) -> None:
    definition, use = PLAIN[name]
    assert is_changed(source(f"{ACTIONS[0].setup}\n\n\n{definition}\n\n\n", f"text = open(CONF['dir'] + path).read()\n{use}"))
