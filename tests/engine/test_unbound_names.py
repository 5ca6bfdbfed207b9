"""A fix must not leave a name that is read before it is bound, or that nothing binds."""

from __future__ import annotations

import ast
import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_checks import violations
from par_lint.engine.fix_file import fix
from par_lint.engine.unbound_names import newly_unbound

ADDED = {
    "in the iterable of its loop": ("for p in ps:\n    k, v = p.a, p.b", "for p, r in f(lambda p: p.a, p.b):\n    k, v = r"),
    "nowhere": ("x = 1", "x = y"),
    "in a worker": ("for p in ps:\n    if (t := p.a()): g(t)", "def w(p):\n    return t, p.a()\nfor p, (k, r) in f(w, ps):\n    if (k := r): g(k)"),
    "only in a branch": ("t = 1\ng(t)", "if a: t = 1\ng(t)"),
    "only where nothing is raised": ("t = 1\ng(t)", "try:\n    t = h()\nexcept OSError: pass\ng(t)"),
    "after a handler": ("e = 1\ntry: h()\nexcept OSError: pass\ng(e)", "e = 1\ntry: h()\nexcept OSError as e: pass\ng(e)"),
    "deleted": ("t = 1\ng(t)", "t = 1\ndel t\ng(t)"),
    "in a loop that may not run": ("t = 1\nfor p in ps: pass\ng(t)", "for p in ps: t = 1\ng(t)"),
    "in one case": ("t = 1\ng(t)", "match a:\n    case 1: t = 1\ng(t)"),
    "after it": ("t = 1\ng(t)", "g(t)\nt = 1"),
    "in the same assignment": ("t = 1", "t = t + 1"),
    "augmented": ("t = 1", "t += 1"),
    "in a comprehension": ("t = 1\ng([t for p in ps])", "g([t for p in ps])\nt = 1"),
    "as a default": ("t = 1\ndef h(x=t): pass", "def h(x=t): pass\nt = 1"),
}
KEPT = {
    "both branches": "if a: t = 1\nelse: t = 2\ng(t)",
    "a branch that leaves": "if a: t = 1\nelse: return\ng(t)",
    "a loop without an end": "while True:\n    t = 1\n    if a: break\ng(t)",
    "an else": "for p in ps:\n    if a:\n        t = 1\n        break\nelse: t = 2\ng(t)",
    "a handler that binds": "try: t = 1\nexcept OSError: t = 2\ng(t)",
    "a handler that raises": "try: t = 1\nexcept OSError: raise\nfinally: h()\ng(t)",
    "all cases": "match a:\n    case 1: t = 1\n    case _: t = 2\ng(t)",
    "a pattern": "match a:\n    case [t, *u]: g(t, u)",
    "with": "with a as t: g(t)",
    "walrus": "if (t := a): g(t)",
    "and": "if a and (t := b): g(t)",
    "a comprehension's own": "g([t for t in ps if t])",
    "walrus in a comprehension": "g([t for p in ps if (t := p)])",
    "import": "import os.path\ng(os)",
    "a nested function": "def h(): return t\nt = 1\nh()",
    "a class": "class T(a): x = 1\ng(T)",
    "star": "x, *t = a\ng(t)",
    "handler's name": "try: h()\nexcept OSError as e: g(e)",
    "conditional expression": "g((t := 1) if a else (t := 2), t)",
}


def _function(body: str) -> ast.Module:
    return ast.parse("def main(ps, a, b, f, g, h):\n" + textwrap.indent(body, "    "))


@pytest.mark.parametrize(("before", "after"), ADDED.values(), ids=list(ADDED))
def test_added(before: str, after: str) -> None:
    assert newly_unbound(_function(before), _function(after))
    assert not newly_unbound(_function(after), _function(after)), "what was unbound before is not the fault of a fix"


@pytest.mark.parametrize("body", KEPT.values(), ids=list(KEPT))
def test_kept(body: str) -> None:
    assert not newly_unbound(_function("pass"), _function(body))


def test_a_module_is_looked_at_too() -> None:
    assert newly_unbound(ast.parse("t = 1\nprint(t)"), ast.parse("print(t)\nt = 1")) == ["t"]
    assert not newly_unbound(ast.parse(""), ast.parse("import os\ndef f(): return later\nlater = os.sep\nf()"))


def test_it_is_an_invariant_of_fixed_files() -> None:
    assert violations(b"t = 1\nprint(t)\n", b"print(t)\nt = 1\n") == ["t would be read before it is bound"]


@pytest.mark.parametrize("body", [
    "key, text = path.stem, path.read_text()\n        found[key] = text",
    "pair = path.stem, path.read_text()\n        found[pair[0]] = pair",
    "found[path] = path.stem, path.read_text()",
    "for word in path.stem, path.read_text():\n            print(word)",
    "pair = *path.parts, path.read_text()\n        found[pair[0]] = pair",
    "if (text := path.read_text()).strip():\n            print(text)",
    "if len(text := path.read_text()) > len(found):\n            print(text)",
    "print(text := path.read_text())",
    "print([text := path.read_text(), len(text)])",
])  # fmt: skip
def test_tuples_and_assignment_expressions(body: str) -> None:
    source = f"from pathlib import Path\ndef main(paths: list[Path]):\n    found = {{}}\n    for path in sorted(Path('.').glob('*')):\n        {body}\n    return found\n"
    fixed = fix(source.encode(), Config(), unsafe=True, runtime="par_lint.parallel")
    assert len(fixed.fixed) == 1
    assert not newly_unbound(ast.parse(source), ast.parse(fixed.source))
