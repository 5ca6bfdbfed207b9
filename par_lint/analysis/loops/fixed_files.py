"""Reason to exclude a loop: its commands write a file whose name is the same in each iteration, such as `-o a.wasm`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import loop_node, reached_calls
from par_lint.analysis.loops.same_target_writes import last_component, varying_names_at
from par_lint.analysis.loops.slower_by_name import entry_by_name
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Scope
from par_lint.core.catalog.entry import Kind

_HOLE = "\0"  # a part that may be another one in each iteration, or is not known
_FILE = re.compile(r"(?:[\w.-]*/)*[\w-][\w.-]*\.[A-Za-z]\w{0,6}|\x01\w+\x01")
_PLAIN = re.compile(r"(?:[\w.-]*/)*[A-Za-z][\w.-]*")
_OUTPUT = re.compile(r"-o|--out(put)?([-_]file(name)?)?")
_REDIRECTED = re.compile(r"(?:[1&]?>>?|--out(?:put)?(?:[-_]file(?:name)?)?=)(?!&)(.*)")
_NOWHERE = re.compile(r"/dev/|nul$", re.IGNORECASE)
_PLACED = frozenset({"cwd", "chdir", "dir"})
"""Keywords with which a command runs in a folder of its own."""
_MOST_VALUES = 4
_Words = list[str]


def fixed_file(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A command of each iteration writes a file of a constant name, which the next iteration would write as well."""
    reached = reached_calls(site, facts)
    commands = {call: _words(call.node.args[0], call.scope, _bound_to_one(site, call, facts)) for call in reached if call.node.args and _runs_command(call, facts)}
    for call in commands:
        varying = varying_names_at(call, site, facts)
        if mentioned_names(call.node.args[0]).isdisjoint(varying) and [one.arg for one in call.node.keywords if not mentioned_names(one.value).isdisjoint(varying)] == ["env"]:
            return Exclusion("all iterations run one command in one folder", facts.call_node(call.node) or site.node, call.node.lineno)
    commands = {call: words for call, words in commands.items() if not any(one.arg in _PLACED for one in call.node.keywords)}
    for call, words in commands.items():
        others = [its for one, its in commands.items() if one is not call and one.scope is call.scope]
        if any(_HOLE in word for word in words) and (_writes_constant(words) or _is_passed_on(words, others, call, reached)):
            return Exclusion("all iterations write to one file", facts.call_node(call.node) or site.node, call.node.lineno)
    return None


def _runs_command(call: CallSite, facts: Facts) -> bool:
    """Whether a call runs the command that is its first argument, as the catalogue or its name says."""
    entry = facts.project.entry(call) or entry_by_name(call, facts)
    return call.name == "Popen" or entry is not None and entry.kind is Kind.SUBPROCESS and not entry.name.startswith("subprocess.Popen.")


def _writes_constant(words: Sequence[str]) -> bool:
    """Whether the output of a command goes to a file of a constant name: `-o a.wasm`, `> result`."""
    for word, following in zip(words, [*words[1:], ""]):
        if _OUTPUT.fullmatch(word) and _FILE.fullmatch(following):
            return True
        redirected = _REDIRECTED.fullmatch(word)
        if redirected is not None and _PLAIN.fullmatch(redirected[1] or following) and not _NOWHERE.match(redirected[1] or following):
            return True
    return False


def _is_passed_on(words: Sequence[str], others: Sequence[_Words], call: CallSite, reached: Sequence[CallSite]) -> bool:
    """Whether the last word of a command is a file that it makes: a later command has it among its words, or the code reads it."""
    last = words[-1]
    if _HOLE in last or last.startswith("-"):
        return False
    if "\x01" in last:  # a name of the body that stands for one place
        return any(last in its for its in others)
    later = [its for its in others if its is not words]
    is_given = _PLAIN.fullmatch(last) is not None and any(last in its[1:-1] and _HOLE in "".join(its) for its in later)
    return is_given or _FILE.fullmatch(last) is not None and any(_opens(one, last) for one in reached if one.scope is call.scope and one.node.lineno > call.node.lineno)


def _opens(call: CallSite, name: str) -> bool:
    """Whether a call opens, or takes away, the file of a constant name."""
    first = call.node.args[0] if call.node.args else None
    return last_name(call.node.func) in _OPENING and isinstance(first, ast.Constant) and first.value == name


_OPENING = frozenset({"open", "Path", "remove", "unlink", "rename", "move", "replace", "copy", "copyfile", "copy2", "getsize"})


def _bound_to_one(site: LoopSite, call: CallSite, facts: Facts) -> Mapping[str, str]:
    """Return the names that the body of the loop, or the function of a call, binds to one place in all iterations: `target = folder + "/final.fst"`."""
    node = loop_node(site, facts)
    if call.scope is not facts.scope(site.node) or not isinstance(node, (ast.For, ast.AsyncFor)):
        return {}
    varying = varying_names_at(call, site, facts)
    found: dict[str, str] = {}
    for inner in walk(*node.body):
        match inner:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if len(call.scope.bindings.get(name, ())) == 1 and mentioned_names(value).isdisjoint(varying):
                last = last_component(value)
                if last is not value and isinstance(last, ast.Constant) and isinstance(last.value, str) and "." in last.value.rpartition("/")[2].strip("."):
                    found[name] = f"\x01{name}\x01"
            case _:
                pass
    return found


def _words(node: ast.expr, scope: Scope, fixed: Mapping[str, str], depth: int = 4) -> _Words:
    """Return the words of a command, with a mark for each part that is not constant."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [word for part in parts for word in ([_HOLE] if isinstance(part, ast.Starred) else [_text(part, scope, fixed, depth)])]
        case ast.BinOp(left=left, op=ast.Add(), right=right) if not _is_text(left) and not _is_text(right):
            return [*_words(left, scope, fixed, depth), *_words(right, scope, fixed, depth)]
        case ast.Name(id=name) if depth and name not in fixed:
            values = list(_values(name, scope))
            return [word for value in values for word in _words(value, scope, fixed, depth - 1)] if 0 < len(values) <= _MOST_VALUES else [_HOLE]
        case ast.Call(func=ast.Attribute(attr="split"), args=[inner, *_]) | ast.Call(func=ast.Attribute(value=ast.Constant(value=" "), attr="join"), args=[inner]):
            return _words(inner, scope, fixed, depth)
        case ast.Call(func=ast.Attribute(value=inner, attr="split"), args=[]):
            return _words(inner, scope, fixed, depth)
        case _:
            return _text(node, scope, fixed, depth).split()


def _is_text(node: ast.expr) -> bool:
    match node:
        case ast.Constant() | ast.JoinedStr():
            return True
        case ast.BinOp(left=left, right=right):
            return _is_text(left) or _is_text(right)
        case _:
            return False


def _values(name: str, scope: Scope) -> Iterator[ast.expr]:
    """Yield all that a scope binds a name to, or adds to it."""
    for binder in scope.binders:
        match binder:
            case ast.Assign(targets=[ast.Name(id=its)], value=value) | ast.AugAssign(target=ast.Name(id=its), value=value) if its == name:
                yield value
            case _:
                pass


def _text(node: ast.expr, scope: Scope, fixed: Mapping[str, str], depth: int) -> str:
    """Return the text of an expression, with a mark for each part that is not constant."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=int(number)):
            return str(number)
        case ast.JoinedStr(values=values):
            return "".join(_text(value.value if isinstance(value, ast.FormattedValue) else value, scope, fixed, depth) for value in values)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left, scope, fixed, depth) + _text(right, scope, fixed, depth)
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod()):
            return re.sub(r"%(\(\w+\))?[-\d.]*[a-z]", _HOLE, text)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format")):
            return re.sub(r"\{[^}]*\}", _HOLE, text)
        case ast.Name(id=name):
            return fixed.get(name, _HOLE)
        case _:
            return _HOLE
