"""Where a new import goes, and the name under which it can be used.

LibCST's own AddImportsVisitor is not used: it breaks a docstring that shares its line, ignores an existing alias, and does not notice
a later binding of the name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.syntax.expression_names import dotted
from par_lint.analysis.syntax.nodes import descend

_SHORT = 79
"""The length of a line that every project takes."""


@dataclass(frozen=True)
class ImportPlan:
    """The name that replacements use, and the change of the module that binds it."""

    local_name: str
    apply: Callable[[cst.Module], cst.Module]


def plan_import(module: cst.Module, source: str, name: str, own: frozenset[str] = frozenset()) -> ImportPlan:
    """Plan `from source import name` at the top level of a module, or reuse an import; `import source` if the name is empty.

    `own` are the top-level packages of the project: their imports are a group after those of other packages.
    """
    if not name:
        return ImportPlan(name, lambda changed: _add(changed, source, name, name, own))
    existing = _existing(module, source, name)
    if existing is not None:
        return ImportPlan(existing, lambda changed: changed)
    is_taken = _has_star(module) or any(isinstance(node, cst.Name) and node.value == name for node in descend(module, into_functions=True))
    local = f"par_lint_{name}" if is_taken else name
    return ImportPlan(local, lambda changed: _add(changed, source, name, local, own))


def _has_star(module: cst.Module) -> bool:
    """Return whether a module imports `*` from another module outside the standard library."""
    for statement in module.body:
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.ImportFrom) and isinstance(small.names, cst.ImportStar) and _family_of(_module_name(small)):
                return True
    return False


def _existing(module: cst.Module, source: str, name: str) -> str | None:
    """Return the name of an existing top-level import that is not bound again anywhere."""
    for statement in _before_definitions(module.body):
        for small in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.ImportFrom) and _module_name(small) == source and not isinstance(small.names, cst.ImportStar):
                for alias in small.names:
                    if isinstance(alias.name, cst.Name) and alias.name.value == name:
                        local = alias.asname.name.value if alias.asname is not None and isinstance(alias.asname.name, cst.Name) else name
                        return local if _bindings(module, local) == 1 else None
    return None


def _before_definitions(body: Sequence[cst.BaseStatement]) -> Sequence[cst.BaseStatement]:
    """Return the statements of a module before its first function, class or loop: later imports may come after a call of the fixed code."""
    place = next((number for number, one in enumerate(body) if isinstance(one, (cst.FunctionDef, cst.ClassDef, cst.For, cst.While))), len(body))
    return body[:place]


def _bindings(module: cst.Module, name: str) -> int:
    """Return how often a module binds a name, anywhere."""
    count = 0
    for node in descend(module, into_functions=True):
        match node:
            case cst.ImportAlias(asname=cst.AsName(name=cst.Name(value=bound))) | cst.ImportAlias(asname=None, name=cst.Name(value=bound)):
                count += bound == name
            case cst.AssignTarget(target=cst.Name(value=bound)) | cst.FunctionDef(name=cst.Name(value=bound)) | cst.Param(name=cst.Name(value=bound)):
                count += bound == name
            case cst.ClassDef(name=cst.Name(value=bound)) | cst.For(target=cst.Name(value=bound)) | cst.AnnAssign(target=cst.Name(value=bound)):
                count += bound == name
            case _:
                pass
    return count


def _module_name(node: cst.ImportFrom) -> str:
    return "." * len(node.relative) + (dotted(node.module) or "")


def _line(source: str, name: str, local: str) -> cst.Import | cst.ImportFrom:
    if not name:
        return cst.Import([cst.ImportAlias(cst.Name(source))])
    dots = len(source) - len(source.lstrip("."))
    alias = cst.ImportAlias(cst.Name(name), asname=cst.AsName(cst.Name(local)) if local != name else None)
    path = cst.parse_expression(source[dots:]) if source[dots:] else None
    assert path is None or isinstance(path, (cst.Name, cst.Attribute))
    return cst.ImportFrom(path, [alias], relative=[cst.Dot()] * dots)


def _add(module: cst.Module, source: str, name: str, local: str, own: frozenset[str]) -> cst.Module:
    widened = _widened(module, source, name) if name and name == local else None
    if widened is not None:
        return widened
    line = cst.SimpleStatementLine([_line(source, name, local)])
    body = list(module.body)
    position = _position(body, source, own, is_plain=not name)
    if _is_first_of_group(body, position, source, own):
        follower = body[position]
        lines = list(follower.leading_lines)
        blanks = next((number for number, one in enumerate(lines) if one.comment is not None), len(lines))
        line = line.with_changes(leading_lines=lines[:blanks])
        body[position] = follower.with_changes(leading_lines=lines[blanks:])
    elif position < len(body) and not _is_import(body[position]) and (position == 0 or not _is_import(body[position - 1])):
        follower = body[position]
        lines = list(follower.leading_lines)
        if position > 0:
            line = line.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        blanks = 2 if isinstance(follower, (cst.FunctionDef, cst.ClassDef)) else 1
        missing = blanks - next((number for number, one in enumerate(lines) if one.comment is not None), len(lines))
        body[position] = follower.with_changes(leading_lines=[*[cst.EmptyLine(indent=False)] * max(missing, 0), *lines])
    elif position < len(body) and _family_of(source, own) != _family(body[position], own) and (position == 0 or not _is_import(body[position - 1])):
        follower = body[position]
        if all(blank.comment is None for blank in follower.leading_lines):
            line = line.with_changes(leading_lines=follower.leading_lines)
            body[position] = follower.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    elif position > 0 and _family(body[position - 1], own) != _family_of(source, own) and _is_import(body[position - 1]):
        line = line.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
        if position < len(body) and _is_import(body[position]) and _family(body[position], own) == _family_of(source, own):
            follower = body[position]
            if all(blank.comment is None for blank in follower.leading_lines):
                body[position] = follower.with_changes(leading_lines=[])
    body.insert(position, line)
    return module.with_changes(body=body)


def _widened(module: cst.Module, source: str, name: str) -> cst.Module | None:
    """Return the module with a name added to its import from the same module, if that is a one-line statement."""
    for statement in _before_definitions(module.body):
        match statement:
            case cst.SimpleStatementLine(body=[cst.ImportFrom(names=[*names], lpar=None) as found], trailing_whitespace=cst.TrailingWhitespace(comment=None)):
                pass
            case _:
                continue
        new = cst.ImportAlias(cst.Name(name))
        if _module_name(found) != source or len(module.code_for_node(found)) + len(name) + 2 > _SHORT:
            continue
        spelled = [module.code_for_node(alias.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for alias in names]
        place = sum(one < name for one in spelled) if spelled == sorted(spelled) else len(names)
        comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        aliases = [alias.with_changes(comma=comma) for alias in (*names[:place], new, *names[place:])]
        aliases[-1] = aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
        return module.with_deep_changes(found, names=aliases)
    return None


def _is_first_of_group(body: Sequence[cst.BaseStatement], position: int, source: str, own: frozenset[str]) -> bool:
    """Return whether an import at a position would be the first of its group."""
    if position == len(body) or not _is_import(body[position]) or _family(body[position], own) != _family_of(source, own):
        return False
    return position == 0 or not _is_import(body[position - 1]) or _is_future(body[position - 1])


_LOCAL = 3


def _family_of(source: str, own: frozenset[str] = frozenset()) -> int:
    """Return isort's group of an import: 0 standard library, 1 other packages, 2 the packages of the project, 3 relative imports."""
    import sys

    if source.startswith("."):
        return _LOCAL
    top = source.partition(".")[0]
    return 0 if top in sys.stdlib_module_names else 2 if top in own else 1


def _family(statement: cst.CSTNode, own: frozenset[str]) -> int:
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    match small:
        case cst.ImportFrom():
            return _family_of(_module_name(small), own)
        case cst.Import(names=[alias, *_]):
            return _family_of(dotted(alias.name) or "", own)
        case _:
            return -1


def _position(body: Sequence[cst.BaseStatement], source: str, own: frozenset[str], *, is_plain: bool) -> int:
    """Return the index for the new import: in alphabetical order in its group of the first imports, else at their end."""
    first = next((number for number, statement in enumerate(_before_definitions(body)) if _is_import(statement) and not _is_future(statement)), None)
    if first is None:
        return _after_header(body)
    last = first
    while last + 1 < len(body) and (_is_import(body[last + 1])):
        last += 1
    group, key = _family_of(source, own), (not is_plain, source.lower())
    position = first
    for number in range(first, last + 1):
        family = _family(body[number], own)
        if family < group or family == group and _sort_key(body[number]) <= key:
            position = number + 1
    return max(position, _after_header(body))


def _sort_key(statement: cst.CSTNode) -> tuple[bool, str]:
    """Return the sort key in a group: plain imports come first."""
    small = statement.body[0] if isinstance(statement, cst.SimpleStatementLine) else None
    match small:
        case cst.ImportFrom():
            return True, _module_name(small).lower()
        case cst.Import(names=[alias, *_]):
            return False, (dotted(alias.name) or "").lower()
        case _:
            return False, ""


def _after_header(body: Sequence[cst.BaseStatement]) -> int:
    """Return the index after the docstring and the imports from __future__."""
    position = 0
    for number, statement in enumerate(body):
        match statement:
            case cst.SimpleStatementLine(body=[cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()), *_]) if number == 0:
                position = 1
            case _ if _is_future(statement):
                position = number + 1
            case _:
                break
    return position


def _is_import(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], (cst.Import, cst.ImportFrom))


def _is_future(statement: cst.CSTNode) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.ImportFrom(module=cst.Name("__future__")), *_]):
            return True
        case _:
            return False
