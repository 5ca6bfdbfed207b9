"""Statements that use what a `with` opens, and blocks on the line of their header."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

import libcst as cst

from par_lint.analysis.effects.closed_file_data import is_data
from par_lint.analysis.effects.instance_creation import returns_new_object
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.values import Object
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.analysis.syntax.nodes import children, descend
from par_lint.analysis.variables.liveness import is_read_after_error
from par_lint.core.memo import memoized_for_last

_PRIVATE = frozenset({"list", "set", "dict", "collections.Counter", "collections.deque", "collections.defaultdict"})
_ADDING = frozenset({"extend", "update", "append", "add", "setdefault", "appendleft", "extendleft"})


@memoized_for_last
def lines_of(suite: cst.SimpleStatementSuite, facts: Facts) -> list[cst.BaseStatement]:
    """Return the statements of a block on the line of its header, each on its own line; the same nodes on every call."""
    lines = [cst.SimpleStatementLine([small.with_changes(semicolon=cst.MaybeSentinel.DEFAULT) if _ends_in_semicolon(small) else small]) for small in suite.body]
    return [*lines[:-1], lines[-1].with_changes(trailing_whitespace=suite.trailing_whitespace)]


def _ends_in_semicolon(small: cst.BaseSmallStatement) -> bool:
    return isinstance(small.semicolon, cst.Semicolon)


def holds(node: cst.CSTNode, calls: Collection[cst.Call], facts: Facts) -> bool:
    """Return whether a node contains one of some calls."""
    reach = facts.tree.reach(node)
    if reach:
        return any(facts.tree.number(call) in reach for call in calls)
    return any(type(inner) is cst.Call and inner in calls for inner in descend(node, into_functions=True))


def mentions(node: cst.CSTNode, names: set[str]) -> bool:
    """Return whether a node mentions one of some names."""
    return any(type(inner) is cst.Name and inner.value in names for inner in descend(node, into_functions=True))


def mentions_outside(root: cst.CSTNode, value: cst.CSTNode, names: set[str]) -> bool:
    """Return whether a node mentions one of some names outside one of its parts."""
    inside = set(descend(value, into_functions=True))
    return any(isinstance(node, cst.Name) and node.value in names and node not in inside for node in descend(root, into_functions=True))


def movable_choices(handles: set[str], holder: cst.CSTNode, calls: set[cst.Call]) -> list[Callable[[cst.CSTNode], bool]]:
    """Return choices of what to move from a statement: its I/O and the calls that get a handle, else everything that mentions a handle."""
    direct = {node for node in descend(holder, into_functions=True) if isinstance(node, cst.Call) and _is_given(node, handles)}
    choices: list[Callable[[cst.CSTNode], bool]] = [lambda node: node in calls or node in direct] if direct else []
    return [*choices, lambda node: node in calls or isinstance(node, cst.Name) and node.value in handles]


def _is_given(call: cst.Call, handles: set[str]) -> bool:
    """Whether a call has a handle as its receiver or as an argument."""
    parts = [arg.value for arg in call.args] + ([call.func.value] if isinstance(call.func, cst.Attribute) else [])
    return any(isinstance(part, cst.Name) and part.value in handles for part in parts)


def suppressing_items(node: cst.With, facts: Facts) -> list[cst.WithItem]:
    """Return the first items of a `with` that suppress errors, `contextlib.suppress(OSError)`."""
    found: list[cst.WithItem] = []
    for item in node.items:
        call = item.item
        if not isinstance(call, cst.Call) or facts.name(call) != "contextlib.suppress" or item.asname is not None or any(arg.star for arg in call.args):
            break
        found.append(item)
    return found


def without_items(node: cst.With, items: list[cst.WithItem]) -> cst.With:
    """Return a `with` statement without its first items."""
    return node.with_changes(items=node.items[len(items):])


def with_only_items(node: cst.With, items: Sequence[cst.WithItem], body: Sequence[cst.BaseStatement]) -> cst.With:
    """Return a `with` statement with only its first items, around other statements."""
    header = node.body.header if isinstance(node.body, cst.IndentedBlock) else cst.TrailingWhitespace()
    last = items[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return node.with_changes(items=[*items[:-1], last], body=cst.IndentedBlock(body=body, header=header))


def is_closing_try(node: cst.Try) -> bool:
    """Return whether a `try` only closes what it uses: `try: text = file.read() finally: file.close()`."""
    if node.handlers or node.orelse is not None or node.finalbody is None:
        return False
    smalls = [small for line in node.finalbody.body.body for small in (line.body if isinstance(line, cst.SimpleStatementLine) else [line])]
    return all(isinstance(one, cst.Expr) and isinstance(one.value, cst.Call) and _closes(one.value) for one in smalls)


def handles_of(node: cst.With | cst.Try) -> set[str]:
    """Return the names that a with block opens, or that a `try` closes at its end."""
    if isinstance(node, cst.With):
        return {name for item in node.items if item.asname is not None for name in bound_names(item.asname.name)}
    closing = descend(node.finalbody.body) if node.finalbody is not None else ()
    return {inner.func.value.value for inner in closing if isinstance(inner, cst.Call) and isinstance(inner.func, cst.Attribute) and isinstance(inner.func.value, cst.Name)}


def _closes(call: cst.Call) -> bool:
    match call:
        case cst.Call(func=cst.Attribute(value=cst.Name(), attr=cst.Name("close")), args=[]):
            return True
        case _:
            return False


def collected(root: cst.CSTNode, handles: set[str], loop: cst.For, facts: Facts) -> cst.BaseExpression | None:
    """Return the iterable over an open file whose items a statement adds to its own list, `rows.extend(csv.DictReader(file))`."""
    match root:
        case cst.Expr(value=cst.Call(func=cst.Attribute(value=cst.Name() as owner, attr=cst.Name("extend")), args=[cst.Arg(value=value, keyword=None, star="")])):
            is_wanted = mentions(value, handles) and not is_data(value, handles, facts) and is_local_collection(owner, loop, facts)
            return value if is_wanted else None
        case _:
            return None


def filled_collection(part: cst.CSTNode, loop: cst.For, facts: Facts) -> list[cst.BaseExpression] | None:
    """Return the default in `groups.setdefault(key, [])`, if nothing can observe whether it was added before an error of the iteration."""
    match part:
        case cst.Attribute(value=cst.Call(func=cst.Attribute(value=cst.Name() as owner, attr=cst.Name("setdefault")), args=args)):
            given = [arg.value for arg in args]
            return given if is_local_collection(owner, loop, facts) and not _is_caught_inside(part, loop, facts) else None
        case _:
            return None


def _is_caught_inside(node: cst.CSTNode, loop: cst.For, facts: Facts) -> bool:
    """Whether an error may be caught before it leaves the loop: a with statement is known to let it out only where it opens a file."""
    above = facts.parent(node)
    while above is not None and above is not loop:
        if isinstance(above, (cst.Try, cst.TryStar)):
            return True
        if isinstance(above, cst.With) and not all(isinstance(item.item, cst.Call) and facts.result_type(item.item) == "io.File" for item in above.items):
            return True
        above = facts.parent(above)
    return False


_DISPLAYS = (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp, cst.SetComp)


def is_local_collection(owner: cst.Name, loop: cst.For, facts: Facts) -> bool:
    """Whether a name stands for a collection that its function has made for itself, only fills, and leaves behind when the loop fails."""
    around = facts.enclosing_function(loop)
    shown = facts.refers_to(owner, owner)
    if around is None or not isinstance(shown, Object) or shown.type not in _PRIVATE or is_read_after_error(owner.value, loop, facts):
        return False
    uses = facts.named_below(around, owner.value)
    targets = [node for node in uses if isinstance(facts.parent(node), (cst.AssignTarget, cst.AnnAssign)) and not facts.tree.holds(loop, node)]
    return bool(targets) and all(_makes_new(node, facts) for node in targets) and all(_is_filled_or_later(node, loop, facts) for node in uses)


def _makes_new(target: cst.Name, facts: Facts) -> bool:
    """Whether an assignment gives a name a collection that nobody else holds."""
    above = facts.parent(target)
    match above if isinstance(above, cst.AnnAssign) else facts.parent(above or target):
        case cst.Assign(value=value) | cst.AnnAssign(value=value):
            return isinstance(value, _DISPLAYS) or isinstance(value, cst.Call) and returns_new_object(value, facts)
        case _:
            return False


def _is_filled_or_later(node: cst.Name, loop: cst.For, facts: Facts) -> bool:
    """Whether a name is bound, added to or read by a key there, or occurs after the loop."""
    above = facts.parent(node)
    if facts.tree.number(node) >= facts.tree.reach(loop).stop:
        return True
    match above:
        case cst.AnnAssign():
            return not facts.tree.holds(loop, node)
        case cst.AssignTarget():
            assign = facts.parent(above)
            return isinstance(assign, cst.Assign) and len(assign.targets) == 1 and not facts.tree.holds(loop, node)
        case cst.Attribute(value=value, attr=cst.Name(value=method)):
            return value is not node or method in _ADDING and isinstance(facts.parent(above), cst.Call)
        case cst.Subscript(value=value):
            return value is node and facts.tree.holds(loop, node)
        case cst.Arg(keyword=label):
            return label is node
        case _:
            return False


def parts_beside(holder: cst.BaseStatement, root: cst.CSTNode) -> list[cst.CSTNode]:
    """The parts of a statement that are evaluated beside the one that holds the value: what is bound, and the blocks."""
    if isinstance(root, (cst.Assign, cst.AnnAssign)):
        return list(_targets(root))
    return [part for part in children(holder) if part is not root]


def _targets(node: cst.Assign | cst.AnnAssign) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.Assign):
        yield from (target.target for target in node.targets)
    else:
        yield node.target


def is_bound_by_inner_with(name: str, use: cst.Name, facts: Facts) -> bool:
    """Return whether a use of a name is that of a `with` block around it, which binds it itself: `with open(path, "w") as file: file.write(text)`."""
    below: cst.CSTNode = use
    above = facts.parent(use)
    while above is not None and not isinstance(above, cst.FunctionDef):
        if isinstance(above, cst.With) and (below is above.body or isinstance(below, cst.WithItem)):
            given = [item.asname for item in above.items if item.asname is not None and name in bound_names(item.asname.name)]
            if given and (below is above.body or any(facts.tree.holds(one, use) for one in given)):
                return True
        below, above = above, facts.parent(above)
    return False
