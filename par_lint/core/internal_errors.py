"""par-lint itself failed, and did not check a part of a file.

The message names the error, where in par-lint it was raised, and what was not checked. The rest of the file is checked as usual.
Please report it, with the message, the output of `par-lint --version`, and the code of that place, or as much of it as you may show.

Why
---
A file that could not be checked must not look like a file without findings.

Example
-------
    program.py:7:5: PRL000 par-lint failed (TypeError at nodes.py:67) and did not check the code here: please report it

Silent when
-----------
Never. In flake8 it is a finding like others, so that `# noqa`, `ignore` and `select` can hide it there; but the same line is always
written to standard error, too. `par-lint check` and `par-lint fix` then exit with 2 whether it is hidden or not; it goes into no
baseline, and `--add-noqa` adds no comment for it.

Fix safety
----------
There is no fix. `par-lint fix` makes the other fixes of the file, and leaves the code as it is where par-lint failed.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Iterable
from pathlib import Path

from par_lint.core.config.rule_codes import INTERNAL_ERROR, UNHIDEABLE
from par_lint.core.findings import Finding

CODE = INTERNAL_ERROR
NAME = UNHIDEABLE[INTERNAL_ERROR]
MESSAGE = "par-lint failed ({error}) and did not {task}: please report it"
DEEP = "par-lint failed (the code is nested too deeply) and did not {task}: write it in several statements, or please report it"
UNKNOWN = "par-lint failed (libcst cannot parse line {line}) and did not {task}: update libcst, or please report it"
CHECK_FILE = "check this file"
FIX_FILE = "fix this file"
CHECK_HERE = "check the code here"


class UnknownGrammar(Exception):
    """Code that libcst cannot parse though Python can; `line` is its own line of the fault, 1-based."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class ProcessDied(Exception):
    """A worker process ended while it looked at a file: it was killed, or ran out of memory or of stack."""


class ParserPanic(Exception):
    """The native parser of libcst gave up."""


def describe(error: BaseException) -> str:
    """The kind of an error and the place in par-lint that raised it: `TypeError at nodes.py:67`."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "par_lint" in frame.filename] or frames
    return f"{type(error).__name__} at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else type(error).__name__


def failure(error: BaseException, line: int | None = None, column: int = 1, task: str = CHECK_FILE) -> Finding:
    """The finding that says that an error of ours kept par-lint from a task; without `line`, it is looked for in the error."""
    line = (_line_of(error) or 1) if line is None else line
    match error:
        case UnknownGrammar():
            line = error.line
            message = UNKNOWN.format(line=line, task=task)
        case RecursionError():
            message = DEEP.format(task=task)
        case _:
            message = MESSAGE.format(error=describe(error), task=task)
    return Finding(line, column, CODE, message, (line, column + 1))


def failures(findings: Iterable[Finding]) -> list[Finding]:
    """The findings among some that say that par-lint failed."""
    return [finding for finding in findings if finding.code == CODE]


def without_failures(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings among some that are about the code."""
    return tuple(finding for finding in findings if finding.code != CODE)


def as_line(path: str, finding: Finding) -> str:
    """The line that says on standard error that par-lint failed."""
    return f"{path}:{finding.line}: {CODE} {finding.message}"


def _line_of(error: BaseException) -> int | None:
    """The line of the innermost loop or statement that was being looked at."""
    found, trace = None, error.__traceback__
    while trace is not None:
        for value in trace.tb_frame.f_locals.values():
            node = getattr(value, "node", value)  # of a record of a loop or a function, what it records
            if isinstance(node, (ast.stmt, ast.expr)):
                found = getattr(node, "lineno", found)
        trace = trace.tb_next
    return found
