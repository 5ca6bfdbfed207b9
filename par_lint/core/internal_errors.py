"""par-lint itself failed and did not check a part of a file.

The message names the exception, the place in par-lint that raised it, and what was not checked. The rest of the file is checked as usual.
Please report it with the message, the output of `par-lint --version`, and the code at that place, or as much of it as you may share.

Why
---
A file that could not be checked must not look like a file without findings.

Example
-------
    program.py:7:5: PRL000 internal error (TypeError at nodes.py:67): par-lint did not check the code here; please report it

Not reported when
-----------------
Never. In flake8 it is an ordinary finding, so `# noqa`, `ignore` and `select` can hide it there; the same line is always written to
standard error as well. `par-lint check` and `par-lint fix` exit with 2 even if it is hidden. It is never written to a baseline, and
`--add-noqa` adds no comment for it.

Fix safety
----------
There is no fix. `par-lint fix` applies the other fixes of the file, and leaves the code alone where par-lint failed.
"""

from __future__ import annotations

import ast
import traceback
from collections.abc import Iterable
from pathlib import Path

from par_lint.core.config.rule_codes import INTERNAL_ERROR, UNSUPPRESSIBLE
from par_lint.core.findings import Finding

CODE = INTERNAL_ERROR
NAME = UNSUPPRESSIBLE[INTERNAL_ERROR]
MESSAGE = "internal error ({error}): par-lint did not {task}; please report it"
TOO_DEEP = "internal error (the code is nested too deeply): par-lint did not {task}; split it into several statements, or please report it"
UNKNOWN = "internal error (libcst cannot parse line {line}): par-lint did not {task}; update libcst, or please report it"
CHECK_FILE = "check this file"
FIX_FILE = "fix this file"
CHECK_HERE = "check the code here"


class UnknownGrammar(Exception):
    """Code that libcst cannot parse but Python can; `line` is the 1-based line of the error."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


class ProcessDied(Exception):
    """A worker process died while it checked a file: it was killed, or ran out of memory or stack."""


class ParserPanic(Exception):
    """The native parser of libcst panicked."""


def describe(error: BaseException) -> str:
    """Return the type of an error and the place in par-lint that raised it: `TypeError at nodes.py:67`."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "par_lint" in frame.filename] or frames
    return f"{type(error).__name__} at {Path(own[-1].filename).name}:{own[-1].lineno}" if own else type(error).__name__


def internal_error_finding(error: BaseException, line: int | None = None, column: int = 1, task: str = CHECK_FILE) -> Finding:
    """Return the finding that reports an internal error.

    Args:
        error: the exception.
        line: its line in the checked file (1-based); if None, it is taken from the traceback.
        column: its column (1-based).
        task: what par-lint did not do because of it.
    """
    line = (_line_of(error) or 1) if line is None else line
    match error:
        case UnknownGrammar():
            line = error.line
            message = UNKNOWN.format(line=line, task=task)
        case RecursionError():
            message = TOO_DEEP.format(task=task)
        case _:
            message = MESSAGE.format(error=describe(error), task=task)
    return Finding(line, column, CODE, message, (line, column + 1))


def internal_error_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that report internal errors."""
    return [finding for finding in findings if finding.code == CODE]


def without_internal_errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that are not internal errors."""
    return tuple(finding for finding in findings if finding.code != CODE)


def stderr_line(path: str, finding: Finding) -> str:
    """Return the line that reports an internal error on standard error."""
    return f"{path}:{finding.line}: {CODE} {finding.message}"


def _line_of(error: BaseException) -> int | None:
    """Return the line of the innermost loop or statement in the local variables of the traceback."""
    found, trace = None, error.__traceback__
    while trace is not None:
        for value in trace.tb_frame.f_locals.values():
            node = getattr(value, "node", value)  # loop and function records have a `node`
            if isinstance(node, (ast.stmt, ast.expr)):
                found = getattr(node, "lineno", found)
        trace = trace.tb_next
    return found
