"""lint() and fix(): the only module that knows all layers, and the only one that imports libcst when it is needed."""

from __future__ import annotations

import ast
import gc
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from par_lint.candidates import Candidates
from par_lint.config import Config
from par_lint.findings import Applicability, Finding, Ground, UnparsableSource, Withheld
from par_lint.index import FileIndex
from par_lint.resolve import Resolver
from par_lint.slices import Slice, slice_around, whole
from par_lint.source import decode, parse_tree, split_lines

if TYPE_CHECKING:
    import libcst as cst

    from par_lint.analysis.facts import Facts
    from par_lint.fixes.edit import Edit
    from par_lint.rules._rule import Report

__all__ = ["FixResult", "Silence", "UnparsableSource", "find_silences", "fix", "lint"]

_MAX_PASSES = 4  # fixes that overlap wait for the next pass
Wanted = Callable[[Finding, Sequence[str]], bool]
"""Whether a finding in a file of these lines counts: selection, ignores, `# noqa`."""

OVERLAP = Ground.OVERLAP("another fix of these lines comes first: run again")
NO_RUNTIME = Ground.RUNTIME("no runtime module to import")


def lint(tree: ast.Module, lines: Sequence[str], config: Config, *, gate: bool = True) -> list[Finding]:
    """All findings in a file, sorted by place. `lines` are the file's own, with their ends.

    Never raises on user code: what cannot be analysed gives no finding. `gate=False` looks at the whole file.
    """
    with _collector_paused():
        try:
            index = FileIndex(tree)
            resolver = Resolver(index, config.catalog)
            wanted = Candidates(resolver).lines() if gate else {1}
            if not wanted:
                return []
            piece = slice_around(tree, lines, wanted) if gate else whole(lines)
            return sorted(report.finding for report in _reports(index, resolver, piece, lines, config))
        except RecursionError:  # code nested deeper than Python recurses
            return []


@dataclass(frozen=True)
class Silence:
    """A loop that is not reported, from `line` to `end_line`, and the reason with its line; all 1-based."""

    line: int
    column: int
    end_line: int
    reason: str
    reason_line: int
    is_io: bool


def find_silences(source: bytes, config: Config) -> list[Silence]:
    """The loops of a file that are not reported, in source order. Raises UnparsableSource."""
    from par_lint.analysis.loops import find_loops

    lines = split_lines(decode(source)[0].removeprefix("\ufeff"))
    index = FileIndex(parse_tree(source))
    facts = _facts(index, Resolver(index, config.catalog), whole(lines), lines, config)
    if facts is None:
        raise UnparsableSource(1, "libcst cannot parse this file")
    found = []
    for loop in find_loops(facts).silent:
        line, column = facts.position(loop.node)
        end_line = facts.span(loop.node)[2]
        found.append(Silence(line, column, end_line, loop.blocked.reason, facts.line(loop.blocked.node), loop.is_io))
    return found


def _facts(
    index: FileIndex, resolver: Resolver, piece: Slice, lines: Sequence[str], config: Config, module: cst.Module | None = None
) -> Facts | None:
    """Facts about a slice, or about the whole file where the slice does not parse; None where that does not either."""
    import libcst as cst

    from par_lint.analysis.facts import Facts

    if module is None:
        try:
            module = cst.parse_module(piece.text)
        except cst.ParserSyntaxError:
            piece = whole(lines)
            try:
                module = cst.parse_module(piece.text)
            except cst.ParserSyntaxError:  # a grammar newer than libcst's
                return None
    return Facts(index, resolver, piece, lines, module, config.runtime)


def _reports(
    index: FileIndex, resolver: Resolver, piece: Slice, lines: Sequence[str], config: Config, module: cst.Module | None = None
) -> list[Report]:
    from par_lint.analysis.walk import walk
    from par_lint.rules import all_rules

    facts = _facts(index, resolver, piece, lines, config, module)
    if facts is None:
        return []
    visitors = [rule.Visitor(facts, config) for rule in all_rules()]
    walk(facts.module, visitors)
    return [_trusted(report, config) for visitor in visitors for report in visitor.reports]


def _trusted(report: Report, config: Config) -> Report:
    """A report whose fix is as safe as the project says that it is."""
    finding = report.finding
    if finding.applicability is Applicability.NONE:
        return report
    if finding.code.startswith(config.unsafe_codes):
        doubt = finding.doubt or Withheld(Ground.PERSON("extend-unsafe-fixes asks for it"), finding.line)
        return replace(report, finding=replace(finding, applicability=Applicability.UNSAFE, doubt=doubt))
    if finding.code.startswith(config.safe_codes):
        return replace(report, finding=replace(finding, applicability=Applicability.SAFE, doubt=None))
    return report


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Garbage collection off: parsing allocates so many objects that collections would take a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@dataclass(frozen=True)
class FixResult:
    """What fixing one file came to. `source` is the very input when nothing was changed."""

    source: bytes
    fixed: tuple[Finding, ...]
    remaining: tuple[Finding, ...]


def fix(
    source: bytes,
    config: Config,
    *,
    unsafe: bool = False,
    wanted: Wanted = lambda finding, lines: True,
    runtime: str | None = None,
) -> FixResult:
    """Fix a file: all safe fixes of wanted findings, the unsafe ones too when asked.

    `runtime` is the module that `run_parallel` is imported from; without it loop fixes are withheld.
    Raises UnparsableSource. A fix that would break a law of `guard` is taken back and reported as withheld.
    """
    fixed: list[Finding] = []
    refused: dict[tuple[str, str], Withheld] = {}
    current = source
    for _ in range(_MAX_PASSES):
        try:
            with _collector_paused():
                step = _fix_once(current, config, unsafe, wanted, runtime, refused)
        except RecursionError:
            raise UnparsableSource(1, "nested too deeply") from None
        if not step.fixed:
            break
        current = step.source
        fixed += step.fixed
    return FixResult(current, tuple(fixed), tuple(step.remaining))


def _fix_once(
    source: bytes,
    config: Config,
    unsafe: bool,
    wanted: Wanted,
    runtime: str | None,
    refused: dict[tuple[str, str], Withheld],
) -> FixResult:
    lines = split_lines(decode(source)[0].removeprefix("\ufeff"))
    index = FileIndex(parse_tree(source))
    resolver = Resolver(index, config.catalog)
    if not Candidates(resolver).lines():
        return FixResult(source, (), ())
    from par_lint import guard
    from par_lint.fixes.source import parse_source

    parsed = parse_source(source)
    everything = _reports(index, resolver, whole(lines), lines, config, parsed.module)
    reports = [report for report in everything if wanted(report.finding, lines)]
    if guard.is_generated(lines):
        return FixResult(source, (), tuple(sorted(_generated(report.finding) for report in reports)))
    remaining: list[Finding] = []
    chosen: list[tuple[Finding, Edit]] = []
    for report in sorted(reports, key=lambda report: report.finding):
        edit = _edit(report, unsafe, runtime, refused)
        if isinstance(edit, Finding):
            remaining.append(edit)
        elif _overlaps(edit, chosen):
            remaining.append(replace(report.finding, withheld=Withheld(OVERLAP, report.finding.line)))
        else:
            chosen.append((report.finding, edit))
    while chosen:
        result = parsed.render(_apply(parsed.module, [edit for _, edit in chosen], runtime))
        expected = Counter(report.finding.code for report in everything) - Counter(finding.code for finding, _ in chosen)
        broken = guard.violations(source, result) or _new_findings(result, config, expected)
        if not broken:
            return FixResult(result, tuple(finding for finding, _ in chosen), tuple(remaining))
        finding, _ = chosen.pop()
        withheld = Withheld(Ground.LAW(broken[0]), finding.line)
        refused[_key(finding)] = withheld
        remaining.append(replace(finding, withheld=withheld))
    return FixResult(source, (), tuple(sorted(remaining)))


def _generated(finding: Finding) -> Finding:
    return replace(finding, applicability=Applicability.NONE, withheld=Withheld(Ground.GENERATED("the file is marked @generated"), 1))


def _new_findings(result: bytes, config: Config, expected: Counter[str]) -> list[str]:
    """The law that a fix removes its finding and makes no other: the codes that a fixed file has too many of."""
    found = Counter(finding.code for finding in lint(parse_tree(result), split_lines(decode(result)[0].removeprefix("\ufeff")), config))
    return [f"a {code} finding would be left or new" for code in sorted(found - expected)]


def _key(finding: Finding) -> tuple[str, str]:
    return finding.code, finding.message


def _edit(report: Report, unsafe: bool, runtime: str | None, refused: dict[tuple[str, str], Withheld]) -> Edit | Finding:
    """The edit of a report, or its finding with the reason why there is none."""
    from par_lint.fixes.edit import RUNTIME

    finding = report.finding
    if report.fix is None or _key(finding) in refused:
        return replace(finding, withheld=refused.get(_key(finding), finding.withheld))
    if finding.applicability is Applicability.UNSAFE and not unsafe:
        return finding
    edit = report.fix()
    if isinstance(edit, Withheld):
        return replace(finding, applicability=Applicability.NONE, withheld=edit)
    if runtime is None and any(module == RUNTIME for module, _ in edit.imports):
        return replace(finding, withheld=Withheld(NO_RUNTIME, finding.line))
    return edit


def _overlaps(edit: Edit, chosen: Sequence[tuple[Finding, Edit]]) -> bool:
    from par_lint.analysis.nodes import descend

    mine = {inner for old, _ in edit.replaced for inner in descend(old, into_functions=True)}
    for _, other in chosen:
        for old, _ in other.replaced:
            if old in mine or any(inner in (o for o, _ in edit.replaced) for inner in descend(old, into_functions=True)):
                return True
    return False


def _apply(module: cst.Module, edits: Sequence[Edit], runtime: str | None) -> cst.Module:
    """The module with all edits made and the imports that they need added."""
    from par_lint.fixes.edit import RUNTIME
    from par_lint.fixes.imports import plan_import
    from par_lint.fixes.rename import rename_call
    from par_lint.fixes.replace import replace_nodes

    names = {(runtime or source if source == RUNTIME else source, name) for edit in edits for source, name in edit.imports}
    plans = [(name, plan_import(module, source, name)) for source, name in sorted(names)]
    replacements = {}
    for edit in edits:
        for old, new in edit.replaced:
            for name, plan in plans:
                if plan.local_name != name:
                    new = rename_call(new, name, plan.local_name)
            replacements[old] = new
    changed = replace_nodes(module, replacements)
    for _, plan in plans:
        changed = plan.apply(changed)
    return changed
