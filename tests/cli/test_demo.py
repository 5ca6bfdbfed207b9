"""The demo: both versions print the same, and the fixed one is faster."""

from __future__ import annotations

import re

import pytest

from par_lint.frontends.cli.demo import run_demo


def test_runs_and_is_faster(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_demo(pages=12, latency=0.05, files=10) == 0
    shown = capsys.readouterr().out
    assert "PRL102" in shown
    assert "PRL101" in shown
    assert "\n+from par_lint.parallel import run_parallel\n" in shown
    assert "12 titles, the last is Page 11" in shown
    match = re.search(r"([\d.]+) times as fast", shown)
    assert match is not None
    assert float(match.group(1)) > 1
