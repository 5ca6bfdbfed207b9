"""Reasons to exclude a loop: it runs commands from a configuration in their given order; their effects are unknown."""

from __future__ import annotations

import ast

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import loop_record, reached_calls
from par_lint.analysis.loops.same_target_writes import with_names_inlined
from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names as standard_names
from par_lint.analysis.semantics.dataflow.dotted_names import dotted as standard_dotted
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Function, Loop, Scope
from par_lint.core.catalog.entry import Kind


def user_commands(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The items are whole commands from elsewhere: their effects are unknown, so they run in the given order."""
    loop = loop_record(site, facts)
    if loop is None or not isinstance(loop.node, (ast.For, ast.ListComp)):
        return None
    target = loop.node.target if isinstance(loop.node, ast.For) else loop.node.generators[0].target
    items = set(standard_names(target))
    for work in site.io_calls:
        call = facts.site(work.call) if work.direct and work.entry.name.startswith(_RUNNERS) and work.entry.kind is Kind.SUBPROCESS else None
        if call is not None and _is_for_shell(call.node) and call.node.args and _is_of_template(call.node.args[0], loop, call.scope):
            return Exclusion("its commands are made of what a user configures", work.call)
        if call is not None and call.node.args and _is_given_whole(call.node.args[0], call.scope):
            return Exclusion("its commands are made of what a user configures", work.call)
        if call is None or not call.node.args or not _is_whole_command(call.node.args[0], items, call.scope):
            continue
        is_in_sequence = bool(words(last_name(_iterable(loop))) & _IN_SEQUENCE)
        if is_in_sequence or (_is_for_shell(call.node) or _is_configured(loop, facts)) and not _is_built_here(loop, facts):
            return Exclusion("the items are commands, which run in their order", work.call)
    own = {id(call.node) for call in loop.calls}
    for reached in reached_calls(site, facts):
        if id(reached.node) not in own and reached.node.args and _is_shell(reached, facts) and _is_of_settings(reached.node.args[0], reached.scope):
            return Exclusion("it also runs commands that a user configures", facts.call_node(reached.node) or site.node)
    return None


def _is_shell(call: CallSite, facts: Facts) -> bool:
    """Whether a call gives a text to a shell, judged by the catalogue, or by the name of an unresolved call."""
    callee = facts.resolver.callee(call)
    if isinstance(callee, Function):
        return False
    entry = facts.resolver.entry(call)
    if entry is not None:
        return entry.kind is Kind.SUBPROCESS and (entry.name in _SHELLS or _is_for_shell(call.node))
    said = words(call.name)
    return bool(said & {"shellrun", "runshell", "shellexec", "execshell"} or "shell" in said and said & {"run", "exec", "execute", "call"})


_SHELLS = frozenset({"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell"})


def _is_of_settings(command: ast.expr, scope: Scope) -> bool:
    """Whether a whole command is an element of something else, and not made of parts here: `settings[name]`, `hook.command`."""
    if isinstance(command, ast.Name):
        found = scope.find(command.id)
        values = [binding.value if isinstance(binding, Assigned) else None for binding in found[1]] if found is not None else []
        command = values[0] if len(values) == 1 and values[0] is not None else command
    match command:
        case ast.Subscript(slice=ast.Slice()):
            return False
        case ast.Subscript() | ast.Call(func=ast.Attribute(attr="get"), args=[_, *_]):
            return True
        case ast.Attribute(attr=name):
            return bool(words(name) & _COMMANDS)
        case _:
            return False


_COMMANDS = frozenset({"command", "cmd", "hook", "script", "action", "shell"})

_RUNNERS = ("subprocess.", "os.", "asyncio.", "untyped.Subprocess.", "invoke.", "pexpect.", "delegator.")
"""The beginnings of the names of calls that run the command which they are given."""
_IN_SEQUENCE = frozenset({"install", "installation", "setup", "bootstrap", "init", "steps", "sequence", "migration", "migrations", "pipeline", "stages", "teardown"})
"""Words in names of collections whose commands depend on earlier ones."""


def _is_given_whole(command: ast.expr, scope: Scope, depth: int = 3) -> bool:
    """Whether the program of a command comes from elsewhere: from the words after a script's own arguments, or a text that is split."""
    match command:
        case ast.Name(id=name) if depth:
            found = scope.find(name)
            values = [one.value for one in found[1] if isinstance(one, Assigned) and one.value is not None] if found is not None else []
            return found is not None and len(values) == len(found[1]) == 1 and _is_given_whole(values[0], scope, depth - 1)
        case ast.BinOp(left=left, op=ast.Add()):
            return _is_given_whole(left, scope, depth)
        case ast.List(elts=[ast.Starred(value=first), *_]):
            return _is_given_whole(first, scope, depth)
        case ast.ListComp(generators=[ast.comprehension(iter=iterable)]):
            return _is_given_whole(iterable, scope, depth)
        case ast.Subscript(value=ast.Attribute(value=ast.Name("sys"), attr="argv"), slice=ast.Slice()):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Name("shlex"), attr="split"), args=[text, *_]):
            return not any(isinstance(node, (ast.JoinedStr, ast.Constant)) and not isinstance(getattr(node, "value", ""), int) for node in walk(with_names_inlined(text, scope)))
        case _:
            return False


def _iterable(loop: Loop) -> ast.expr:
    return loop.node.iter if isinstance(loop.node, ast.For) else loop.node.generators[0].iter  # type: ignore[union-attr]


def _is_of_template(command: ast.expr, loop: Loop, scope: Scope) -> bool:
    """Whether a command is derived from an item of `templates`, or of another collection that users configure, in this loop or in an inner one."""
    if isinstance(command, ast.Name):
        found = scope.bindings.get(command.id, ())
        values = [binding.value for binding in found if isinstance(binding, Assigned) and binding.value is not None]
        command = values[0] if len(found) == len(values) == 1 else command
    for node in walk(loop.node):
        if isinstance(node, ast.For) and words(last_name(node.iter)) & _TEMPLATES and not mentioned_names(command).isdisjoint(standard_names(node.target)):
            return True
    return False


_TEMPLATES = frozenset({"templates", "hooks", "scripts", "cmds", "actions"})


def _is_for_shell(call: ast.Call) -> bool:
    return any(keyword.arg == "shell" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True for keyword in call.keywords)


def _is_configured(loop: Loop, facts: Facts) -> bool:
    """Whether the iterable of a loop is a part of a larger object, such as settings or the contents of a file."""
    node = _iterable(loop)
    for _ in range(3):
        match node:
            case ast.Call(func=ast.Attribute(attr="get" | "items" | "values")) | ast.Subscript():
                return True
            case ast.Attribute(attr=name):
                return bool(words(name) & _CONFIGURED)
            case ast.Name(id=name):
                found = loop.scope.find(name)
                values = [one.value for one in found[1] if isinstance(one, Assigned) and one.value is not None] if found is not None else []
                if len(values) != 1:
                    return bool(words(name) & _CONFIGURED - {"commands"})
                node = values[0]
            case _:
                return False
    return False


_CONFIGURED = frozenset({"hooks", "scripts", "commands", "script", "hook", "setup", "plugins", "tasks"})


def _is_whole_command(node: ast.expr, items: set[str], scope: Scope, depth: int = 2) -> bool:
    """Whether a command is an item or a part of one: `hook`, `hook["run"]`, `shlex.split(hook.command)`."""
    match node:
        case ast.Name(id=name) if name in items:
            return True
        case ast.Name(id=name) if depth:
            found = scope.find(name)
            values = [binding.value for binding in found[1] if isinstance(binding, Assigned) and binding.value is not None] if found is not None else []
            return len(values) == 1 and _is_whole_command(values[0], items, scope, depth - 1)
        case ast.Attribute(value=value) | ast.Subscript(value=value):
            return _is_whole_command(value, items, scope, 0)
        case ast.Call(func=ast.Attribute(value=ast.Name("shlex"), attr="split"), args=[value, *_]):
            return _is_whole_command(value, items, scope, depth)
        case ast.Call(func=ast.Attribute(value=value, attr="get" | "split" | "strip" | "format")):
            return _is_whole_command(value, items, scope, 0)
        case _:
            return False


def _is_built_here(loop: Loop, facts: Facts) -> bool:
    """Whether the file creates the list of commands itself, from displays or strings."""
    iterable = _iterable(loop)
    if isinstance(iterable, (ast.List, ast.Tuple)):
        return True
    if isinstance(iterable, ast.Call) and isinstance(iterable.func, ast.Attribute) and iterable.func.attr in ("items", "values") and not iterable.args:
        iterable = iterable.func.value
    if not isinstance(iterable, ast.Name):
        return False
    name = iterable.id
    if any(_stores(node, name) for node in walk(loop.scope.node)):
        return True
    found = loop.scope.find(name)
    values = [binding.value for binding in found[1] if isinstance(binding, Assigned) and binding.value is not None] if found is not None else []
    if any(isinstance(value, (ast.List, ast.Tuple)) and value.elts or isinstance(value, ast.ListComp) and _is_display(value.elt) for value in values):
        return True
    added = [call.node for call in loop.scope.calls if call.name == "append" and standard_dotted(call.node.func) == f"{name}.append"]
    return any(call.args and _is_display(call.args[0]) for call in added)


def _stores(node: ast.AST, name: str) -> bool:
    """`commands[key] = ["tool", key]`."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=container))], value=value):
            return container == name and _is_display(value)
        case _:
            return False


def _is_display(node: ast.expr) -> bool:
    return isinstance(node, (ast.List, ast.Tuple, ast.JoinedStr, ast.BinOp)) or isinstance(node, ast.Constant)
