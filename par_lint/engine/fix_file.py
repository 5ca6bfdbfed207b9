"""Fixing one file: look, choose the fixes that do not overlap, make them, and keep those that break no law."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from par_lint.analysis.gate.slices import whole
from par_lint.core.config.settings import Config
from par_lint.core.deep_recursion import should_retry_with_deep_stack, with_enough_stack
from par_lint.core.findings import Applicability, Finding, Ground, Reason, Withheld
from par_lint.core.internal_errors import internal_error_finding
from par_lint.engine import invariants
from par_lint.engine.lint_file import File, collector_paused

if TYPE_CHECKING:
    import libcst as cst

    from par_lint.fixes.codegen.edit import Edit
    from par_lint.fixes.codegen.round_trip import ParsedSource
    from par_lint.rules._rule import Report

    _Chosen: TypeAlias = tuple[Finding, Edit]

_MAX_PASSES = 4  # fixes that overlap wait for the next pass
_FEW = 60  # lines: to leave out fewer of them costs more than it saves, where all of the file may be looked at next
Wanted = Callable[[Finding, Sequence[str]], bool]
"""Whether a finding in a file of these lines counts: selection, ignores, `# noqa`."""

OVERLAP = Ground.OVERLAP("another fix of these lines comes first: run again")
NO_RUNTIME = Ground.RUNTIME("no runtime module to import")


def _alone(asked: Finding, before: Sequence[str]) -> Wanted:
    """What wants one finding of a file of these lines: when they are others, another finding may have come to stand there."""

    def is_asked(finding: Finding, lines: Sequence[str]) -> bool:
        is_same = (finding.line, finding.column, finding.code) == (asked.line, asked.column, asked.code)
        return is_same and list(lines) == list(before)

    return is_asked


@dataclass(frozen=True)
class FixResult:
    """What fixing one file came to. `source` is the very input when nothing was changed; `failures` say where par-lint failed."""

    source: bytes
    fixed: tuple[Finding, ...]
    remaining: tuple[Finding, ...]
    failures: tuple[Finding, ...] = ()


def fix(
    source: bytes,
    config: Config,
    *,
    unsafe: bool = False,
    wanted: Wanted = lambda finding, lines: True,
    runtime: str | None = None,
    caveat: Reason | None = None,
    despite: bool = False,
) -> FixResult:
    """Fix a file: all safe fixes of wanted findings, the unsafe ones too when asked.

    `runtime` is the module that `run_parallel` is imported from; without it loop fixes are withheld. `caveat` is why it is
    missing, or why importing it may fail; then they are made only `despite` that, and are unsafe.
    Raises UnparsableSource. A fix that would break a law of `guard` is taken back and reported as withheld.
    """
    with collector_paused():
        return with_enough_stack(lambda: _Repair(config, unsafe, wanted, runtime, caveat, despite=despite).run(_look(source, config)))


class SingleFixes:
    """The fix of each finding of a file by itself, safe or not. However many are asked for, the file is looked at once."""

    def __init__(self, source: bytes, config: Config, runtime: str | None, caveat: Reason | None = None, *, despite: bool = False) -> None:
        """`runtime`, `caveat` and `despite` are those of fix()."""
        self._source = source
        self._config = config
        self._runtime = runtime
        self._caveat = caveat
        self._despite = despite

    def fix(self, asked: Finding) -> FixResult:
        """What fixing one finding alone comes to. Raises UnparsableSource."""
        with collector_paused():
            return with_enough_stack(lambda: self._fix(asked))

    def _fix(self, asked: Finding) -> FixResult:
        look = self._look
        wanted = _alone(asked, look.file.lines)
        return _Repair(self._config, True, wanted, self._runtime, self._caveat, despite=self._despite).run(look)

    @functools.cached_property
    def _look(self) -> _Look:
        return _look(self._source, self._config)


@dataclass(frozen=True)
class _Look:
    """A file with what the rules report of it. `parsed` is all of it as LibCST sees it; None where a slice was enough."""

    file: File
    source: bytes
    reports: Sequence[Report] = ()
    parsed: ParsedSource | None = None

    @functools.cached_property
    def all(self) -> _Look:
        """A look at all of the file, from which it can be changed."""
        return self if self.parsed is not None else _look_at_all(self.file, self.source)


def _look(source: bytes, config: Config) -> _Look:
    """What there is to report of a file. Where nearly all lines have to be seen anyway, the whole file is looked at."""
    file = File.of(source, config)
    piece = file.slice()
    if piece is None:
        return _Look(file, source)
    if len(file.lines) - len(piece.file_lines) > _FEW:
        return _Look(file, source, file.reports(piece))
    return _look_at_all(file, source)


def _look_at_all(file: File, source: bytes) -> _Look:
    from par_lint.fixes.codegen.round_trip import parse_source

    parsed = parse_source(source)
    return _Look(file, source, file.reports(whole(file.lines), parsed.module), parsed)


@dataclass(frozen=True)
class _Step:
    """One pass: what it fixed, what is left, and the look at the result by which the laws were checked."""

    source: bytes
    fixed: Sequence[Finding]
    remaining: Sequence[Finding]
    after: _Look | None = None


class _Repair:
    """The passes over one file. `refused` are the fixes that were taken back."""

    def __init__(self, config: Config, unsafe: bool, wanted: Wanted, runtime: str | None, caveat: Reason | None, *, despite: bool) -> None:
        self._config = config
        self._unsafe = unsafe
        self._wanted = wanted
        self._runtime = runtime
        self._caveat = caveat
        self._is_runtime_missing = runtime is None or caveat is not None and not despite
        self._refused: dict[tuple[str, str], Reason] = {}
        self._failures: dict[tuple[int, int, str], Finding] = {}

    def run(self, look: _Look) -> FixResult:
        """Pass after pass until nothing more can be fixed; `look` is the first."""
        from par_lint.analysis.syntax.parser import unvalidated

        fixed: list[Finding] = []
        for _ in range(_MAX_PASSES):
            with unvalidated():
                step = self._pass(look)
            fixed += step.fixed
            if step.after is None:
                break
            look = step.after
        return FixResult(step.source, tuple(fixed), tuple(step.remaining), tuple(sorted(self._failures.values())))

    def _pass(self, look: _Look) -> _Step:
        reports = self._chosen(look)
        if invariants.is_generated(look.file.lines):
            return _Step(look.source, (), sorted(_generated(report.finding) for report in reports))
        if look.parsed is None and any(self._is_fixable(report) for report in reports):
            look = look.all
            reports = self._chosen(look)
        remaining: list[Finding] = []
        edits: list[_Chosen] = []
        for report in reports:
            edit = self._edit(report)
            if isinstance(edit, Finding):
                remaining.append(edit)
            elif _overlaps(edit, edits):
                remaining.append(replace(report.finding, withheld=Withheld(OVERLAP, report.finding.line)))
            else:
                edits.append((self._with_caveat(report.finding, edit), edit))
        for failed in look.file.failures.values():
            self._failures.setdefault((failed.line, failed.column, failed.code), failed)
        return self._made(look, edits, remaining)

    def _made(self, look: _Look, edits: Sequence[_Chosen], remaining: list[Finding]) -> _Step:
        """The edits made: all at once, or where that breaks a law, those halves of them, and halves of halves, that break none."""
        step = _Step(look.source, (), sorted(remaining))
        kept: list[_Chosen] = []
        groups = [list(edits)] if edits else []
        while groups:
            group = groups.pop()
            made = self._attempt(look, [*kept, *group], remaining)
            if isinstance(made, _Step):
                kept += group
                step = made
            elif len(group) > 1:
                half = len(group) // 2
                groups += [group[half:], group[:half]]
            elif isinstance(made, Exception):
                remaining.append(self._failed(group[0][0], made))
            else:
                self._refused[_key(group[0][0])] = made
                remaining.append(replace(group[0][0], withheld=Withheld(made, group[0][0].line)))
        return replace(step, remaining=sorted(remaining))

    def _attempt(self, look: _Look, edits: Sequence[_Chosen], remaining: Sequence[Finding]) -> _Step | Reason | Exception:
        """What edits come to, the law that they break, or the error of ours."""
        try:
            return self._tried(look, edits, remaining)
        except Exception as error:
            if should_retry_with_deep_stack(error):
                raise
            return error

    def _failed(self, finding: Finding, error: Exception) -> Finding:
        """A finding whose fix cannot be made because par-lint fails on it, which is noted."""
        if should_retry_with_deep_stack(error):
            raise error
        key = finding.line, finding.column, finding.code
        self._failures.setdefault(key, internal_error_finding(error, finding.line, finding.column, f"fix {finding.code} here"))
        self._refused[_key(finding)] = reason = Ground.INTERNAL("internal error in par-lint")
        return replace(finding, applicability=Applicability.NONE, withheld=Withheld(reason, finding.line))

    def _tried(self, look: _Look, edits: Sequence[_Chosen], remaining: Sequence[Finding]) -> _Step | Reason:
        """What edits come to, or the law that they break."""
        assert look.parsed is not None
        result = look.parsed.render(_apply(look.parsed.module, [edit for _, edit in edits], self._runtime))
        broken = invariants.violations(look.source, result)
        if broken:
            return Ground.LAW(broken[0])
        after = _look(result, self._config)
        if len(after.file.failures) > len(look.file.failures):
            return Ground.LAW("par-lint could not check the result")
        broken = _new_findings(after, Counter(r.finding.code for r in look.reports) - Counter(finding.code for finding, _ in edits))
        return Ground.LAW(broken[0]) if broken else _Step(result, [finding for finding, _ in edits], remaining, after)

    def _chosen(self, look: _Look) -> list[Report]:
        """The wanted reports in the order of their places."""
        wanted = [report for report in look.reports if self._wanted(report.finding, look.file.lines)]
        return sorted(wanted, key=lambda report: report.finding)

    def _is_fixable(self, report: Report) -> bool:
        """Whether an edit of a report may be made, as far as that is known before it is built."""
        if report.fix is None or _key(report.finding) in self._refused:
            return False
        return self._unsafe or report.finding.applicability is not Applicability.UNSAFE

    def _edit(self, report: Report) -> Edit | Finding:
        """The edit of a report, or its finding with the reason why there is none."""
        from par_lint.fixes.codegen.edit import RUNTIME

        finding = report.finding
        if report.fix is None or not self._is_fixable(report):
            refused = self._refused.get(_key(finding))
            return finding if refused is None else replace(finding, withheld=Withheld(refused, finding.line))
        try:
            edit = report.fix()
        except Exception as error:
            return self._failed(finding, error)
        if isinstance(edit, Withheld):
            return replace(finding, applicability=Applicability.NONE, withheld=edit)
        if self._is_runtime_missing and any(module == RUNTIME for module, _ in edit.imports):
            return replace(finding, withheld=Withheld(self._caveat or NO_RUNTIME, finding.line))
        return edit

    def _with_caveat(self, finding: Finding, edit: Edit) -> Finding:
        """A finding whose edit is made though its import may fail: a person has to look at that."""
        from par_lint.fixes.codegen.edit import RUNTIME

        if self._caveat is None or all(module != RUNTIME for module, _ in edit.imports):
            return finding
        return replace(finding, applicability=Applicability.UNSAFE, doubt=finding.doubt or Withheld(self._caveat, finding.line))


def _generated(finding: Finding) -> Finding:
    return replace(finding, applicability=Applicability.NONE, withheld=Withheld(Ground.GENERATED("the file is marked @generated"), 1))


def _new_findings(after: _Look, expected: Counter[str]) -> list[str]:
    """The law that a fix removes its finding and makes no other: the codes that a fixed file has too many of."""
    found = Counter(report.finding.code for report in after.reports)
    return [f"a {code} finding would be left or new" for code in sorted(found - expected)]


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.message


def _overlaps(edit: Edit, chosen: Sequence[_Chosen]) -> bool:
    from par_lint.analysis.syntax.nodes import descend

    mine = {inner for old, _ in edit.replaced for inner in descend(old, into_functions=True)}
    for _, other in chosen:
        for old, _ in other.replaced:
            if old in mine or any(inner in (o for o, _ in edit.replaced) for inner in descend(old, into_functions=True)):
                return True
    return False


def _apply(module: cst.Module, edits: Sequence[Edit], runtime: str | None) -> cst.Module:
    """The module with all edits made and the imports that they need added."""
    from par_lint.fixes.codegen.edit import RUNTIME
    from par_lint.fixes.codegen.imports import plan_import
    from par_lint.fixes.codegen.rename import rename_call
    from par_lint.fixes.codegen.replace import replace_nodes

    names = {(runtime or source if source == RUNTIME else source, name) for edit in edits for source, name in edit.imports}
    plans = [(name, plan_import(module, source, name)) for source, name in sorted(names)]
    replacements = {}
    for edit in edits:
        for old, new in edit.replaced:
            for name, plan in plans:
                if name:
                    new = rename_call(new, name, plan.local_name)
            replacements[old] = new
    changed = replace_nodes(module, replacements)
    for _, plan in plans:
        changed = plan.apply(changed)
    return changed
