"""Split brackets over several lines like formatters do: the contents on one line, or else each part on its own line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar, Union, cast

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.syntax.node_text import write
from par_lint.analysis.syntax.nodes import clauses, results
from par_lint.analysis.syntax.parser import parse_expression
from par_lint.fixes.codegen.replace import replace_inside

_STEP = 4  # columns by which formatters indent the contents of brackets
_PartT = TypeVar("_PartT", bound=cst.CSTNode)
_Part = Union[cst.Arg, cst.BaseElement, cst.BaseDictElement, cst.BaseExpression, cst.CompFor, cst.CompIf]


def code(node: cst.CSTNode) -> str:
    """Return the source of a node."""
    return write(node)


def last_bracket(node: cst.BaseExpression) -> cst.BaseExpression | None:
    """Return the call or display at the end of an expression, whose bracket a formatter splits first."""
    match node:
        case cst.GeneratorExp(lpar=[_]):
            return node
        case cst.BaseExpression(lpar=[_, *_]):
            return None
        case cst.Call(func=cst.Attribute(value=inner), args=[cst.Arg(value=cst.SimpleString())]) if _has_several(last_bracket(inner)):
            return last_bracket(inner)  # `run(a, b).stdout.removesuffix("c")`: the short one stays closed
        case cst.Call(args=[_, *_]) | cst.List(elements=[_, *_]) | cst.Set() | cst.Dict(elements=[_, *_]) | cst.ListComp() | cst.SetComp() | cst.DictComp():
            return node
        case (
            cst.Call(func=cst.Attribute(value=inner)) | cst.Attribute(value=inner) | cst.Subscript(value=inner)
            | cst.Await(expression=inner) | cst.UnaryOperation(expression=inner)
        ):
            return last_bracket(inner)
        case cst.Tuple(elements=[*_, cst.Element(value=inner)]) | cst.BinaryOperation(right=inner) | cst.BooleanOperation(right=inner):
            return last_bracket(inner)
        case cst.Comparison(comparisons=[*_, cst.ComparisonTarget(comparator=inner)]) | cst.Lambda(body=inner):
            return last_bracket(inner)
        case _:
            return None


def _has_several(bracket: cst.BaseExpression | None) -> bool:
    return isinstance(bracket, cst.Call) and len(bracket.args) > 1


def split_over_lines(node: cst.BaseExpression, *, indent: int, line_length: int, deeper: int = 0, tabs: bool = False) -> cst.BaseExpression:
    """Return a call, display or comprehension split over several lines.

    Args:
        node: the expression.
        indent: the indentation of its statement, in columns.
        line_length: the maximum line length.
        deeper: additional indentation of the line on which it starts, in columns.
        tabs: whether the file is indented by tabs.
    """
    return _BracketSplitter(indent, deeper, line_length, tabs).spread(node)


def has_comments_between(node: cst.BaseExpression) -> bool:
    """Return whether there are comments in a bracket but outside its parts: `spread` would lose them."""
    head, parts, _, _ = _split_at_bracket(node)
    return code(node).count("#") != head.count("#") + sum(_bare_source(part).count("#") for part in parts)


@dataclass(frozen=True)
class _BracketSplitter:
    """Splits brackets that start on lines with one indentation."""

    indent: int
    deeper: int
    line_length: int
    tabs: bool

    def spread(self, node: cst.BaseExpression) -> cst.BaseExpression:
        head, parts, separator, tail = _split_at_bracket(node)
        inner = self._space(self.deeper + _STEP)
        joined = separator.join(map(_bare_source, parts))
        if self._fits(joined):
            body = f"{inner}{joined}\n"
        else:
            comma = separator.rstrip() if len(parts) > 1 else ""
            body = "".join(f"{inner}{self._fit(part, comma)}{comma}\n" for part in parts)
        return parse_expression(f"{head}\n{body}{self._space(self.deeper)}{tail}")

    def _space(self, columns: int) -> str:
        """Return the white space for an indentation, below that of the statement."""
        return "\t" * (columns // _STEP) + " " * (columns % _STEP) if self.tabs else " " * columns

    def _fits(self, text: str) -> bool:
        return "\n" not in text and self.indent + self.deeper + _STEP + len(text) <= self.line_length

    def _fit(self, part: _Part, comma: str) -> str:
        """Return the source of a part; its own last bracket is split if it is too long for one line."""
        text = _bare_source(part)
        value = part.iter if isinstance(part, cst.CompFor) else part.test if isinstance(part, cst.CompIf) else getattr(part, "value", part)
        bracket = last_bracket(value) if isinstance(value, cst.BaseExpression) else None
        if "\n" in text:
            return _bare_source(_shifted(part, self._space(self.deeper + _STEP)))
        if bracket is None or self._fits(f"{text}{comma}"):
            return text
        below = _BracketSplitter(self.indent, self.deeper + _STEP, self.line_length, self.tabs)
        return _bare_source(replace_inside(part, {bracket: below.spread(bracket)}))


def _split_at_bracket(node: cst.BaseExpression) -> tuple[str, Sequence[_Part], str, str]:
    """Return the text up to the bracket, the parts in it, their separator, and the text from its end."""
    match node:
        case cst.Call(func=func, args=[cst.Arg(value=cst.GeneratorExp(lpar=[]) as only, star="")]):
            return f"{code(func)}(", [*_comprehended(only)], " ", ")"
        case cst.Call(func=func, args=args):
            return f"{code(func)}({_comment(node.whitespace_before_args)}", args, ", ", ")"
        case cst.List(elements=elements, lbracket=bracket):
            return f"[{_comment(bracket.whitespace_after)}", elements, ", ", "]"
        case cst.Set(elements=elements, lbrace=bracket) | cst.Dict(elements=elements, lbrace=bracket):
            return f"{{{_comment(bracket.whitespace_after)}", elements, ", ", "}"
        case cst.ListComp():
            return "[", [*_comprehended(node)], " ", "]"
        case cst.GeneratorExp():
            return "(", [*_comprehended(node)], " ", ")"
        case cst.SetComp() | cst.DictComp():
            return "{", [*_comprehended(node)], " ", "}"
        case _:
            raise TypeError(f"{type(node).__name__} has no bracket to open")


def _comment(space: cst.BaseParenthesizableWhitespace) -> str:
    """Return the comment behind an opening bracket, which stays there."""
    comment = space.first_line.comment if isinstance(space, cst.ParenthesizedWhitespace) else None
    return "" if comment is None else f"  {comment.value}"


def _comprehended(node: cst.BaseComp) -> Iterator[_Part]:
    match node:
        case cst.DictComp(key=key, value=value):
            yield cst.DictElement(key, value)
        case _:
            yield from results(node)
    for clause in clauses(node):
        yield clause.with_changes(inner_for_in=None, ifs=[])
        yield from clause.ifs


def _bare_source(part: _Part) -> str:
    """Return the source of a part without the comma and the space around it."""
    if isinstance(part, (cst.Arg, cst.BaseElement, cst.BaseDictElement)):
        part = part.with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return code(part).strip()


class _Shift(cst.CSTTransformer):
    def __init__(self, by: str, less: int = 0) -> None:
        super().__init__()
        self._by = by
        self._less = less

    def leave_ParenthesizedWhitespace(
        self, original_node: cst.ParenthesizedWhitespace, updated_node: cst.ParenthesizedWhitespace
    ) -> cst.ParenthesizedWhitespace:
        last = updated_node.last_line
        lines = [line if line.comment is None else line.with_changes(whitespace=self._more(line.whitespace)) for line in updated_node.empty_lines]
        return updated_node.with_changes(last_line=self._more(last), empty_lines=lines) if updated_node.indent else updated_node

    def _more(self, space: cst.SimpleWhitespace) -> cst.SimpleWhitespace:
        return space.with_changes(value=self._by + space.value[min(self._less, len(space.value) - len(space.value.lstrip())):])


def reindented(value: cst.BaseExpression, before: str, facts: Facts) -> cst.BaseExpression:
    """Return an expression over several lines as part of a statement that begins with `before`: its later lines keep their distance to its first one."""
    if "\n" not in code(value):
        return value
    statement = facts.enclosing_statement(value)
    if statement is None:
        return value
    (line, column), base = facts.span(value)[:2], facts.span(statement)[1]
    while value.lpar and line > facts.line(statement) and not facts.lines[line - 1][:column].rstrip().endswith("("):
        line, column = line - 1, len(facts.lines[line - 2])
    first = facts.lines[line - 1]
    own = len(first) - len(first.lstrip())
    is_aligned = not code(value).partition("\n")[0].rstrip().endswith(("(", "[", "{"))  # with the bracket
    by = base + len(before) - column if is_aligned else base - own
    return cast(cst.BaseExpression, value.visit(_Shift(" " * by, max(-by, 0)))) if by and "\t" not in first else value


def _shifted(node: _PartT, by: str) -> _PartT:
    """Return a node with its later lines indented further; multi-line strings stay unchanged."""
    return cast(_PartT, node.visit(_Shift(by)))
