"""A second oracle: safe fixes on packages from PyPI and on the standard library, whose tests run before and after, with slow files and requests.

Run: python tests/engine/oracle_packages.py --folder DIR [--fix-only] [--stdlib] [NAME==VERSION ...]

Without names, all of `oracle_packages.txt` are fixed, from their wheels. Where a package's own code has a safe fix, its source
archive is installed with all that its tests ask for, and those of its tests that name a fixed module are run: twice before and once
after the fix. All of the time, each file that the package opens and each request that it makes takes 5 to 40 ms longer, so that the
runtime starts threads. The column `run` says how many calls of the runtime a test ran, `threads` how many of those in helper threads.
The diffs are kept in DIR/diffs: read them too. Exit code 1 where a test newly fails.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import Cache, count_lines, python_files
from real_projects import ROOT, NotTried, Project, Trial

from par_lint.parallel import run_parallel

NAMES = Path(__file__).with_suffix(".txt")
SLOW = Path(__file__).with_name("slow_waits.py")
PLUGINS = ("pytest<9", "pytest-mock", "pytest-asyncio", "pytest-timeout", "pytest-cov", "pytest-xdist", "responses", "requests-mock")
EXTRAS = "[test,tests,testing]"
TEST_PARTS = frozenset({"test", "tests", "testing", "docs", "examples", "benchmarks"})
STDLIB_TESTS = ("test.test_socket.GeneralModuleTests.test_host_resolution", "test.test_logging.TimedRotatingFileHandlerTest", "idlelib.idle_test.test_config")
"""Those of the three files of its tests that have a safe fix; its own code has none."""
_NAMED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
HEAD = "| package | files | lines | findings | safe fixes | calls run | in threads | tests passed before | unsteady | newly failing |\n|" + "---|" * 10


@dataclass
class Fixed:
    """What came of fixing one package, and of its tests."""

    name: str
    files: int = 0
    lines: int = 0
    findings: int = 0
    fixes: int = 0
    changed: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """Functions and classes that were changed."""
    tested: str = ""
    newly_failing: list[str] = field(default_factory=list)

    def row(self) -> str:
        """One line of the table."""
        return f"| {self.name} | {self.files} | {self.lines} | {self.findings} | {self.fixes} | {self.tested} |"


class Slowed(Trial):
    """A project from its source archive, whose tests run with slow files and requests, after fixes of its own code alone."""

    watcher = SLOW.read_text()
    limit = 600

    def __init__(self, name: str, folder: Path, changed: Sequence[str], names: Iterable[str]) -> None:
        package, _, version = name.partition("==")
        super().__init__(Project(package, version, (), PLUGINS, EXTRAS), folder)
        self._changed = changed
        self._names = set(names)
        self.failing: list[str] = []

    def _call(self, command: Sequence[str], purpose: str, codes: Iterable[int] = (0,), environment: Mapping[str, str] | None = None) -> str:
        return super()._call(command, purpose, codes, {"PAR_LINT_SLOW": str(self.source), **(environment or {})})

    def _add_runtime(self) -> None:
        shutil.copytree(ROOT / "par_lint", self.folder / "counter" / "par_lint", dirs_exist_ok=True)

    def own_changed(self) -> list[Path]:
        """The files in the archive that the fixes of the wheel changed."""
        found = [path for path in self.source.rglob("*.py") if any(str(path).endswith(f"/{one}") for one in self._changed)]
        return [path for path in found if not TEST_PARTS.intersection(path.relative_to(self.source).parts) and "build" not in path.parts]

    def choose_tests(self) -> list[str]:
        """The test files that name a fixed module, or a function or class of it that was fixed; those first that do so most."""
        words = {path.stem if path.stem != "__init__" else path.parent.name for path in self.own_changed()} | self._names
        pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(words))) + r")\b") if words else re.compile(r"(?!)")
        tests = [path for path in self.source.rglob("*.py") if re.match(r"test_|.*_tests?\.py$|tests?\.py$", path.name)]
        counts = {path: len(pattern.findall(path.read_text(encoding="utf-8", errors="replace"))) for path in sorted(tests)}
        return [str(path.relative_to(self.source)) for path in sorted(tests, key=lambda path: -counts[path]) if counts[path]]

    def measure(self, *, limit: int) -> str:
        """Test before and after; the last columns of the table. Raises NotTried."""
        self.prepare()
        self.restore()
        tests = self.choose_tests()
        if not tests:
            raise NotTried("no test names what is fixed")
        self.project = Project(self.project.name, self.project.version, (*tests[:limit], "-o", "addopts=", "--timeout=120"), PLUGINS, EXTRAS)
        first, second = self.known("before"), self.known("again")
        passing = {test for test, outcome in first.items() if outcome == "passed" and second.get(test) == "passed"}
        unsteady = sum(second.get(test) != outcome for test, outcome in first.items())
        self._call([sys.executable, "-m", "par_lint", "fix", "--isolated", "--runtime", "par_lint.parallel", *map(str, self.own_changed())], "fix", (0, 1))
        after = self.test("safe")
        self.failing = sorted(test for test in passing if after.get(test) != "passed")
        calls, run = self.calls("safe")
        return f"{run} of {calls} | {self._threaded()} | {len(passing)} | {unsteady} | {len(self.failing)}"

    def _threaded(self) -> int:
        threads = self.folder / "safe.run.threads"
        return len(set(threads.read_text().splitlines())) if threads.exists() else 0


def fix_wheel(name: str, cache: Cache, folder: Path) -> Fixed:
    """Fix a package from its wheel, and keep the diff."""
    original, copy = cache.package(name), folder / "fixed" / name
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(original, copy)
    files = python_files([copy])
    command = [sys.executable, "-m", "par_lint", "fix", "--isolated", "--runtime", "par_lint.parallel", "."]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=copy, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    tally = re.search(r"^(\d+) files?, (\d+) findings?: (\d+) fixed", done.stdout + done.stderr, re.MULTILINE)
    if tally is None:
        raise NotTried(f"par-lint fix printed no tally: {done.stdout[-500:]}{done.stderr[-500:]}")
    changed = [str(path.relative_to(copy)) for path in files if path.read_bytes() != (original / path.relative_to(copy)).read_bytes()]
    compared = subprocess.run(["diff", "-ru", original, copy], capture_output=True, text=True, errors="replace", check=False).stdout
    (folder / "diffs").mkdir(exist_ok=True)
    (folder / "diffs" / f"{name}.diff").write_text(compared)
    names = {one for path in changed for one in changed_names((original / path).read_text("utf-8"), (copy / path).read_text("utf-8"))}
    return Fixed(name, int(tally[1]), count_lines(files), int(tally[2]), int(tally[3]), changed, names)


def changed_names(before: str, after: str) -> set[str]:
    """The functions and classes of a module, and the methods, that differ."""
    new = {ast.dump(node) for node in ast.walk(ast.parse(after)) if isinstance(node, _NAMED)}
    return {
        node.name for node in ast.walk(ast.parse(before))
        if isinstance(node, _NAMED) and len(node.name) > 5 and not node.name.startswith("__") and ast.dump(node) not in new
    }  # fmt: skip


def attempt(name: str, cache: Cache, folder: Path, *, tests: bool, limit: int) -> Fixed:
    """Fix one package and test it; what could not be done stands in its row."""
    found = Fixed(name)
    try:
        found = fix_wheel(name, cache, folder)
        if tests and found.changed:
            trial = Slowed(name, folder / "trials", found.changed, found.names)
            found.tested = trial.measure(limit=limit)
            found.newly_failing = trial.failing
    except (NotTried, subprocess.CalledProcessError) as error:
        found.tested = f"not tried: {str(error).splitlines()[0]}"
    return found


def standard_library(folder: Path) -> None:
    """Fix a copy of this Python, and run the tests that the fixes are in: before and after, with their own runner."""
    prefix = folder / "stdlib"
    for stage in ("before", "safe"):
        shutil.rmtree(prefix, ignore_errors=True)
        shutil.copytree(sys.base_prefix, prefix, symlinks=True, ignore=shutil.ignore_patterns("site-packages", "__pycache__"))
        library = prefix / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
        if stage == "safe":
            command = [sys.executable, "-m", "par_lint", "fix", "--isolated", "--runtime", "par_lint.parallel", str(library)]
            print(subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False).stdout[-300:])
        executable = prefix / "bin" / f"python{sys.version_info[0]}.{sys.version_info[1]}"
        environment = {**os.environ, "PYTHONHOME": str(prefix), "PYTHONPATH": str(ROOT)}
        done = subprocess.run([executable, "-m", "unittest", *STDLIB_TESTS], env=environment, capture_output=True, text=True, errors="replace", check=False)
        print(f"standard library, {stage}: exit code {done.returncode}", *done.stderr.splitlines()[-5:], sep="\n    ")


def main() -> int:
    """Fix and test, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME==VERSION", help="packages (those listed in oracle_packages.txt)")
    parser.add_argument("--folder", type=Path, required=True, help="keep downloads, environments, diffs and results there, and use them again")
    parser.add_argument("--fix-only", action="store_true", help="run no tests")
    parser.add_argument("--stdlib", action="store_true", help="the standard library of this Python, in the place of packages")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="packages at a time (1)")
    parser.add_argument("--test-files", type=int, default=8, metavar="N", help="run at most so many test files of a package (8)")
    given = parser.parse_args()
    folder = given.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if given.stdlib:
        standard_library(folder)
        return 0
    names, cache = given.names or NAMES.read_text().split(), Cache(folder)
    print(HEAD, flush=True)
    found: list[Fixed] = []
    for _, one, error in run_parallel(
        lambda name: attempt(name, cache, folder, tests=not given.fix_only, limit=given.test_files), names, max_workers=given.jobs, stream=True
    ):
        if error is not None:
            raise error
        print(one.row(), flush=True)
        found.append(one)
    return report(found)


def report(found: Iterable[Fixed]) -> int:
    """The sums, and the tests that newly fail; the exit code."""
    found = list(found)
    sums = (sum(getattr(one, name) for one in found) for name in ("files", "lines", "findings", "fixes"))
    print(f"| {len(found)} packages | " + " | ".join(map(str, sums)) + " |")
    failing = [f"newly failing: {one.name}: {test}" for one in found for test in one.newly_failing]
    print(*failing, sep="\n")
    return 1 if failing else 0


if __name__ == "__main__":
    sys.exit(main())
