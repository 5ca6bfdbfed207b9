"""Findings and actions for editors, independent of the protocol: the text may be unsaved."""

from __future__ import annotations

import functools
import io
import time
import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from par_lint.core.config.settings import Config
from par_lint.core.file_result import findings_of_text
from par_lint.core.files.read_errors import Problem, internal
from par_lint.core.files.source_text import UnparsableSource, decode, split_lines
from par_lint.core.files.text_spans import Place, Span, TextEdit, compute_edits, span_of_finding
from par_lint.core.findings import Applicability, Finding, ReasonKind
from par_lint.core.internal_errors import CODE as FAILED
from par_lint.core.internal_errors import FIX_FILE, internal_error_finding, stderr_line
from par_lint.engine.fix_checks import is_generated
from par_lint.engine.fix_file import SingleFixes
from par_lint.engine.fix_result import SingleFix
from par_lint.engine.runtime_module.location import Runtime, display_path
from par_lint.engine.suppression.baseline import Baseline
from par_lint.engine.suppression.noqa_writer import comment_edits
from par_lint.engine.suppression.rule_selection import Selection
from par_lint.frontends.editors.notebook_cell import without_magics
from par_lint.frontends.editors.shown_findings import MarkedFinding, ShownFindings

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.par-lint"
FIX_ALL_TITLE = "par-lint: apply all safe fixes"
_BOM = "\ufeff"
_LONGEST_CHECK = 1.0  # seconds of CPU; where a check takes longer, computing fixes that nobody may ask for would delay the next check


@dataclass(frozen=True)
class Action:
    """A code action. `marked` is the finding that it resolves, if it is for a single one; `edits` is None while they are not computed yet.

    A note has no edits: its fix needs run_parallel, and the title says why it is withheld.
    """

    title: str
    kind: str
    edits: tuple[TextEdit, ...] | None = None
    marked: MarkedFinding | None = None
    is_preferred: bool = False
    is_comment: bool = False
    is_note: bool = False
    offer: str | None = None
    """What copying the runtime into the project would do; None if no place for a copy is sure."""


@dataclass(frozen=True)
class Settings:
    """The settings of a file: its configuration, flake8's selection, and the baseline if there is one. `project` is the one it belongs to."""

    config: Config
    selection: Selection
    project: object = None
    baseline: Baseline | None = None


class Buffer:
    """One state of the text of one file. Findings and actions are computed on demand and cached.

    All methods raise Problem for a bug in par-lint, and nothing else, for any text.
    """

    def __init__(
        self, path: Path, text: str, settings: Settings, find_runtime: Callable[[], Runtime], *, is_cell: bool = False, before: Buffer | None = None,
    ) -> None:  # fmt: skip
        """Start a new state of a text.

        Args:
            path: the file.
            text: its text in the editor.
            settings: its settings.
            find_runtime: finds the runtime module for fixes, when one is asked for.
            is_cell: the text is a cell of a notebook: lines for IPython are ignored, and syntax errors too.
            before: the state before this one.
        """
        self.path = path
        self.text = text
        self.settings = settings
        self._find_runtime = find_runtime
        self.lines = split_lines(text)
        self.failures: list[str] = []
        """Internal errors while making fixes, one line each."""
        self._shift = 1 if text.startswith(_BOM) else 0
        self._is_cell = is_cell
        own = text.removeprefix(_BOM)
        self._own_lines = split_lines(without_magics(own) if is_cell else own)
        self._last = before.last_shown if before is not None else ShownFindings()
        self._quick_fixes: dict[Finding, Action | None] = {}
        self._check_seconds = 0.0

    @property
    def findings(self) -> tuple[MarkedFinding, ...]:
        """Return what `par-lint check` would report; nothing if the text cannot be parsed."""
        return () if isinstance(self._checked, UnparsableSource) else self._checked

    @property
    def syntax_error(self) -> UnparsableSource | None:
        """Return why the text cannot be parsed."""
        return self._checked if isinstance(self._checked, UnparsableSource) and not self._is_cell else None

    @functools.cached_property
    def shown(self) -> tuple[MarkedFinding, ...]:
        """Return the findings, and while the text cannot be checked the last ones: they would come and go with each typed bracket."""
        has_failed = bool(self.findings) and all(marked.finding.code == FAILED for marked in self.findings)
        is_unchecked = isinstance(self._checked, UnparsableSource) or has_failed
        return (*self.findings, *(self._last.moved_to(self.lines).marked if is_unchecked else ()))

    @property
    def last_shown(self) -> ShownFindings:
        """Return what the editor shows, if this state was checked; else what it showed before."""
        if "_checked" not in self.__dict__:
            return self._last
        return ShownFindings(self.lines, tuple(marked for marked in self.shown if marked.finding.code != FAILED))

    @functools.cached_property
    def _checked(self) -> tuple[MarkedFinding, ...] | UnparsableSource:
        try:
            found = [finding for finding in self._lint() if finding.code == FAILED or self._is_wanted(finding, self._own_lines)]
            if found and self.settings.baseline is not None:
                found = self.settings.baseline.unknown(findings_of_text(str(self.path), self._own_lines, found))
            return tuple(MarkedFinding(finding, self._shift_for_bom(span_of_finding(finding))) for finding in found)
        except UnparsableSource as error:
            return error
        except Exception as error:
            raise internal(self.path, error) from error

    def _lint(self) -> list[Finding]:
        """Return all findings. What lint knows about the file is kept for the fixes. Raises UnparsableSource."""
        start = time.thread_time()
        try:
            found = self._single_fixes.findings()
            self._check_seconds = time.thread_time() - start
            return found
        except UnparsableSource:
            raise
        except Exception as error:
            return [internal_error_finding(error)]

    @functools.cached_property
    def runtime(self) -> Runtime:
        """Return the runtime module for fixes."""
        return self._find_runtime()

    def move_to(self, settings: Settings, find_runtime: Callable[[], Runtime]) -> None:
        """Compute fixes again, as the project has changed. The findings are the same."""
        self.settings, self._find_runtime = settings, find_runtime
        self._quick_fixes.clear()
        for name in ("runtime", "fix_all"):
            self.__dict__.pop(name, None)

    def forget(self) -> None:
        """Free the memory of the trees: another document is in use."""
        if "_single_fixes" in self.__dict__:
            self._single_fixes.forget()

    def find_actions(self, span: Span, *, is_lazy: bool = False) -> Iterator[Action]:
        """Yield the quick fixes of the findings on the lines of `span`, then the `# noqa` actions for them.

        If `is_lazy`, most have no edits yet: `quick_fix` and `noqa` return them. In rare cases these find that there is no such fix.
        """
        asked = [marked for marked in self.findings if marked.span.touches(span)]
        for marked in asked:
            action = self._offer(marked) if is_lazy else self.quick_fix(marked)
            if action is not None:
                yield action
        for marked in asked:
            comment = self._offer_noqa(marked) if is_lazy else self.noqa(marked)
            if comment is not None:
                yield comment

    def prepare(self) -> None:
        """Compute the fixes of all findings together, which takes little more time than one of them; not where it would take long."""
        if self.findings and self._check_seconds > _LONGEST_CHECK:
            return
        self._make_fixes([marked for marked in self.findings if marked.finding.applicability is not Applicability.NONE])

    def quick_fix(self, marked: MarkedFinding) -> Action | None:
        """Return the fix of one finding, or a note why it cannot be applied here; None if there is none."""
        if marked.finding.applicability is Applicability.NONE:
            return None
        self._make_fixes([marked])
        return self._quick_fixes[marked.finding]

    def _offer(self, marked: MarkedFinding) -> Action | None:
        """Return the fix of one finding, without edits unless they are known or tell whether there is one."""
        finding = marked.finding
        is_sure = finding.applicability is not Applicability.NONE and self.runtime.module is not None and not is_generated(self._own_lines)
        return self.quick_fix(marked) if finding in self._quick_fixes or not is_sure else self._action(marked, None)

    def noqa(self, marked: MarkedFinding) -> Action | None:
        """Return the action that adds a `# noqa` comment; None if there is no place for one or flake8 ignores such comments."""
        offer = self._offer_noqa(marked)
        if offer is None:
            return None
        try:
            edits = comment_edits(str(self.path), self._own_lines, self._single_fixes.tree, marked.finding, self.settings.selection)
        except (Problem, UnparsableSource):
            return None
        return replace(offer, edits=self._shifted(edits)) if edits and not self._changes_magic(edits) else None

    def _offer_noqa(self, marked: MarkedFinding) -> Action | None:
        return None if marked.finding.code == FAILED else Action(f"Disable {marked.finding.code} for this line", QUICK_FIX, marked=marked, is_comment=True)

    @property
    def offers_fix_all(self) -> bool:
        """Return whether there is a safe fix, unless it is withheld."""
        safe = [marked.finding for marked in self.findings if marked.finding.applicability is Applicability.SAFE]
        return any(not finding.uses_runtime for finding in safe) or bool(safe) and self.runtime.module is not None

    def prepare_fix_all(self) -> None:
        """Compute all safe fixes, likewise."""
        if self._check_seconds <= _LONGEST_CHECK:
            self.fix_all  # noqa: B018 - it is cached

    @functools.cached_property
    def fix_all(self) -> Action | None:
        """Return all safe fixes as one action; None if there are none."""
        if not self.offers_fix_all:
            return None
        try:
            self._single_fixes.runtime = self.runtime.module
            result = self._single_fixes.fix_safely(self._is_to_fix)
            self._note(result.failures)
            edits = self._edits_to(result.source)
        except UnparsableSource:
            return None
        except Exception as error:
            raise internal(self.path, error, FIX_FILE) from error
        return Action(FIX_ALL_TITLE, FIX_ALL, edits) if edits else None

    def _make_fixes(self, asked: Sequence[MarkedFinding]) -> None:
        """Compute the fix of each finding that is not known yet."""
        missing = [marked for marked in asked if marked.finding not in self._quick_fixes]
        if not missing:
            return
        try:
            self._single_fixes.runtime = self.runtime.module
            made = self._single_fixes.fix_all([marked.finding for marked in missing])
        except UnparsableSource:
            made = [SingleFix(marked.finding) for marked in missing]
        except Exception as error:
            raise internal(self.path, error, FIX_FILE) from error
        for marked, one in zip(missing, made, strict=True):
            self._note(one.failures)
            edits = self._shifted(one.edits)
            if edits and not self._changes_magic(edits):
                self._quick_fixes[marked.finding] = self._action(marked, edits)
            else:
                withheld = one.finding.withheld
                lacks_runtime = not edits and withheld is not None and withheld.reason.kind is ReasonKind.RUNTIME
                self._quick_fixes[marked.finding] = self._why_withheld(marked) if lacks_runtime else None

    def _note(self, failures: Sequence[Finding]) -> None:
        """Note internal errors."""
        self.failures += [stderr_line(str(self.path), failed) for failed in failures]

    def _why_withheld(self, marked: MarkedFinding) -> Action:
        """Return the note why a fix cannot import run_parallel."""
        copy = self.runtime.copy
        offer = f"copy the runtime to {display_path(copy)} first" if copy is not None else None
        return Action(f"{marked.finding.code}: no fix yet: {self.runtime.reason}", QUICK_FIX, (), marked, is_note=True, offer=offer)

    def _action(self, marked: MarkedFinding, edits: tuple[TextEdit, ...] | None) -> Action:
        return Action(_title(marked.finding), QUICK_FIX, edits, marked, is_preferred=marked.finding.applicability is Applicability.SAFE)

    @functools.cached_property
    def _single_fixes(self) -> SingleFixes:
        return SingleFixes(self._source, self.settings.config, None, much=0, path=str(self.path))

    def _edits_to(self, source: bytes) -> tuple[TextEdit, ...]:
        """Return the edits that turn the text into `source`."""
        after = split_lines(decode(source)[0].removeprefix(_BOM))
        edits = compute_edits(self._own_lines, after)
        return () if self._changes_magic(edits) else self._shifted(edits)

    def _changes_magic(self, edits: Sequence[TextEdit]) -> bool:
        """Return whether edits replace a line that is not Python: it would be lost."""
        magic = [at for at, (line, own) in enumerate(zip(self.lines, self._own_lines, strict=True)) if line.removeprefix(_BOM) != own]
        return any(edit.span.start.line <= at <= edit.span.end.line for edit in edits for at in magic)

    def _is_wanted(self, finding: Finding, lines: Sequence[str]) -> bool:
        return self.settings.selection.is_wanted(str(self.path), finding, lines)

    def _is_to_fix(self, finding: Finding, lines: Sequence[str]) -> bool:
        """Return whether "all safe fixes" includes a finding: those in the baseline are hidden, and stay."""
        baseline = self.settings.baseline
        return self._is_wanted(finding, lines) and (baseline is None or bool(baseline.unknown(findings_of_text(str(self.path), lines, [finding]))))

    def _shifted(self, edits: Sequence[TextEdit]) -> tuple[TextEdit, ...]:
        return tuple(replace(edit, span=self._shift_for_bom(edit.span)) for edit in edits)

    def _shift_for_bom(self, span: Span) -> Span:
        """Return a span shifted for the byte order mark that some editors keep in the text."""
        start, end = (Place(place.line, place.column + self._shift * (place.line == 0)) for place in (span.start, span.end))
        return Span(start, end)

    @functools.cached_property
    def _source(self) -> bytes:
        """Return the bytes that saving the text would write. Raises UnparsableSource."""
        text = "".join(self._own_lines)
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(text.encode("utf-8", "replace")).readline)
            return (_BOM * self._shift).encode() + text.encode(encoding)
        except (SyntaxError, LookupError, UnicodeEncodeError) as error:
            raise UnparsableSource(1, str(error)) from None


def _title(finding: Finding) -> str:
    """Return the title of a fix: the remedy, which follows the colon in the message, and whether it is safe."""
    remedy = finding.message.partition(" (unsafe fix: ")[0].rpartition(": ")[2]
    if finding.applicability is Applicability.SAFE:
        return f"{finding.code}: {remedy} (safe)"
    caveat = f": {finding.caveat.reason}, line {finding.caveat.line}" if finding.caveat is not None else ""
    return f"{finding.code}: {remedy} (unsafe{caveat})"
