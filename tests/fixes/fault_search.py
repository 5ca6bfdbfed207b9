"""Everything that par-lint does with one file, and each way in which it fails there: for generated programs and for folders of real ones."""

from __future__ import annotations

import ast
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import UnparsableSource, decode, split_lines
from par_lint.core.findings import Finding
from par_lint.core.internal_errors import UnknownGrammar, internal_error_findings
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import File, lint
from par_lint.engine.silence_reasons import find_unreported_loops

RUNTIME = "par_lint.parallel"
TAKEN_BACK = ("would not be Python", "could not check", "internal error")
"""What is said of fixes that should not have been written."""


def find_faults(source: bytes, counts: Counter[str]) -> Iterator[str]:
    """What goes wrong with a file; what is done with it is counted. Python may refuse the file, if that is told in one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            File.of(source, Config())
        except UnparsableSource as error:
            counts["unparsable"] += 1
            if len(str(error).splitlines()) != 1:
                yield f"not one line: {error!r}"
            return
        except Exception as error:
            yield f"read: {type(error).__name__}: {error}"
            return
        counts["parsed"] += 1
        for name, look in (("lint", _lint), ("fix", _fix), ("why-silent", _why_silent)):
            try:
                yield from (f"{name}: {fault}" for fault in look(source, counts))
            except UnknownGrammar:
                counts["unknown to libcst"] += 1
            except Exception as error:
                yield f"{name}: {type(error).__name__}: {error}"


def _lint(source: bytes, counts: Counter[str]) -> Iterator[str]:
    for gate in (True, False):
        lines = split_lines(decode(source)[0].removeprefix("\ufeff"))
        found = lint(ast.parse(source), lines, Config(), gate=gate)
        yield from _told(internal_error_findings(found), counts)
        counts["findings"] += len(found) if gate else 0


def _fix(source: bytes, counts: Counter[str]) -> Iterator[str]:
    compiles = _refusal(source) is None
    for unsafe in (False, True):
        result = fix(source, Config(), unsafe=unsafe, runtime=RUNTIME)
        counts["fixed"] += len(result.fixed) if unsafe else 0
        yield from _told(result.failures, counts)
        reasons = [str(left.withheld) for left in result.remaining if left.withheld is not None]
        yield from (reason for reason in reasons if any(words in reason for words in TAKEN_BACK))
        refusal = _refusal(result.source) if compiles and result.source != source else None
        if refusal is not None:
            yield f"the result is not Python: {refusal}"


def _told(failed: Iterable[Finding], counts: Counter[str]) -> Iterator[str]:
    """What is said of failures, but for grammar that libcst does not know: no mending helps there, and it is told as such."""
    for one in failed:
        if "libcst cannot parse" in one.message:
            counts["unknown to libcst"] += 1
        else:
            yield f"{one.line}: {one.message}"


def _why_silent(source: bytes, counts: Counter[str]) -> Iterator[str]:
    counts["silent"] += len(find_unreported_loops(source, Config()))
    yield from ()


def _refusal(source: bytes) -> str | None:
    """What Python says against a file, None where it takes it."""
    try:
        compile(source, "<file>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"
    return None
