"""`--since REF`: the files and lines that changed since a commit, from git; findings elsewhere are not reported."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace

from par_lint.core.config.rule_codes import UNSUPPRESSIBLE
from par_lint.core.file_result import FileFindings
from par_lint.core.files.read_errors import Problem
from par_lint.core.findings import Finding

_SECONDS = 60
_HUNK = re.compile(rb"@@ -\S+ \+(?P<first>\d+)(?:,(?P<count>\d+))? @@")
_NAME = re.compile(rb'\+\+\+ (?P<name>"?b/.*?)\t?$')
_DIFF = ("diff", "--unified=0", "--no-color", "--no-ext-diff", "--src-prefix=a/", "--dst-prefix=b/", "--submodule=short")


class ChangedLines:
    """What changed between a commit and the files as they are now: committed, staged or not, and new files that git does not ignore."""

    def __init__(self, ref: str) -> None:
        """Compare with the commit where this branch left `ref`, or with `ref` itself if there is no such commit. Raises Problem."""
        self._top = os.path.realpath(os.fsdecode(_top(ref).rstrip(b"\n")))
        if _git(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"]) is None:
            raise Problem(f"--since {ref}: git has no such commit; check the spelling, or fetch it (CI often clones without history)")
        base = _git(["merge-base", ref, "HEAD"])
        since = os.fsdecode(base).strip() if base else ref
        diff, new = _git([*_DIFF, since, "--"], self._top), _git(["ls-files", "--others", "--exclude-standard", "-z"], self._top)
        if diff is None or new is None:
            raise Problem(f"--since {ref}: git cannot compare the files with this commit; see `git diff {ref}`")
        self._ranges: dict[str, list[tuple[int, int]] | None] = {**_ranges(diff), **{os.fsdecode(name): None for name in new.split(b"\0") if name}}

    def is_changed(self, path: str) -> bool:
        """Return whether a file has changed or new lines."""
        return self._name(path) in self._ranges

    def only_changed(self, file: FileFindings) -> FileFindings:
        """Return a file with the findings in statements that changed."""
        return replace(file, findings=tuple(finding for finding in file.findings if self.is_in_changed(file, finding)))

    def is_in_changed(self, file: FileFindings, finding: Finding) -> bool:
        """Return whether a finding is in a statement that has a changed line; of a loop, also its body counts. Raises UnparsableSource."""
        ranges = self._ranges.get(self._name(file.path), [])
        return ranges is None or _touches(file, finding, ranges)

    def _name(self, path: str) -> str:
        return os.path.relpath(os.path.join(os.path.realpath(os.path.dirname(os.path.abspath(path))), os.path.basename(path)), self._top)


def _touches(file: FileFindings, finding: Finding, ranges: Sequence[tuple[int, int]]) -> bool:
    if finding.code in UNSUPPRESSIBLE:
        return True
    first, last = file.statements.extent(finding.line, finding.column)
    return any(first <= end and start <= last for start, end in ranges)


def _ranges(diff: bytes) -> dict[str, list[tuple[int, int]] | None]:
    """Return the changed lines, first and last, of each file in a diff without context. A deletion counts for the lines around it."""
    found: dict[str, list[tuple[int, int]] | None] = {}
    here: list[tuple[int, int]] = []
    for line in diff.split(b"\n"):
        name, hunk = _NAME.match(line), _HUNK.match(line)
        if name is not None:
            here = []
            found[_unquoted(name["name"])] = here
        elif hunk is not None:
            first, count = int(hunk["first"]), int(hunk["count"] or 1)
            here.append((first, first + max(count, 1) - 1 + (count == 0)))
    return found


def _unquoted(name: bytes) -> str:
    """Return the name in a diff: git quotes names with special characters like C strings."""
    if name.startswith(b'"'):
        name = name[1:-1].decode("unicode_escape").encode("latin-1")
    return os.fsdecode(name[2:])


def _top(ref: str) -> bytes:
    """Return the root of the repository. Raises Problem with git's own words, such as those about repositories of other users."""
    done = _run(["rev-parse", "--show-toplevel"], ".")
    if isinstance(done, str):
        raise Problem(f"--since {ref}: {done}")
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").partition("\n")[0].removeprefix("fatal: ")
        raise Problem(f"--since {ref}: {words}; run par-lint in a git repository that git reads (see `git status`)")
    return done.stdout


def _git(arguments: Sequence[str], folder: str = ".") -> bytes | None:
    """Return the output of git; None if it fails."""
    done = _run(arguments, folder)
    return done.stdout if not isinstance(done, str) and done.returncode == 0 else None


def _run(arguments: Sequence[str], folder: str) -> subprocess.CompletedProcess[bytes] | str:
    """Run git. Return why it cannot be run, if it cannot."""
    try:
        return subprocess.run(["git", "-C", folder, *arguments], capture_output=True, timeout=_SECONDS, env={**os.environ, "LC_ALL": "C"})
    except OSError as error:
        return f"git cannot be run: {error.strerror or error}; install git"
    except subprocess.TimeoutExpired:
        return f"git takes more than {_SECONDS} s; run it by hand to see why"
