"""Replace a ThreadPoolExecutor by a ProcessPoolExecutor, or return why that cannot be done automatically."""

from __future__ import annotations

import ast

import libcst as cst

from par_lint.analysis.effects.side_effects import side_effects_of
from par_lint.analysis.facts import Facts
from par_lint.analysis.pools.worker_counts import Pool, Task
from par_lint.analysis.semantics.scopes import CallSite, Function
from par_lint.analysis.syntax.nodes import descend
from par_lint.analysis.verdict import Level
from par_lint.core.catalog.entry import Kind
from par_lint.core.findings import ReasonKind, Withheld
from par_lint.fixes.codegen.edit import Edit
from par_lint.fixes.codegen.import_placeholders import import_placeholder

_MODULE, _THREADS, _PROCESSES = "concurrent.futures", "ThreadPoolExecutor", "ProcessPoolExecutor"
_THREADS_ONLY = ("thread_name_prefix",)


def plan_processes(pool: Pool, facts: Facts) -> Edit | Withheld:
    """Return the edit that changes a pool to processes, with as many workers as cores."""
    line = facts.line(pool.call)
    if pool.is_runtime:
        return Withheld(ReasonKind.PERSON("pass an executor of processes to run_parallel"), line)
    if pool.maker != f"{_MODULE}.{_THREADS}":
        return Withheld(ReasonKind.FORM("only ThreadPoolExecutor has a process pool with the same interface"), line)
    obstacle = _tasks_obstacle(pool, facts) or _import_obstacle(pool, facts)
    if obstacle is not None:
        return obstacle
    if any(arg.keyword is not None and arg.keyword.value in _THREADS_ONLY for arg in pool.call.args):
        return Withheld(ReasonKind.PROCESSES("processes have no thread_name_prefix"), line)
    return _edit(pool.call, facts)


def _tasks_obstacle(pool: Pool, facts: Facts) -> Withheld | None:
    if any(task.kind is not Kind.CPU for task in pool.tasks):
        return Withheld(ReasonKind.PROCESSES("the pool also runs other work"), facts.line(pool.call))
    return next((found for task in pool.tasks if (found := _task_obstacle(task, facts)) is not None), None)


def _task_obstacle(task: Task, facts: Facts) -> Withheld | None:
    line = facts.line(task.call)
    if isinstance(task.func, cst.Lambda):
        return Withheld(ReasonKind.PROCESSES("a lambda cannot be sent to a process"), line)
    function = facts.refers_to(task.func, task.call)
    if not isinstance(function, Function):
        return Withheld(ReasonKind.UNSEEN("the function for the processes is not defined in this file"), line)
    if function.owner is not None:
        return Withheld(ReasonKind.PROCESSES(f"`{function.name}()` is a method: its whole object would be sent to the process"), line)
    if function.parent is not facts.index.module:
        return Withheld(ReasonKind.PROCESSES(f"`{function.name}()` is a nested function, which cannot be sent to a process"), line)
    verdict = side_effects_of(facts).function(function)
    if verdict.level > Level.PURE and verdict.reason is not None:
        return Withheld(ReasonKind.PROCESSES(f"processes share nothing, and {verdict.reason}"), facts.line(verdict.node) if verdict.node is not None else line)
    return None


def _import_obstacle(pool: Pool, facts: Facts) -> Withheld | None:
    """Return the reason if importing the file would start the pool: each process imports the file again."""
    around = facts.enclosing_function(pool.call)
    function = facts.function(around) if around is not None else None
    if function is None or function in _functions_called_on_import(facts):
        if not _is_guarded(facts.line(pool.call), facts):
            return Withheld(ReasonKind.PROCESSES("importing the file starts the pool: put it under if __name__ == '__main__'"), facts.line(pool.call))
    return None


def _functions_called_on_import(facts: Facts) -> set[Function]:
    """Return the functions that are called when the file is imported."""
    pending = [site for site in facts.index.calls if not isinstance(site.scope, Function) and not _is_guarded(site.node.lineno, facts)]
    found: set[Function] = set()
    while pending:
        callee = facts.resolver.callee(pending.pop())
        if isinstance(callee, Function) and callee not in found:
            found.add(callee)
            more: list[CallSite] = callee.calls
            pending += more
    return found


def _is_guarded(line: int, facts: Facts) -> bool:
    for statement in facts.index.tree.body:
        match statement:
            case ast.If(test=ast.Compare(left=ast.Name("__name__")), body=body) if body[0].lineno <= line <= (body[-1].end_lineno or line):
                return True
            case _:
                pass
    return False


def _edit(call: cst.Call, facts: Facts) -> Edit:
    args = [arg for position, arg in enumerate(call.args) if not _is_size(arg, position)]
    if args:
        args[-1] = args[-1].with_changes(comma=call.args[-1].comma)
    if isinstance(call.func, cst.Attribute):
        return Edit(((call, call.with_changes(func=call.func.with_changes(attr=cst.Name(_PROCESSES)), args=args)),))
    new = call.with_changes(func=cst.Name(_PROCESSES), args=args)
    alias = _only_for(call, facts)
    if alias is not None:
        return Edit(((call, new), (alias, alias.with_changes(name=cst.Name(_PROCESSES)))))
    return Edit(((call, new.with_changes(func=cst.Name(import_placeholder(_PROCESSES)))),), ((_MODULE, _PROCESSES),))


def _is_size(arg: cst.Arg, position: int) -> bool:
    return arg.keyword.value == "max_workers" if arg.keyword is not None else position == 0 and not arg.star


def _only_for(call: cst.Call, facts: Facts) -> cst.ImportAlias | None:
    """Return the import of ThreadPoolExecutor if nothing else in the file uses it and nothing else has the new name."""
    aliases = []
    uses = 0
    for node in descend(facts.module, into_functions=True):
        match node:
            case cst.ImportAlias(name=cst.Name(value=name), asname=None) if name == _THREADS:
                aliases.append(node)
            case cst.Name(value=name) if name in (_THREADS, _PROCESSES) and not isinstance(facts.parent(node), cst.Attribute):
                if name == _PROCESSES:
                    return None
                uses += 1
            case cst.SimpleString(value=text) if _THREADS in text:
                return None
            case _:
                pass
    return aliases[0] if len(aliases) == 1 and uses == 2 and isinstance(call.func, cst.Name) else None  # its import and the call
