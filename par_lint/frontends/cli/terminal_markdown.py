"""The pages of rules on a terminal: headings, code and paragraphs in the width of the terminal."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Iterator

from par_lint.frontends.reports.colours import Paint

_WIDEST = 100  # columns: longer lines are hard to read
_CODE = re.compile(r"``?([^`\n]+)``?")
_ANSI_CODE = re.compile(r"\0([^\0]+)\0")
_TITLE = re.compile(r"(?P<code>PRL\d{3}) (?P<name>[\w-]+)\Z")
_BULLET = re.compile(r"(?P<mark>[-*] |\d+\. )")


def for_terminal(text: str, paint: Paint) -> str:
    """Return pages with their paragraphs filled, their headings and code coloured, and without the marks of markup."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return "\n\n".join(_block(block, width, paint) for block in _blocks(text))


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield groups of lines between blank lines; lines of code that follow each other stay together."""
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if line.strip() and (not block or _is_code(line) == _is_code(block[-1])):
            block.append(line)
        elif block:
            yield block
            block = [line] if line.strip() else []


def _is_code(line: str) -> bool:
    return line.startswith("    ")


def _block(lines: list[str], width: int, paint: Paint) -> str:
    first = lines[0]
    if _is_code(first):
        return "\n".join(paint(line, "green") for line in lines)
    if _TITLE.match(first):
        return "\n".join([paint(first, "bold", "cyan"), *lines[1:]])
    if len(lines) > 1 and set(lines[1]) == {"-"}:
        heading = paint(first, "bold")
        return "\n".join([heading, _block(lines[2:], width, paint)]) if lines[2:] else heading
    if first.endswith("::") and len(lines) == 1:
        return first[:-1]
    return "\n".join(_fill(item, width, paint) for item in _items(lines))


def _items(lines: list[str]) -> Iterator[str]:
    """Yield the paragraph, or the items of a list, each as one line."""
    item = ""
    for line in lines:
        if item and _BULLET.match(line):
            yield item
            item = ""
        item = f"{item} {line.strip()}" if item else line.strip()
    yield item


def _fill(text: str, width: int, paint: Paint) -> str:
    bullet = _BULLET.match(text)
    indent = " " * len(bullet["mark"]) if bullet is not None else ""
    marked = _CODE.sub(lambda match: "\0" + match[1].replace(" ", "\1") + "\0", text)  # a piece of code is not broken
    filled = textwrap.fill(marked, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return _ANSI_CODE.sub(lambda match: paint(match[1].replace("\1", " "), "cyan") if paint.is_on else f"`{match[1]}`".replace("\1", " "), filled)
