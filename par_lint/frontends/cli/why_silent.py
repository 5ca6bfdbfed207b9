"""`par-lint check --why-silent`: list the I/O loops that are not reported, with the reason and its line."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from par_lint.core.config.loading import load_config
from par_lint.core.config.settings import Config, ConfigError
from par_lint.core.files.discovery import find_files, read_source
from par_lint.core.files.read_errors import Problem, internal, unparsable
from par_lint.core.files.source_text import UnparsableSource, decode, parse_tree, split_lines
from par_lint.engine.lint_file import lint
from par_lint.engine.silence_reasons import NEST_REPORTED, UnreportedLoop, find_unreported_loops
from par_lint.engine.suppression.rule_selection import Selection

_LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_PLACE = re.compile(r"(?P<path>.+):(?P<line>\d+)")


def why_silent(paths: Sequence[str], arguments: Sequence[str], stdin_filename: str | None = None) -> int:
    """Print the unreported loops of files and folders, or at one line (`PATH:LINE`). Return 0, or 2 on errors."""
    selection = Selection(arguments)
    problems = 0
    for argument in paths:
        path, line = _split_location(argument)
        listed = find_files([path], selection.is_excluded, selection.is_named_excluded, stdin_filename)
        listed.print_messages()
        problems += len(listed.problems)
        for name in listed.files:
            try:
                for silence in _silences(name, line, selection):
                    print(_format(name, silence))
            except (Problem, ConfigError) as error:
                print(f"par-lint: {error}", file=sys.stderr)
                problems += 1
    return 2 if problems else 0


def _split_location(argument: str) -> tuple[str, int | None]:
    match = _PLACE.fullmatch(argument)
    if match is None or Path(argument).exists():
        return argument, None
    return match["path"], int(match["line"])


def _silences(path: str, line: int | None, selection: Selection) -> Iterator[UnreportedLoop]:
    source = read_source(path)
    config = load_config(Path(path))
    try:
        found = find_unreported_loops(source, config, path)
    except UnparsableSource as error:
        raise unparsable(path, error) from error
    except (Problem, ConfigError):
        raise
    except Exception as error:
        raise internal(path, error, "search this file for unreported loops") from error
    if line is None:
        yield from (silence for silence in found if silence.is_io and silence.reason != NEST_REPORTED)
        return
    around = [silence for silence in found if silence.line <= line <= silence.end_line]
    if not around:
        raise Problem(f"{path}:{line}: {_why_nothing(source, line, config, path, selection)}")
    yield max(around, key=lambda silence: silence.line)


def _why_nothing(source: bytes, line: int, config: Config, path: str, selection: Selection) -> str:
    """Return why there is no unreported loop at a line of a file that can be parsed."""
    lines = split_lines(decode(source)[0])
    if not 1 <= line <= len(lines):
        return f"the file has {len(lines)} lines; name one of them"
    tree = parse_tree(source)
    around = [node for node in ast.walk(tree) if isinstance(node, _LOOPS) and node.lineno <= line <= (node.end_lineno or 0)]
    if not around:
        return "there is no loop at this line; name a line of one"
    reported = [found for found in lint(tree, lines, config, path) if any(node.lineno == found.line for node in around)]
    if any(selection.is_wanted(path, found, lines) for found in reported):
        return "the loop at this line is reported; `par-lint check` shows it"
    if reported:
        return f"{reported[0].code} finds the loop at this line, but a comment, or the selection of codes, leaves it out"
    if isinstance(max(around, key=lambda node: node.lineno), ast.While):
        return "`while` loops are not checked: what they go over is not known before they do"
    return "no rule checks the loop at this line"


def _format(path: str, silence: UnreportedLoop) -> str:
    return f"{path}:{silence.line}:{silence.column}: silent: {silence.reason} (line {silence.reason_line})"
