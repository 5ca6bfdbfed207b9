"""Open files in moved code: which file's position a call changes, and whether its result reads the file later."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.effects.fresh_objects import FreshObjects
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.scopes import CallSite, Function
from par_lint.analysis.semantics.values import Named, Value
from par_lint.analysis.syntax.expression_names import root_name
from par_lint.core.catalog.entry import Trait
from par_lint.core.findings import Reason, ReasonKind
from par_lint.core.memo import memoized_for_last

_CONSUMING_BUILTINS = frozenset({"list", "tuple", "set", "frozenset", "sorted", "dict", "sum", "len", "any", "all", "max", "min", "next"})
_CONSUMING_METHODS = frozenset({"extend", "update", "join", "writerows", "writelines"})
"""Methods that consume their argument immediately."""


def shared_file_reason(call: cst.Call, name: str, local: FreshObjects, facts: Facts) -> Reason | None:
    """Return why other users of an open file may notice a catalogue call that reads it; None if they do not."""
    spelled = name.rpartition(".")[2]
    handle = _read_handle(call, name, facts)
    if handle is not None and not _is_own(handle, local):
        return ReasonKind.SHARED(f"`{spelled}()` moves on a file that was opened elsewhere")
    catalog = facts.resolver.catalog
    late = catalog.lazy_keyword(name)
    opens = catalog.has_trait(name, Trait.READS_LATER) or late is not None and any(_is_switched_on(arg, late) for arg in call.args)
    if opens and not _is_consumed_locally(call, facts, is_function=bool(local.given)):
        return ReasonKind.SHARED(f"what `{spelled}()` gives keeps its file open, and is read later")
    return None


def _is_switched_on(arg: cst.Arg, keyword: str) -> bool:
    is_off = isinstance(arg.value, cst.Name) and arg.value.value in ("False", "None")
    return arg.keyword is not None and arg.keyword.value == keyword and not is_off


def argument_file_reason(call: cst.Call, function: Function, local: FreshObjects, facts: Facts) -> Reason | None:
    """Return why others may notice what a function of the file does with the open files passed to it."""
    parameters = function.explicit_parameters
    read = _read_parameters(function, facts)
    for position, arg in enumerate(call.args if read else ()):
        name = arg.keyword.value if arg.keyword is not None else parameters[position] if position < len(parameters) else None
        if name in read and not _is_own(arg.value, local):
            return ReasonKind.SHARED(f"`{function.name}()` moves on a file that was opened elsewhere")
    return None


def mapped_file_reason(callee: Value, facts: Facts) -> Reason | None:
    """The same for a function that is called with one item, which was opened elsewhere."""
    match callee:
        case Function(name=name) if _read_parameters(callee, facts):
            pass
        case Named(name=name) if facts.resolver.catalog.has_trait(name, Trait.READS_HANDLE):
            pass
        case _:
            return None
    return ReasonKind.SHARED(f"`{name.rpartition('.')[2]}()` moves on a file that was opened elsewhere")


@memoized_for_last
def _read_parameters(function: Function, facts: Facts) -> set[str | None]:
    """Return the parameters of a function that are open files and that it reads."""
    if not function.parameters or not any(_may_read_handle(site, facts) for site in function.calls):
        return set()  # so that few functions are parsed for it
    node = facts.body(function)
    calls = (inner for inner in facts.own_descendants(node.body) if type(inner) is cst.Call) if node is not None else ()
    read = {root_name(handle) for call in calls if (entry := facts.entry(call)) and (handle := _read_handle(call, entry.name, facts)) is not None}
    return read & set(function.parameters)


def _may_read_handle(site: CallSite, facts: Facts) -> bool:
    """Whether a call of the file moves the position of an open file, its receiver or its first argument."""
    entry = facts.resolver.entry(site)
    return entry is not None and (entry.name.startswith("io.File.") or facts.resolver.catalog.has_trait(entry.name, Trait.READS_HANDLE))


def _read_handle(call: cst.Call, name: str, facts: Facts) -> cst.BaseExpression | None:
    """Return the open file whose position a call moves: its receiver, or its first argument."""
    if name.startswith("io.File.") and isinstance(call.func, cst.Attribute):
        return call.func.value
    return call.args[0].value if call.args and facts.resolver.catalog.has_trait(name, Trait.READS_HANDLE) else None


def _is_own(handle: cst.BaseExpression, local: FreshObjects) -> bool:
    """Whether code opened a file itself: other code can observe the position of any other file. The arguments of a function are
    judged at its calls."""
    root = root_name(handle)
    return root is None or root in local.fresh | local.unseen | local.given


def _is_consumed_locally(node: cst.CSTNode, facts: Facts, *, is_function: bool) -> bool:
    """Whether the value of an expression is consumed immediately, or inside its function."""
    above = facts.parent(node)
    match above:
        case cst.WithItem() | cst.Attribute():
            return True
        case cst.For(iter=iterable) | cst.CompFor(iter=iterable):
            return iterable is node
        case cst.Arg():
            call = facts.parent(above)
            match call:
                case cst.Call(func=cst.Name(value=taking)):
                    return taking in _CONSUMING_BUILTINS
                case cst.Call(func=cst.Attribute(attr=cst.Name(value=adding))):
                    return adding in _CONSUMING_METHODS
                case _:
                    return False
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]) if (around := facts.enclosing_function(above)) is not None:
            block = facts.parent(facts.parent(above) or above) or above
            is_read_here = isinstance(node, cst.Call) and facts.resolver.catalog.has_trait(facts.name(node) or "", Trait.READS_HANDLE) and len(facts.named_below(around, name)) == len(facts.named_below(block, name))
            if not is_function and not is_read_here:
                return False
            uses = [one for one in facts.named_below(around, name) if not isinstance(facts.parent(one), cst.AssignTarget)]
            return all(_is_consumed_locally(one, facts, is_function=False) for one in uses)
        case _:
            return False
