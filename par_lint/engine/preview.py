"""Preview the fix of each finding by itself: the edits, how far they can be trusted, or why there are none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from par_lint.core.config.loading import load_config
from par_lint.core.file_result import FileFindings, Proposal
from par_lint.core.files.problems import internal
from par_lint.core.files.source_text import decode, split_lines
from par_lint.core.files.spans import compute_edits
from par_lint.core.findings import Applicability, Finding, Ground
from par_lint.core.internal_errors import ProcessDied, stderr_line
from par_lint.engine.fix_file import SingleFixes
from par_lint.engine.process_pool import is_worth_processes, map_on_cores
from par_lint.engine.runtime_module.location import find_runtime

_ENOUGH_FOR_PROCESSES = 24  # findings; for fewer, starting processes takes longer than it saves


def propose_all(files: Sequence[FileFindings]) -> Iterator[FileFindings]:
    """Yield the files with a proposal for each finding, on all cores if there are enough findings."""
    is_much = is_worth_processes(files, sum(len(file.findings) for file in files), _ENOUGH_FOR_PROCESSES)
    return map_on_cores(propose, files, chunk=4, lost=_crashed) if is_much else map(propose, files)


def propose(file: FileFindings) -> FileFindings:
    """Return a file with a proposal for each finding. Raises ConfigError."""
    if not file.findings:
        return file
    place = Path(file.path if file.path != "-" else ".")
    config = load_config(place)
    runtime = find_runtime(place, config, source=file.source, advises=False)
    caveat = Ground.RUNTIME(runtime.reason) if runtime.module is None else None
    fixes = SingleFixes(file.source, config, runtime.module or runtime.likely, caveat, despite=True)
    problems: list[str] = []
    proposals = tuple(_propose(file, finding, fixes, problems) for finding in file.findings)
    return replace(file, proposals=proposals, problems=tuple(problems))


def _crashed(file: FileFindings) -> FileFindings:
    """Return a file on which a worker process died: its findings are reported without fixes."""
    problem = internal(file.path, ProcessDied(), "make fixes for this file")
    return replace(file, proposals=tuple(Proposal(Applicability.NONE) for _ in file.findings), problems=(str(problem),))


def _propose(file: FileFindings, finding: Finding, fixes: SingleFixes, problems: list[str]) -> Proposal:
    if finding.applicability is Applicability.NONE:
        return Proposal(finding.applicability, finding.withheld)
    try:
        result = fixes.fix(finding)
    except Exception as error:  # the finding is reported anyway
        problems.append(str(internal(file.path, error, f"make a fix for {finding.code}")))
        return Proposal(Applicability.NONE)
    problems += [stderr_line(file.path, failed) for failed in result.failures if failed not in file.findings]
    if not result.fixed:
        left = next(iter(result.remaining), finding)
        return Proposal(left.applicability, left.withheld, left.doubt)
    fixed = tuple(split_lines(decode(result.source)[0].removeprefix("\ufeff")))
    done = result.fixed[0]
    return Proposal(done.applicability, None, done.doubt, fixed, tuple(compute_edits(file.lines, fixed)))
