"""Set one argument of a call, in the layout that the call already has, and keep every comment."""

from __future__ import annotations

import libcst as cst

_NONE = cst.SimpleWhitespace("")
_SPACE = cst.SimpleWhitespace(" ")


def set_keyword(call: cst.Call, name: str, value: cst.BaseExpression) -> cst.Call:
    """Return `call` with `name=value`: replace the value of an existing keyword, else add the keyword after all arguments.

    A `**mapping` stays after the new keyword, by convention.
    """
    for index, arg in enumerate(call.args):
        if arg.keyword is not None and arg.keyword.value == name:
            return _with_value(call, index, value)
    new = cst.Arg(value, keyword=cst.Name(name), equal=_equal_sign(call))
    mapping = next((i for i, arg in enumerate(call.args) if arg.star == "**"), None)
    if mapping is not None:
        return _insert(call, mapping, new)
    return _append(call, new)


def set_argument(call: cst.Call, position: int | None, name: str, value: cst.BaseExpression) -> cst.Call:
    """Like `set_keyword`, for a parameter that may also be positional (0-based, without the receiver)."""
    leading = call.args[: position + 1] if position is not None else ()
    given = position is not None and len(leading) == position + 1
    if given and all(arg.keyword is None and not arg.star for arg in leading):
        return _with_value(call, len(leading) - 1, value)
    return set_keyword(call, name, value)


def _with_value(call: cst.Call, index: int, value: cst.BaseExpression) -> cst.Call:
    arg = call.args[index]
    args = [*call.args]
    args[index] = arg.with_changes(value=_with_commented_parens(arg.value, value))
    return call.with_changes(args=args)


def _with_commented_parens(old: cst.BaseExpression, new: cst.BaseExpression) -> cst.BaseExpression:
    """Return `new` in the parentheses of `old` if they contain comments, which must be kept."""
    parens = (*old.lpar, *old.rpar)
    if any("#" in cst.Module([]).code_for_node(paren) for paren in parens):
        return new.with_changes(lpar=old.lpar, rpar=old.rpar)
    return new


def _equal_sign(call: cst.Call) -> cst.AssignEqual:
    """Return `=` with the spaces of the other keywords of the call; without spaces if there are none."""
    for arg in call.args:
        if isinstance(arg.equal, cst.AssignEqual) and _is_simple(arg.equal):
            return arg.equal
    return cst.AssignEqual(_NONE, _NONE)


def _is_simple(equal: cst.AssignEqual) -> bool:
    sides = (equal.whitespace_before, equal.whitespace_after)
    return all(isinstance(side, cst.SimpleWhitespace) and side.value in ("", " ") for side in sides)


def _append(call: cst.Call, new: cst.Arg) -> cst.Call:
    if not call.args:
        return _add_first(call, new)
    *before, last = call.args
    if isinstance(last.value, cst.GeneratorExp) and not last.value.lpar:
        last = last.with_changes(value=last.value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]))
    comma = last.comma if isinstance(last.comma, cst.Comma) else None
    tail = comma.whitespace_after if comma else last.whitespace_after_arg
    gap, closing = _split_tail(_space_before(call, len(before)), tail)
    if comma is None and not before and isinstance(gap, cst.ParenthesizedWhitespace) and not _has_comment(gap) and "\n" not in cst.Module([]).code_for_node(last.value):
        gap = _SPACE  # a single argument without a comma stands on a line of its own because the call did not fit
    last = last.with_changes(
        comma=(comma or cst.Comma()).with_changes(whitespace_after=gap),
        whitespace_after_arg=last.whitespace_after_arg if comma else _NONE,
    )
    if comma:
        new = new.with_changes(comma=cst.Comma(whitespace_after=closing))
    elif not before and isinstance(closing, cst.ParenthesizedWhitespace) and _ends_with_comma(last.value):
        new = new.with_changes(comma=cst.Comma(whitespace_after=closing))  # its one argument was a list with a comma at its end
    else:
        new = new.with_changes(whitespace_after_arg=closing)
    return call.with_changes(args=[*before, last, new])


def _ends_with_comma(value: cst.BaseExpression) -> bool:
    """Whether the last part of a list, or of a call, has a comma although nothing follows."""
    match value:
        case cst.List(elements=[*_, part]) | cst.Tuple(elements=[*_, part]) | cst.Set(elements=[*_, part]) | cst.Dict(elements=[*_, part]):
            return isinstance(part.comma, cst.Comma)
        case cst.Call(args=[*_, part]):
            return isinstance(part.comma, cst.Comma)
        case _:
            return False


def _add_first(call: cst.Call, new: cst.Arg) -> cst.Call:
    inside = call.whitespace_before_args
    if not isinstance(inside, cst.ParenthesizedWhitespace) or not _has_comment(inside):
        return call.with_changes(args=[new], whitespace_before_args=_NONE)
    new = new.with_changes(whitespace_after_arg=_line_break(inside))
    return call.with_changes(args=[new], whitespace_before_args=_indented(inside))


def _insert(call: cst.Call, index: int, new: cst.Arg) -> cst.Call:
    before = _space_before(call, index)
    gap = _line_break(before) if isinstance(before, cst.ParenthesizedWhitespace) else _SPACE
    new = new.with_changes(comma=cst.Comma(whitespace_after=gap))
    return call.with_changes(args=[*call.args[:index], new, *call.args[index:]])


def _space_before(call: cst.Call, index: int) -> cst.BaseParenthesizableWhitespace:
    """Return the whitespace between argument `index` and the comma or parenthesis before it."""
    if index == 0:
        return call.whitespace_before_args
    comma = call.args[index - 1].comma
    return comma.whitespace_after if isinstance(comma, cst.Comma) else _SPACE


def _split_tail(
    before_last: cst.BaseParenthesizableWhitespace, tail: cst.BaseParenthesizableWhitespace
) -> tuple[cst.BaseParenthesizableWhitespace, cst.BaseParenthesizableWhitespace]:
    """Split the whitespace around the last argument into that before and after a new last argument."""
    own_lines = isinstance(before_last, cst.ParenthesizedWhitespace)
    if not isinstance(tail, cst.ParenthesizedWhitespace):
        return (_line_break(before_last) if isinstance(before_last, cst.ParenthesizedWhitespace) else _SPACE), tail
    if not own_lines and not _has_comment(tail):
        return _SPACE, tail
    if isinstance(before_last, cst.ParenthesizedWhitespace):
        gap = tail.with_changes(indent=before_last.indent, last_line=before_last.last_line)
    else:
        gap = _indented(tail)
    return gap, _line_break(tail)


def _line_break(like: cst.ParenthesizedWhitespace) -> cst.ParenthesizedWhitespace:
    """Return a newline with the indentation of `like`."""
    return cst.ParenthesizedWhitespace(indent=like.indent, last_line=like.last_line)


def _indented(closing: cst.ParenthesizedWhitespace) -> cst.ParenthesizedWhitespace:
    """Return `closing`, which precedes the closing parenthesis, indented one level deeper."""
    return closing.with_changes(last_line=cst.SimpleWhitespace(closing.last_line.value + "    "))


def _has_comment(space: cst.ParenthesizedWhitespace) -> bool:
    return space.first_line.comment is not None or any(line.comment is not None for line in space.empty_lines)
