"""Real projects run their own tests before and after par-lint fixed them: no test may fail that passed before.

Run: python tests/engine/real_projects.py [--only NAME ...] [--unsafe-fixes] [--folder DIR] [--jobs N]

Each project is downloaded from PyPI in a pinned version and installed, with what its tests need, in an environment of its own.
Its tests run twice, so that those that fail by themselves are known; then all files of the project, tests too, are fixed in place
and the tests run again. A call of the runtime that no test runs proves nothing: the column `run` says how many did run.
Exit code 1 where a test newly fails or is no longer there after safe fixes, 2 where a project could not be tried.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from par_lint.parallel import run_parallel

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 2400  # seconds for one run of a project's tests
RUNTIME_CALLS = frozenset({"run_parallel", "run_together"})


@dataclass(frozen=True)
class Project:
    """What is tried: a version on PyPI, the requirements of its tests, and what pytest is given."""

    name: str
    version: str
    tests: tuple[str, ...]
    needs: tuple[str, ...] = ()
    extras: str = ""
    build: tuple[str, ...] = ()
    """Where its build needs more than it says: installed first, and its build is not isolated."""


PROJECTS = (
    Project("cfn-lint", "1.58.0", ("test/unit/module/cfn_json", "test/unit/module/cfn_yaml", "test/unit/module/schema"), extras="[full]"),
    Project("coverage", "7.17.4", ("-o", "addopts=", "tests/test_html.py", "tests/test_api.py", "tests/test_data.py"), ("flaky", "hypothesis", "pytest-xdist")),
    Project("jupyter-client", "8.10.0", ("tests/test_runapp.py", "tests/test_session.py"), extras="[test]"),
    Project("luigi", "3.8.1", ("test/config_toml_test.py", "test/parameter_test.py", "test/task_test.py", "test/worker_test.py"), ("mock", "hypothesis"), "[toml]"),
    Project("mutagen", "1.48.1", ("tests",), ("hypothesis",)),
    Project("reuse", "6.2.0", ("tests/test_cli_annotate.py", "tests/test_project.py"), ("freezegun",), build=("poetry-core", "click", "jinja2")),
    Project("streamlink", "8.6.3", ("build_backend", "tests/test_plugins.py", "tests/session", "tests/cli"), ("freezegun", "requests-mock", "pytest-asyncio", "pytest-trio")),
)


class NotTried(Exception):
    """A project could not be downloaded, installed, fixed or tested; says why."""


@dataclass
class Outcome:
    """What came of one project."""

    project: Project
    tally: tuple[int, int, int] = (0, 0, 0)
    """Files, findings, fixes made."""
    calls: int = 0
    run: int = 0
    """Calls of the runtime in the fixed files, and those of them that a test ran."""
    passed: int = 0
    unsteady: int = 0
    newly_failing: list[str] = field(default_factory=list)
    problem: str = ""

    def row(self) -> str:
        """One line of the table."""
        name, version = self.project.name, self.project.version
        if self.problem:
            return f"| {name} | {version} | not tried: {self.problem.splitlines()[0]} |"
        numbers = (*self.tally, f"{self.run} of {self.calls}", self.passed, self.unsteady, len(self.newly_failing))
        return f"| {name} | {version} | " + " | ".join(map(str, numbers)) + " |"


HEAD = "| project | version | files | findings | fixed | calls of the runtime run | tests passed before | unsteady | newly failing |\n|" + "---|" * 9

COUNTER = '''\
"""Counts which calls of the runtime are run: one line for each, written once by each process."""
import os, sys
try:
    import par_lint.parallel as runtime
except ImportError:
    runtime = None
seen = set()

def counted(function):
    def call(*arguments, **options):
        frame = sys._getframe(1)
        place = f"{frame.f_code.co_filename}:{frame.f_lineno}\\n"
        if place not in seen:
            seen.add(place)
            with open(os.environ["PAR_LINT_COUNT"], "a") as file:
                file.write(place)
        return function(*arguments, **options)
    return call

if runtime is not None and "PAR_LINT_COUNT" in os.environ:
    runtime.run_parallel = counted(runtime.run_parallel)
    runtime.run_together = counted(runtime.run_together)
'''


class Trial:
    """One project in a folder of its own: `source` is what runs, `original` what was downloaded."""

    watcher = COUNTER
    """What each process of the tests runs first."""
    limit = LIMIT

    def __init__(self, project: Project, folder: Path) -> None:
        self.project = project
        self.folder = folder / f"{project.name}-{project.version}"
        self.source = self.folder / "source"
        self.original = self.folder / "original"
        self.python = self.folder / "venv" / "bin" / "python"

    def prepare(self) -> None:
        """Download, unpack and install; what an earlier run left is used again. Raises NotTried."""
        done = self.folder / "prepared"
        if not done.exists() or done.read_text() != repr(self.project):
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            self._download()
            shutil.copytree(self.source, self.original, symlinks=True)
            self._install()
            done.write_text(repr(self.project))
        self._add_runtime()

    def _add_runtime(self) -> None:
        self._pip("--no-deps", "--force-reinstall", str(ROOT))

    def _download(self) -> None:
        name, downloads = self.project.name, self.folder / "download"
        pinned = f"{name}=={self.project.version}"
        self._call([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", name, "-d", str(downloads), pinned], "download")
        archive = next(downloads.glob("*.tar.gz"), None)
        if archive is None:
            raise NotTried("PyPI has no source archive of it")
        with tarfile.open(archive) as opened:
            opened.extractall(self.folder / "unpacked")
        next((self.folder / "unpacked").iterdir()).rename(self.source)

    def _install(self) -> None:
        self._call([sys.executable, "-m", "venv", str(self.folder / "venv")], "make an environment")
        own = f"{self.source}{self.project.extras}"
        if self.project.build:
            self._pip("wheel", "setuptools", *self.project.build)
            self._pip("--no-build-isolation", "-e", own)
        else:
            self._pip("-e", own)
        self._pip("pytest", *self.project.needs)

    def _pip(self, *arguments: str) -> None:
        self._call([str(self.python), "-m", "pip", "install", "-q", *arguments], "install")

    def _call(self, command: Sequence[str], purpose: str, codes: Iterable[int] = (0,), environment: Mapping[str, str] | None = None) -> str:
        """What a command prints, both streams together. Raises NotTried with its last lines."""
        where = self.source if self.source.exists() else self.folder
        try:
            done = subprocess.run(
                command, cwd=where, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=self.limit,
                env={**os.environ, **(environment or {})}, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise NotTried(f"{purpose}: not done in {self.limit} s") from error
        if done.returncode not in codes:
            raise NotTried(f"{purpose}: exit code {done.returncode} of {' '.join(command)}\n{done.stdout[-3000:]}")
        return done.stdout

    def test(self, stage: str) -> dict[str, str]:
        """Run the project's tests: the outcome of each by its id. Raises NotTried."""
        report = self.folder / f"{stage}.xml"
        report.unlink(missing_ok=True)
        counter = self.folder / "counter"
        counter.mkdir(exist_ok=True)
        (counter / "sitecustomize.py").write_text(self.watcher)
        environment = {
            "PYTHONPATH": str(counter), "PYTHONPYCACHEPREFIX": str(self.folder / "pycache" / stage), "PAR_LINT_COUNT": str(self._count(stage)),
            "PATH": f"{self.python.parent}{os.pathsep}{os.environ['PATH']}", "PYTHONHASHSEED": "0", "MPLBACKEND": "agg",
        }  # fmt: skip
        self._count(stage).unlink(missing_ok=True)
        options = ["-q", "-p", "no:cacheprovider", "--continue-on-collection-errors", f"--junitxml={report}"]
        printed = self._call([str(self.python), "-m", "pytest", *self.project.tests, *options], f"tests {stage}", (0, 1), environment)
        (self.folder / f"{stage}.txt").write_text(printed)
        return outcomes(report)

    def known(self, stage: str) -> dict[str, str]:
        """The outcomes of a stage without fixes, which an earlier run may have left."""
        report = self.folder / f"{stage}.xml"
        return outcomes(report) if report.exists() else self.test(stage)

    def _count(self, stage: str) -> Path:
        return self.folder / f"{stage}.run"

    def restore(self) -> None:
        """Take all fixes back."""
        for path in self.changed():
            shutil.copyfile(self.original / path, self.source / path)

    def changed(self) -> list[Path]:
        """The files that differ from those downloaded, relative to both."""
        paths = (path.relative_to(self.original) for path in self.original.rglob("*.py") if path.is_file())
        return [path for path in paths if (self.source / path).read_bytes() != (self.original / path).read_bytes()]

    def fix(self, *, unsafe: bool) -> tuple[int, int, int]:
        """Fix all files: how many there are, findings, fixes made. Raises NotTried where a fixed file is no Python or is fixed again."""
        command = [sys.executable, "-m", "par_lint", "fix", "--runtime", "par_lint.parallel", *["--unsafe-fixes"] * unsafe, "."]
        first = self._call(command, "fix", (0, 1))
        self._call(command, "a second fix changes more", (0,))
        for path in self.changed():
            try:
                compile((self.source / path).read_bytes(), str(path), "exec", dont_inherit=True)
            except SyntaxError as error:
                raise NotTried(f"fixed {path} does not compile: {error}") from error
        tally = re.search(r"^(\d+) findings? in (\d+) files?: (\d+) fixed", first, re.MULTILINE)
        if tally is None:
            raise NotTried(f"par-lint fix printed no tally:\n{first[-3000:]}")
        findings, files, fixed = map(int, tally.groups())
        return files, findings, fixed

    def calls(self, stage: str) -> tuple[int, int]:
        """How many calls of the runtime the fixed files have, and how many of them the tests ran."""
        counted = self._count(stage)
        ran = set(counted.read_text().splitlines()) if counted.exists() else set()
        there = [f"{self.source / path}:{line}" for path in self.changed() for line in runtime_calls((self.source / path).read_bytes())]
        return len(there), len(ran.intersection(there))


def outcomes(report: Path) -> dict[str, str]:
    """The outcome of each test in a JUnit report: passed, failed or skipped. Raises NotTried."""
    if not report.exists():
        raise NotTried("pytest wrote no report")
    found = {}
    for case in ElementTree.parse(report).iter("testcase"):
        words = {child.tag for child in case}
        outcome = "failed" if words & {"failure", "error"} else "skipped" if "skipped" in words else "passed"
        found[f"{case.get('classname')}::{case.get('name')}"] = outcome
    if not found:
        raise NotTried("pytest ran no test")
    return found


def runtime_calls(source: bytes) -> list[int]:
    """The lines at which a fixed file calls the runtime."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name))
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id in RUNTIME_CALLS]


def attempt(project: Project, folder: Path, *, unsafe: bool) -> Outcome:
    """Try one project; a problem is kept in the outcome."""
    outcome = Outcome(project)
    try:
        _attempt(outcome, Trial(project, folder), "unsafe" if unsafe else "safe")
    except NotTried as error:
        outcome.problem = str(error)
    return outcome


def _attempt(outcome: Outcome, trial: Trial, stage: str) -> None:
    trial.prepare()
    trial.restore()
    first, second = trial.known("before"), trial.known("again")
    passing = {test for test, found in first.items() if found == "passed" and second.get(test) == "passed"}
    outcome.passed = len(passing)
    outcome.unsteady = sum(second.get(test) != found for test, found in first.items())
    outcome.tally = trial.fix(unsafe=stage == "unsafe")
    after = trial.test(stage)
    outcome.newly_failing = sorted(test for test in passing if after.get(test) != "passed")
    outcome.calls, outcome.run = trial.calls(stage)


def main() -> int:
    """Try the projects asked for and print the table. 0, 1 with newly failing tests (safe fixes only), 2 with problems."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", action="append", metavar="NAME", choices=[project.name for project in PROJECTS], help="this project (all)")
    parser.add_argument("--unsafe-fixes", action="store_true", help="apply those too that a person should look at")
    parser.add_argument("--folder", type=Path, help="keep downloads, environments and results there, and use them again (a temporary one)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="projects at a time (1)")
    given = parser.parse_args()
    wanted = [project for project in PROJECTS if not given.only or project.name in given.only]
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        print(HEAD, flush=True)
        found = []
        for _, outcome, error in run_parallel(lambda one: attempt(one, folder, unsafe=given.unsafe_fixes), wanted, max_workers=given.jobs, stream=True):
            if error is not None:
                raise error
            print(outcome.row(), flush=True)
            found.append(outcome)
    return report(found, unsafe=given.unsafe_fixes)


def report(found: Sequence[Outcome], *, unsafe: bool) -> int:
    """Name the newly failing tests and the problems; the exit code."""
    for outcome in found:
        for test in outcome.newly_failing:
            print(f"newly failing: {outcome.project.name}: {test}")
        if outcome.problem:
            print(f"not tried: {outcome.project.name}: {outcome.problem}", file=sys.stderr)
    if any(outcome.problem for outcome in found):
        return 2
    return 1 if not unsafe and any(outcome.newly_failing for outcome in found) else 0


if __name__ == "__main__":
    sys.exit(main())
