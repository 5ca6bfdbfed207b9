"""Fix one file: lint it, choose fixes that do not overlap, apply them, and keep those that break no invariant."""

from __future__ import annotations

import ast
import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from par_lint.analysis.gate.slices import whole
from par_lint.core.config.settings import Config
from par_lint.core.deep_recursion import should_retry_with_deep_stack, with_enough_stack
from par_lint.core.files.source_text import decode, split_lines
from par_lint.core.files.text_spans import TextEdit, compute_edits
from par_lint.core.findings import Applicability, Finding, Reason, ReasonKind, Withheld
from par_lint.core.internal_errors import internal_error_finding
from par_lint.engine import fix_checks
from par_lint.engine.fix_result import FixResult, SingleFix
from par_lint.engine.lint_file import File, collector_paused
from par_lint.engine.original_places import OriginalPositions
from par_lint.engine.replaced_nodes import ReplacedNodes
from par_lint.engine.runtime_module.import_names import first_party
from par_lint.engine.statement_edits import StatementEdits

if TYPE_CHECKING:
    import libcst as cst

    from par_lint.analysis.facts import Facts
    from par_lint.fixes.codegen.edit import Edit
    from par_lint.fixes.codegen.imports import ImportPlan
    from par_lint.fixes.codegen.round_trip import ParsedSource
    from par_lint.rules._rule import Report

    _Chosen: TypeAlias = tuple[Finding, Edit]
    _Plans: TypeAlias = dict[tuple[str, str], ImportPlan]

_MAX_ITERATIONS = 4  # a fix that overlaps another one is applied in the next iteration
_FEW, _MUCH = 60, 1 / 3  # lines, and the part of the file; skipping fewer costs more than it saves if the whole file may be needed next
_MUCH_OF_FIXED = 3 / 4  # the same if fixes are shown, which need the whole file
Wanted = Callable[[Finding, Sequence[str]], bool]
"""Returns whether a finding in a file with these lines counts: selection, ignores, `# noqa`."""

OVERLAP = ReasonKind.OVERLAP("another fix of these lines is applied first: run again")
NO_RUNTIME = ReasonKind.RUNTIME("no module to import run_parallel from (see `par-lint vendor --help`)")


def _only(asked: Finding, before: Sequence[str]) -> Wanted:
    """Return a predicate for one finding, which fails if the lines have changed: another finding may then be at that position."""

    def is_asked(finding: Finding, lines: Sequence[str]) -> bool:
        is_same = (finding.line, finding.column, finding.code) == (asked.line, asked.column, asked.code)
        return is_same and list(lines) == list(before)

    return is_asked


def _any_of(asked: Sequence[Finding], before: Sequence[str]) -> Wanted:
    """Return a predicate for several findings, as `_only` for one."""
    places = {_place(finding) for finding in asked}
    return lambda finding, lines: _place(finding) in places and list(lines) == list(before)


def _place(finding: Finding) -> tuple[int, int, str]:
    return finding.line, finding.column, finding.code


def fix(
    source: bytes,
    config: Config,
    *,
    unsafe: bool = False,
    wanted: Wanted = lambda finding, lines: True,
    runtime: str | None = None,
    caveat: Reason | None = None,
    despite: bool = False,
    path: str = "",
    in_scope: Callable[[Finding], bool] | None = None,
) -> FixResult:
    """Fix a file: all safe fixes of wanted findings, and with `unsafe` also the unsafe ones.

    A fix that would break an invariant is undone and reported as withheld.

    Args:
        source: the bytes of the file.
        config: its settings.
        unsafe: apply unsafe fixes too.
        wanted: which findings to fix.
        runtime: the module from which fixed code imports run_parallel; if None, loop fixes are withheld.
        caveat: why there is no such module, or why importing it may fail. Loop fixes are then unsafe.
        despite: make loop fixes in spite of `caveat`.
        path: the file; empty if it has none.
        in_scope: which findings of the file as it was to fix, if not all. Fixes move the others, and `wanted` sees where they are then.

    Raises:
        UnparsableSource: the file is not valid Python.
    """
    with collector_paused():
        return with_enough_stack(
            lambda: _Fixing(config, unsafe, wanted, runtime, caveat, despite=despite, in_scope=in_scope).run(_lint_slice(source, config, path))
        )  # fmt: skip


class SingleFixes:
    """The fix of each finding by itself, safe or not. The file is linted once, for any number of findings."""

    def __init__(
        self, source: bytes, config: Config, runtime: str | None, caveat: Reason | None = None, *, despite: bool = False, much: float = _MUCH_OF_FIXED,
        path: str = "",
    ) -> None:  # fmt: skip
        """See `fix` for `runtime`, `caveat`, `despite` and `path`.

        `runtime` may be set later, before a fix. `much` is the part of the file from which on skipping it is worth while: 0 if findings
        may be all that is asked for.
        """
        self._source = source
        self._config = config
        self.runtime = runtime
        self._caveat = caveat
        self._despite = despite
        self._much = much
        self._path = path

    def fix(self, asked: Finding) -> FixResult:
        """Fix one finding only. Raises UnparsableSource."""
        with collector_paused():
            return with_enough_stack(lambda: self._fix(asked))

    def fix_safely(self, wanted: Wanted) -> FixResult:
        """Apply all safe fixes of wanted findings, as `fix` does. Raises UnparsableSource."""
        with collector_paused():
            return with_enough_stack(lambda: _Fixing(self._config, False, wanted, self.runtime, self._caveat, despite=self._despite).run(self._linted))

    def findings(self) -> list[Finding]:
        """Return all findings of the file, sorted, as `lint` does. Raises UnparsableSource."""
        with collector_paused():
            linted = with_enough_stack(lambda: self._linted)
        return sorted([*(report.finding for report in linted.reports), *linted.file.failures.values()])

    @property
    def tree(self) -> ast.Module:
        """Return the standard syntax tree of the file. Raises UnparsableSource."""
        return self._linted.file.tree

    def forget(self) -> None:
        """Free the memory of the trees; findings and fixes are computed again if they are asked for."""
        linted: _LintedFile | None = self.__dict__.pop("_linted", None)
        if linted is not None:
            linted.file.forget()

    def fix_all(self, asked: Sequence[Finding]) -> list[SingleFix]:
        """Return the fix of each finding by itself. The invariants are checked for many fixes at a time. Raises UnparsableSource."""
        with collector_paused():
            return with_enough_stack(lambda: self._fix_all(asked))

    def _fix_all(self, asked: Sequence[Finding]) -> list[SingleFix]:
        from par_lint.analysis.syntax.parser import unvalidated

        linted = self._linted
        with unvalidated():
            fixing = _Fixing(self._config, True, _any_of(asked, linted.file.lines), self.runtime, self._caveat, despite=self._despite)
            found = fixing.each(linted)
        return [found.get(_place(finding)) or self._single(finding) for finding in asked]

    def _single(self, asked: Finding) -> SingleFix:
        """Return the fix of a finding that is not like its fix together with others."""
        result = self._fix(asked)
        if not result.fixed:
            return SingleFix(next(iter(result.remaining), asked), failures=result.failures)
        before, after = (split_lines(decode(source)[0].removeprefix("\ufeff")) for source in (self._source, result.source))
        return SingleFix(result.fixed[0], tuple(compute_edits(before, after)), result.failures)

    def _fix(self, asked: Finding) -> FixResult:
        linted = self._linted
        wanted = _only(asked, linted.file.lines)
        return _Fixing(self._config, True, wanted, self.runtime, self._caveat, despite=self._despite).run(linted)

    @functools.cached_property
    def _linted(self) -> _LintedFile:
        return _lint_slice(self._source, self._config, self._path, much=self._much)


@dataclass(frozen=True)
class _LintedFile:
    """A file and the reports of all rules. `parsed` is the LibCST tree of the whole file, with its `facts`; None if a slice was enough."""

    file: File
    source: bytes
    reports: Sequence[Report] = ()
    parsed: ParsedSource | None = None
    facts: Facts | None = None

    @functools.cached_property
    def whole(self) -> _LintedFile:
        """Return the whole file, linted: only then it can be changed."""
        return self if self.parsed is not None else _lint_whole(self.file, self.source)


def _lint_slice(source: bytes, config: Config, path: str, *, much: float = _MUCH) -> _LintedFile:
    """Lint a file: the lines that rules need, or the whole file if that skips not more than `much` of it."""
    file = File.of(source, config, path)
    piece = file.slice()
    if piece is None:
        return _LintedFile(file, source)
    least = max(_FEW, len(file.lines) * much) if much else 0  # lines to skip
    if len(file.lines) - len(piece.file_lines) > least:
        return _LintedFile(file, source, file.reports(piece))
    return _lint_whole(file, source)


def _lint_whole(file: File, source: bytes) -> _LintedFile:
    from par_lint.fixes.codegen.round_trip import parse_source

    parsed = parse_source(source)
    facts = file.facts(whole(file.lines), parsed.module)
    return _LintedFile(file, source, file.reports_on(facts), parsed, facts)


@dataclass(frozen=True)
class _Iteration:
    """The result of one iteration: what was fixed, what is left, and the fixed file, linted to check the invariants."""

    source: bytes
    fixed: Sequence[Finding]
    remaining: Sequence[Finding]
    after: _LintedFile | None = None


class _Fixing:
    """The iterations over one file. `refused` are the fixes that were undone."""

    def __init__(
        self, config: Config, unsafe: bool, wanted: Wanted, runtime: str | None, caveat: Reason | None, *, despite: bool,
        in_scope: Callable[[Finding], bool] | None = None,
    ) -> None:  # fmt: skip
        self._config = config
        self._unsafe = unsafe
        self._wanted = wanted
        self._runtime = runtime
        self._caveat = caveat
        self._is_runtime_missing = runtime is None or caveat is not None and not despite
        self._refused: dict[tuple[str, str], Reason] = {}
        self._failures: dict[tuple[int, int, str], Finding] = {}
        self._in_scope = in_scope
        self._places: OriginalPositions | None = None

    def run(self, linted: _LintedFile) -> FixResult:
        """Iterate, starting with `linted`, until nothing more can be fixed."""
        from par_lint.analysis.syntax.parser import unvalidated

        self._places = places = OriginalPositions([report.finding for report in linted.reports])
        fixed: list[Finding] = []
        for _ in range(_MAX_ITERATIONS):
            to_original = places.translator([report.finding for report in linted.reports])
            with unvalidated():
                step = self._iterate(linted)
            done = list(map(to_original, step.fixed))
            fixed += done
            if step.after is None:
                break
            places.remove(done)
            linted = step.after
        before = tuple(sorted(map(to_original, step.remaining)))
        return FixResult(
            step.source, tuple(sorted(fixed)), tuple(step.remaining), tuple(sorted(self._failures.values())), before, self._runtime is None or self._caveat is not None,
        )  # fmt: skip

    def each(self, linted: _LintedFile) -> dict[tuple[int, int, str], SingleFix]:
        """Return the fix of each finding by itself, by place; without those that must be tried alone."""
        reports = self._wanted_reports(linted)
        if fix_checks.is_generated(linted.file.lines) or linted.file.failures or not any(self._is_fixable(report) for report in reports):
            return {}
        linted = linted.whole
        assert linted.parsed is not None
        found: dict[tuple[int, int, str], SingleFix] = {}
        pending: list[_Chosen] = []
        for report in self._wanted_reports(linted):
            edit = self._edit(report)
            if isinstance(edit, Finding):
                found[_place(edit)] = SingleFix(edit)
            else:
                pending.append((self._with_caveat(report.finding, edit), edit))
        if self._failures:
            return {}
        texts = StatementEdits(linted.parsed)
        plans: _Plans = {}
        while pending:
            group: list[_Chosen] = []
            rest: list[_Chosen] = []
            taken = ReplacedNodes()
            for chosen in pending:
                (group if taken.take(chosen[1]) else rest).append(chosen)
            pending = rest
            kept = set(self._apply_edits(linted, group, []).fixed)
            for finding, edit in group:
                edits = _edit_texts(linted.parsed, texts, edit, self._runtime, plans, first_party(linted.file.path, self._runtime)) if finding in kept else None
                if edits is not None:
                    found[_place(finding)] = SingleFix(finding, tuple(edits))
        return found

    def _iterate(self, linted: _LintedFile) -> _Iteration:
        reports = self._wanted_reports(linted)
        if fix_checks.is_generated(linted.file.lines):
            return _Iteration(linted.source, (), sorted(_withheld_generated(report.finding) for report in reports))
        if linted.parsed is None and any(self._is_fixable(report) for report in reports):
            linted = linted.whole
            reports = self._wanted_reports(linted)
        remaining: list[Finding] = []
        edits: list[_Chosen] = []
        taken = ReplacedNodes()
        for report in reports:
            edit = self._edit(report)
            if isinstance(edit, Finding):
                remaining.append(edit)
            elif not taken.take(edit):
                remaining.append(replace(report.finding, withheld=Withheld(OVERLAP, report.finding.line)))
            else:
                edits.append((self._with_caveat(report.finding, edit), edit))
        for failed in linted.file.failures.values():
            self._failures.setdefault((failed.line, failed.column, failed.code), failed)
        return self._apply_edits(linted, edits, remaining)

    def _apply_edits(self, linted: _LintedFile, edits: Sequence[_Chosen], remaining: list[Finding]) -> _Iteration:
        """Apply all edits together; if that breaks an invariant, bisect them and keep the groups that break none."""
        step = _Iteration(linted.source, (), sorted(remaining))
        kept: list[_Chosen] = []
        groups = [list(edits)] if edits else []
        while groups:
            group = groups.pop()
            made = self._attempt(linted, [*kept, *group], remaining)
            if isinstance(made, _Iteration):
                kept += group
                step = made
            elif len(group) > 1:
                half = len(group) // 2
                groups += [group[half:], group[:half]]
            elif isinstance(made, Exception):
                remaining.append(self._internal_error(group[0][0], made))
            else:
                self._refused[_key(group[0][0])] = made
                remaining.append(replace(group[0][0], withheld=Withheld(made, group[0][0].line)))
        return replace(step, remaining=sorted(remaining))

    def _attempt(self, linted: _LintedFile, edits: Sequence[_Chosen], remaining: Sequence[Finding]) -> _Iteration | Reason | Exception:
        """Return the result of applying edits, the invariant that it breaks, or the internal error."""
        try:
            return self._render_and_check(linted, edits, remaining)
        except Exception as error:
            if should_retry_with_deep_stack(error):
                raise
            return error

    def _internal_error(self, finding: Finding, error: Exception) -> Finding:
        """Record an internal error, and return the finding as withheld because of it."""
        if should_retry_with_deep_stack(error):
            raise error
        key = finding.line, finding.column, finding.code
        self._failures.setdefault(key, internal_error_finding(error, finding.line, finding.column, f"fix {finding.code} here"))
        self._refused[_key(finding)] = reason = ReasonKind.INTERNAL("internal error in par-lint")
        return replace(finding, applicability=Applicability.NONE, withheld=Withheld(reason, finding.line))

    def _render_and_check(self, linted: _LintedFile, edits: Sequence[_Chosen], remaining: Sequence[Finding]) -> _Iteration | Reason:
        """Return the result of applying edits, or the invariant that it breaks."""
        from par_lint.fixes.codegen.line_length import wrap_together
        from par_lint.fixes.codegen.own_line_length import own_line_length

        assert linted.parsed is not None and linted.facts is not None
        together = wrap_together([edit for _, edit in edits], linted.facts, self._config.line_length or own_line_length(linted.facts))
        result = linted.parsed.render(_apply(linted.parsed.module, together, self._runtime, own=first_party(linted.file.path, self._runtime)))
        broken = fix_checks.violations(linted.source, result)
        if broken:
            return ReasonKind.INVARIANT(broken[0])
        after = _lint_slice(result, self._config, linted.file.path)
        if len(after.file.failures) > len(linted.file.failures):
            return ReasonKind.INVARIANT("par-lint could not check the result")
        broken = _new_findings(after, Counter(r.finding.code for r in linted.reports) - Counter(finding.code for finding, _ in edits))
        return ReasonKind.INVARIANT(broken[0]) if broken else _Iteration(result, [finding for finding, _ in edits], remaining, after)

    def _wanted_reports(self, linted: _LintedFile) -> list[Report]:
        """Return the wanted reports in source order."""
        wanted = [report for report in linted.reports if self._wanted(report.finding, linted.file.lines)]
        if self._in_scope is not None and self._places is not None:
            origins = self._places.origins([report.finding for report in linted.reports])
            wanted = [one for one in wanted if (origin := origins.get(_place(one.finding))) is not None and self._in_scope(origin)]
        return sorted(wanted, key=lambda report: report.finding)

    def _is_fixable(self, report: Report) -> bool:
        """Return whether a report may be fixed, as far as that is known before the edit is built."""
        if report.fix is None or _key(report.finding) in self._refused:
            return False
        return self._unsafe or report.finding.applicability is not Applicability.UNSAFE

    def _edit(self, report: Report) -> Edit | Finding:
        """Return the edit of a report, or its finding with the reason why there is none."""
        from par_lint.fixes.codegen.edit import RUNTIME

        finding = report.finding
        if report.fix is None or not self._is_fixable(report):
            refused = self._refused.get(_key(finding))
            return finding if refused is None else replace(finding, withheld=Withheld(refused, finding.line))
        try:
            edit = report.fix()
        except Exception as error:
            return self._internal_error(finding, error)
        if isinstance(edit, Withheld):
            return replace(finding, applicability=Applicability.NONE, withheld=edit)
        if self._is_runtime_missing and any(module == RUNTIME for module, _ in edit.imports):
            return replace(finding, withheld=Withheld(self._caveat or NO_RUNTIME, finding.line))
        return edit

    def _with_caveat(self, finding: Finding, edit: Edit) -> Finding:
        """Return the finding of an edit; unsafe if the import of the runtime may fail."""
        from par_lint.fixes.codegen.edit import RUNTIME

        if self._caveat is None or all(module != RUNTIME for module, _ in edit.imports):
            return finding
        return replace(finding, applicability=Applicability.UNSAFE, caveat=Withheld(self._caveat, finding.line))


def _withheld_generated(finding: Finding) -> Finding:
    return replace(finding, applicability=Applicability.NONE, withheld=Withheld(ReasonKind.GENERATED("the file is marked @generated"), 1))


def _new_findings(after: _LintedFile, expected: Counter[str]) -> list[str]:
    """Check that the fixes removed their findings and added no others. Return a phrase for each code with too many findings."""
    found = Counter(report.finding.code for report in after.reports)
    return [f"a {code} finding would be left or new" for code in sorted(found - expected)]


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.message


def _edit_texts(
    parsed: ParsedSource, texts: StatementEdits, edit: Edit, runtime: str | None, plans: _Plans, own: frozenset[str],
) -> list[TextEdit] | None:  # fmt: skip
    """Return the text edits of a fix; None if it changes several top-level statements."""
    home = texts.home([old for old, _ in edit.replaced])
    if home is None:
        return None
    return texts.between(_apply(parsed.module, [edit], runtime, only=home, known=plans, own=own))


def _apply(
    module: cst.Module, edits: Sequence[Edit], runtime: str | None, only: int | None = None, known: _Plans | None = None,
    own: frozenset[str] = frozenset(),
) -> cst.Module:  # fmt: skip
    """Return the module with all edits applied and the required imports added.

    Args:
        module: the module.
        edits: fixes that do not overlap.
        runtime: the module that `RUNTIME` stands for.
        only: the top-level statement that contains all replaced nodes, if there is one.
        known: imports that were planned before for this module; new ones are added.
        own: the top-level packages of the project.
    """
    from par_lint.fixes.codegen.edit import RUNTIME
    from par_lint.fixes.codegen.import_placeholders import rename_call
    from par_lint.fixes.codegen.imports import plan_import
    from par_lint.fixes.codegen.replace import replace_nodes

    names = {(runtime or source if source == RUNTIME else source, name) for edit in edits for source, name in edit.imports}
    known = {} if known is None else known
    known.update({key: plan_import(module, *key, own) for key in names if key not in known})
    plans = [(name, known[source, name]) for source, name in sorted(names)]
    replacements = {}
    for edit in edits:
        for old, new in edit.replaced:
            for name, plan in plans:
                if name:
                    new = rename_call(new, name, plan.local_name)
            replacements[old] = new
    if only is None:
        changed = replace_nodes(module, replacements)
    else:
        before, after = module.body[:only], module.body[only + 1 :]
        changed = module.with_changes(body=[*before, *replace_nodes(module.with_changes(body=[module.body[only]]), replacements).body, *after])
    for _, plan in plans:
        changed = plan.apply(changed)
    return changed
