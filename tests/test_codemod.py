"""The fixes through libcst's own tool, as its users run codemods."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CASES = {
    "SequentialFileIo": ("from pathlib import Path\n\n\ndef f(names):\n    return [Path(n).read_text() for n in names]\n", [], "run_parallel("),
    "SequentialNetworkIo": ("import socket\n\n\ndef f(names):\n    return [socket.gethostbyname(n) for n in names]\n", [], "run_parallel("),
    "SequentialSubprocesses": (
        "import subprocess\n\n\ndef f(names):\n    for n in names:\n        subprocess.run(['x', n], timeout=5)\n", ["--unsafe-fixes"], "run_parallel(",
    ),
    "NestedListing": (
        "from glob import glob\n\n\ndef f(dirs):\n    for d in dirs:\n        for n in glob(d):\n            print(open(n).read())\n", [], "files = [",
    ),
    "SubprocessWithoutTimeout": ("import subprocess\n\nsubprocess.run(['git', 'push'])\n", ["--unsafe-fixes"], "timeout=30"),
    "ThreadsForCpuWork": (
        "from concurrent.futures import ThreadPoolExecutor\n\n\ndef g(n):\n    return sum(i * i for i in range(n))\n\n\n"
        "def f(ns):\n    with ThreadPoolExecutor() as pool:\n        return list(pool.map(g, ns))\n", ["--unsafe-fixes"], "with ProcessPoolExecutor()",
    ),
    "TooFewWorkers": (
        "import socket\nfrom concurrent.futures import ThreadPoolExecutor\n\n\ndef f(names):\n    with ThreadPoolExecutor(5) as pool:\n"
        "        return list(pool.map(socket.gethostbyname, names))\n", ["--unsafe-fixes"], "ThreadPoolExecutor(50)",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_runs_under_libcst_tool(tmp_path: Path, name: str) -> None:
    text, options, wanted = CASES[name]
    path = tmp_path / "module.py"
    path.write_text(text)
    command = [sys.executable, "-m", "libcst.tool", "codemod", "-x", "--no-format", f"par_lint.codemod.{name}", *options, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=120)
    assert done.returncode == 0, done.stderr
    assert wanted in path.read_text()
    compile(path.read_text(), "module.py", "exec")
