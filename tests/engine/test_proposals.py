"""The fixes of single findings, which reports and editors show: each by itself, all from one look at the file."""

from __future__ import annotations

from pathlib import Path

import libcst
import pytest
from fixture_cases import fixture_files

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.core.files.text_spans import apply_edits
from par_lint.core.findings import Applicability, Finding
from par_lint.engine.fix_diff import Import, lint_and_propose
from par_lint.engine.fix_file import SingleFixes, fix
from par_lint.engine.lint_files import lint_file

FIXTURES = list(fixture_files())
RUNTIME = "par_lint.parallel"
LOOPS = "".join(f"def f{number}(paths):\n    for path in paths:\n        print(open(path).read())\n\n\n" for number in range(30))


def fixable(path: Path) -> list[Finding]:
    return [finding for finding in lint_file(str(path)).findings if finding.applicability is not Applicability.NONE]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_fix_is_the_same_whichever_others_are_asked_for(path: Path) -> None:
    source, fixes = path.read_bytes(), SingleFixes(path.read_bytes(), Config(), RUNTIME)
    lines = split_lines(source.decode())
    asked = fixable(path)
    for finding, together in zip(asked, fixes.fix_all(asked), strict=True):
        place = finding.line, finding.column, finding.code
        alone = fix(
            source, Config(), unsafe=True, runtime=RUNTIME,
            wanted=lambda finding, lines, place=place: (finding.line, finding.column, finding.code) == place and "".join(lines).encode() == source,
        )  # fmt: skip
        assert "".join(apply_edits(lines, together.edits)) == alone.source.decode()
        assert together.finding == (alone.fixed or alone.remaining or (finding,))[0]
        assert not together.failures


@pytest.mark.parametrize("before", ["", "def g():\n    return 1\n\n\n" * 40], ids=["looked at whole", "looked at in a slice first"])
def test_a_file_is_parsed_once_for_all_its_fixes(before: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.py"
    path.write_text(before + LOOPS)
    parsed: list[str] = []
    parse = libcst.parse_module

    def counted(source: str | bytes, *rest: object) -> libcst.Module:
        parsed.append(source if isinstance(source, str) else source.decode())
        return parse(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(libcst, "parse_module", counted)
    findings, proposals, problems = lint_and_propose(str(path), path.read_bytes(), Config(), Import(RUNTIME, None))
    assert len(findings) == len([proposal for proposal in proposals if proposal.edits]) == 30
    assert not problems
    assert parsed.count(before + LOOPS) == 1
    assert len([text for text in parsed if "run_parallel" not in text]) <= 2
