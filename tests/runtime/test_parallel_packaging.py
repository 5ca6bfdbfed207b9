"""The runtime by itself: its types, and the file copied alone."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from par_lint import parallel
from par_lint.engine.runtime_module.vendored_copy import vendor

ROOT = Path(__file__).parents[2]
TYPES = ROOT / "tests" / "typing" / "runtime_types.py"
SOURCE = Path(parallel.__file__)


def test_mypy_accepts_the_runtime_and_what_its_types_promise(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "--warn-unused-ignores", str(SOURCE), str(TYPES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout


def test_pyright_accepts_the_runtime_and_what_its_types_promise() -> None:
    pytest.importorskip("pyright")
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, str(SOURCE), str(TYPES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    if not done.stdout.lstrip().startswith("{"):
        pytest.skip("pyright needs node, which it could not get")
    problems = [found for found in json.loads(done.stdout)["generalDiagnostics"] if found["severity"] == "error"]
    assert problems == []


@pytest.mark.parametrize("is_vendored", [False, True])
def test_the_file_alone_is_a_module(is_vendored: bool, tmp_path: Path) -> None:
    if is_vendored:
        vendor(tmp_path)
    else:
        shutil.copy(SOURCE, tmp_path / "parallel.py")
    code = (
        "from parallel import run_parallel, batch_map, optimal_workers\n"
        "import sys\n"
        "assert not [name for name in sys.modules if name.startswith('par_lint')]\n"
        "print(batch_map(abs, [-1, 2]), optimal_workers(7), [o.result for o in run_parallel(abs, [-3], max_workers=50, desc='Processing')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("[1, 2] 7 [3]\n", "")


def test_the_file_alone_passes_its_tests(tmp_path: Path) -> None:
    shutil.copy(SOURCE, tmp_path / "parallel.py")
    for name in ("test_parallel.py", "test_parallel_hazards.py"):
        text = (ROOT / "tests" / "runtime" / name).read_text()
        text = text.replace("from par_lint.parallel import", "from parallel import").replace("from par_lint import parallel", "import parallel")
        (tmp_path / name).write_text(text.replace("import sys, par_lint.parallel;", "import sys, parallel;"))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-x", "."]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout
