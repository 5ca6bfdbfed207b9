"""`--write-baseline` and `--add-noqa`: accept the findings of an existing code base."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from par_lint.core.file_result import FileFindings
from par_lint.core.files.discovery import write_source
from par_lint.core.files.read_errors import Problem
from par_lint.core.internal_errors import without_internal_errors
from par_lint.engine.suppression.baseline import Baseline, KnownFindings
from par_lint.engine.suppression.noqa_writer import with_noqa
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.cli.check import Check


def write_baseline(paths: Sequence[str], arguments: Sequence[str], target: str, stdin_filename: str | None = None) -> int:
    """Write all findings to a baseline; keep the entries of files that are not checked. Raises Problem.

    Args:
        paths: the files and folders to check.
        arguments: flake8 options.
        target: the path of the baseline file.
        stdin_filename: the name of the file whose text comes on standard input.

    Returns:
        The exit code: 0, or 2 on errors.
    """
    selection = Selection(arguments)
    path = Path(target)
    old = Baseline.load(path) if path.exists() else Baseline(path)
    run = Check(paths, selection, stdin_filename=stdin_filename)
    new = old.updated([_without_internal_errors(file) for file in run.files()], selection)
    new.write()
    print(f"{target}: {len(new)} {'finding' if len(new) == 1 else 'findings'}")
    return 2 if run.problems else 0


def add_noqa(paths: Sequence[str], arguments: Sequence[str], baseline: str | None = None) -> int:
    """Add a `# noqa` comment for each finding that is not in the baseline. Return 0, or 2 on errors. Raises Problem."""
    selection = Selection(arguments)
    if selection.options.disable_noqa:
        raise Problem("--add-noqa: comments have no effect because flake8's disable-noqa is on; turn it off")
    if "-" in paths:
        raise Problem("--add-noqa: cannot change standard input; name the files")
    known = KnownFindings(baseline)
    run = Check(paths, selection)
    findings, changed, problems = 0, 0, 0
    for file in map(known.without_known, map(_without_internal_errors, run.files())):
        try:
            if file.findings:
                write_source(file.path, file.source, with_noqa(file, selection))
                findings, changed = findings + len(file.findings), changed + 1
        except Problem as error:  # one bad file does not stop the run
            print(f"par-lint: {error}", file=sys.stderr)
            problems += 1
    print(f"Added # noqa comments for {findings} {'finding' if findings == 1 else 'findings'} in {changed} {'file' if changed == 1 else 'files'}")
    return 2 if run.problems or problems else 0


def _without_internal_errors(file: FileFindings) -> FileFindings:
    """Return the file without findings of internal errors, which are printed but never accepted."""
    return replace(file, findings=without_internal_errors(file.findings))
