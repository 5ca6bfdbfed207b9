"""What fixes write passes formatters and checkers, where they are installed."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from fixture_cases import fixture_files, name

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

ALL = list(fixture_files())
LOOPS = [path for path in ALL if path.parent.name.startswith("PRL1")]
EXPECTATION = re.compile(r"  # PRL.*")
KEEP_NAMES = {  # a handler, an importer or a loop after it may look at the item's name, which the loop itself no longer uses
    "leaks", "report_loops", "function_with_other_code", "library_without_threads", "moved_reads_on_in_streams", "moved_takes_from_shared",
    "moved_takes_from_what_it_is_given", "answers_that_are_not_read", "answers_that_something_holds",
}  # fmt: skip
PLAIN = ["E1", "E4", "E7", "E9", "F", "W", "B", "I", "RET", "SIM"]  # what ruff looks for


def fixed(path: Path, *, unsafe: bool = True) -> str:
    return fix(path.read_bytes(), Config(line_length=88), unsafe=unsafe, runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("path", ALL, ids=name)
def test_no_new_line_is_too_long(path: Path) -> None:
    before = {line.partition("  #")[0] for line in path.read_text().splitlines()}
    new = {line.partition("  #")[0] for line in fixed(path).splitlines()} - before
    assert [line for line in new if len(line) > 88] == []


@pytest.mark.skipif(importlib.util.find_spec("black") is None, reason="black is not installed")
@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("path", ALL, ids=name)
def test_black_leaves_a_fixed_file_that_it_left_before(path: Path, unsafe: bool) -> None:
    import black

    before = black.format_str(EXPECTATION.sub("", path.read_text()), mode=black.Mode())
    after = fix(before.encode(), Config(), unsafe=unsafe, runtime="par_lint.parallel").source.decode()
    assert black.format_str(after, mode=black.Mode()) == after


@pytest.mark.skipif(importlib.util.find_spec("ruff") is None, reason="ruff is not installed")
@pytest.mark.parametrize("path", LOOPS, ids=name)
def test_ruff_has_no_new_complaint(path: Path) -> None:
    new = _ruff(fixed(path), path) - _ruff(path.read_text(), path)
    allowed = {"B007"} if path.stem in KEEP_NAMES else {"SIM117"} if path.parent.name == "PRL104" else set()  # a semaphore around a `with`
    allowed |= {"E402"} if path.stem == "star_import_below" else set()  # its own import stands below code
    assert not new.keys() - allowed


def _ruff(text: str, path: Path) -> Counter[str]:
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--output-format=json", f"--select={','.join(PLAIN)}", f"--stdin-filename={path.name}", "-"],
        input=text, capture_output=True, text=True, timeout=60, check=False, cwd="/",
    )  # fmt: skip
    return Counter(found["code"] for found in json.loads(done.stdout))


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
def test_mypy_has_no_new_complaint(tmp_path: Path) -> None:
    assert not _mypy(tmp_path / "after", fixes=True) - _mypy(tmp_path / "before", fixes=False)


def _mypy(folder: Path, *, fixes: bool) -> Counter[str]:
    folder.mkdir()
    for path in LOOPS:
        target = folder / f"{path.parent.name}_{path.name}"
        if fixes:
            target.write_text(fixed(path))
        else:
            shutil.copy(path, target)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--ignore-missing-imports", "--check-untyped-defs", "--no-incremental", "--no-error-summary", "--hide-error-context", "."],
        cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    return Counter(line.partition(":")[0] + line.partition(" error:")[2] for line in done.stdout.splitlines() if " error:" in line)
