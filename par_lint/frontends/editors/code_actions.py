"""Findings and actions for editors, independent of the protocol: the text may be unsaved."""

from __future__ import annotations

import functools
import io
import tokenize
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from par_lint.core.config.settings import Config
from par_lint.core.file_result import findings_of_text
from par_lint.core.files.read_errors import Problem, internal
from par_lint.core.files.source_text import UnparsableSource, decode, parse_tree, split_lines
from par_lint.core.files.text_spans import Place, Span, TextEdit, compute_edits, span_of_finding
from par_lint.core.findings import Applicability, Finding, Ground
from par_lint.core.internal_errors import CODE as FAILED
from par_lint.core.internal_errors import FIX_FILE, stderr_line
from par_lint.engine.fix_file import FixResult, SingleFixes, fix
from par_lint.engine.lint_file import lint
from par_lint.engine.runtime_module.location import Runtime
from par_lint.engine.suppression.baseline import Baseline
from par_lint.engine.suppression.noqa import with_noqa
from par_lint.engine.suppression.rule_selection import Selection

QUICK_FIX = "quickfix"
FIX_ALL = "source.fixAll.par-lint"
_BOM = "\ufeff"


@dataclass(frozen=True)
class MarkedFinding:
    """A finding and the span to underline."""

    finding: Finding
    span: Span


@dataclass(frozen=True)
class Action:
    """A code action. `marked` is the finding that it resolves, if it is for a single one."""

    title: str
    kind: str
    edits: tuple[TextEdit, ...]
    marked: MarkedFinding | None = None
    is_preferred: bool = False


@dataclass(frozen=True)
class Settings:
    """The settings of a file: its configuration, flake8's selection, the runtime module for fixes, and the baseline if there is one."""

    config: Config
    selection: Selection
    runtime: Runtime
    baseline: Baseline | None = None


class Buffer:
    """One state of the text of one file. Findings and actions are computed on demand and cached.

    All methods raise Problem for a bug in par-lint, and nothing else, for any text.
    """

    def __init__(self, path: Path, text: str, settings: Settings) -> None:
        self.path = path
        self.text = text
        self.settings = settings
        self.lines = split_lines(text)
        self.lacks_runtime = False
        self.failures: list[str] = []
        """Internal errors while making fixes, one line each."""
        self._shift = 1 if text.startswith(_BOM) else 0
        self._own_lines = split_lines(text.removeprefix(_BOM))
        self._quick_fixes: dict[Finding, Action | None] = {}

    @functools.cached_property
    def findings(self) -> tuple[MarkedFinding, ...]:
        """Return what `par-lint check` would report; nothing if the text cannot be parsed."""
        try:
            tree = parse_tree(self._source)
            found = [
                finding for finding in lint(tree, self._own_lines, self.settings.config, str(self.path))
                if finding.code == FAILED or self._is_wanted(finding, self._own_lines)
            ]  # fmt: skip
            if found and self.settings.baseline is not None:
                found = self.settings.baseline.unknown(findings_of_text(str(self.path), self._own_lines, found))
            return tuple(MarkedFinding(finding, self._shift_for_bom(span_of_finding(finding))) for finding in found)
        except UnparsableSource:
            return ()
        except Exception as error:
            raise internal(self.path, error) from error

    def find_actions(self, span: Span) -> Iterator[Action]:
        """Yield the quick fixes of the findings on the lines of `span`, then the `# noqa` actions for them."""
        asked = [marked for marked in self.findings if marked.span.touches(span)]
        for marked in asked:
            if marked.finding not in self._quick_fixes:
                self._quick_fixes[marked.finding] = self._quick_fix(marked)
            action = self._quick_fixes[marked.finding]
            if action is not None:
                yield action
        for marked in asked:
            yield from self._noqa_action(marked)

    @functools.cached_property
    def fix_all(self) -> Action | None:
        """Return all safe fixes as one action; None if there are none."""
        if not any(marked.finding.applicability is Applicability.SAFE for marked in self.findings):
            return None
        edits = self._edits(self._fix_safely)
        return Action("par-lint: apply all safe fixes", FIX_ALL, edits) if edits else None

    def _quick_fix(self, marked: MarkedFinding) -> Action | None:
        """Return the fix of one finding; None if there is none or it is withheld."""
        asked = marked.finding
        if asked.applicability is Applicability.NONE:
            return None
        edits = self._edits(lambda: self._single_fixes.fix(asked))
        if not edits:
            return None
        is_safe = asked.applicability is Applicability.SAFE
        return Action(_title(asked), QUICK_FIX, edits, marked, is_preferred=is_safe)

    def _edits(self, fixing: Callable[[], FixResult]) -> tuple[TextEdit, ...]:
        """Return the edits of a fix."""
        try:
            result = fixing()
            self.failures += [stderr_line(str(self.path), failed) for failed in result.failures]
            self.lacks_runtime |= any(left.withheld is not None and left.withheld.reason.ground is Ground.RUNTIME for left in result.remaining)
            return self._edits_to(result.source)
        except UnparsableSource:
            return ()
        except Exception as error:
            raise internal(self.path, error, FIX_FILE) from error

    @functools.cached_property
    def _single_fixes(self) -> SingleFixes:
        return SingleFixes(self._source, self.settings.config, self.settings.runtime.module, path=str(self.path))

    def _fix_safely(self) -> FixResult:
        return fix(self._source, self.settings.config, wanted=self._is_to_fix, runtime=self.settings.runtime.module, path=str(self.path))

    def _noqa_action(self, marked: MarkedFinding) -> Iterator[Action]:
        """Yield the action that adds a `# noqa` comment, unless there is no place for one or flake8 ignores such comments."""
        if marked.finding.code == FAILED:
            return
        try:
            commented = with_noqa(findings_of_text(str(self.path), self._own_lines, [marked.finding]), self.settings.selection)
        except (Problem, UnparsableSource):
            return
        yield Action(f"Disable {marked.finding.code} for this line", QUICK_FIX, self._edits_to(commented), marked)

    def _edits_to(self, source: bytes) -> tuple[TextEdit, ...]:
        """Return the edits that turn the text into `source`."""
        after = split_lines(decode(source)[0].removeprefix(_BOM))
        return tuple(replace(edit, span=self._shift_for_bom(edit.span)) for edit in compute_edits(self._own_lines, after))

    def _is_wanted(self, finding: Finding, lines: Sequence[str]) -> bool:
        return self.settings.selection.is_wanted(str(self.path), finding, lines)

    def _is_to_fix(self, finding: Finding, lines: Sequence[str]) -> bool:
        """Return whether "all safe fixes" includes a finding: those in the baseline are hidden, and stay."""
        baseline = self.settings.baseline
        return self._is_wanted(finding, lines) and (baseline is None or bool(baseline.unknown(findings_of_text(str(self.path), lines, [finding]))))

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
    doubt = f": {finding.doubt.reason}, line {finding.doubt.line}" if finding.doubt is not None else ""
    return f"{finding.code}: {remedy} (unsafe{doubt})"
