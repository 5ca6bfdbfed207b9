"""The options of `check` and `fix`: flake8's own options are passed to flake8, the others configure the report."""

from __future__ import annotations

import argparse

from par_lint.core.config.rule_codes import UNUSED_NOQA, UnknownCode, normalize_code_mapping, require_code, split_list
from par_lint.frontends.reports import FORMATS
from par_lint.frontends.reports.colours import CHOICES

SHELLS = ("bash", "zsh", "fish")
"""The shells with a completion script."""

_FLAKE8 = (
    ("--select", "CODES", "comma-separated codes, prefixes or rule names to report (default: from the configuration)"),
    ("--ignore", "CODES", "comma-separated codes to ignore (replaces the configured list)"),
    ("--extend-ignore", "CODES", "additional codes to ignore"),
    ("--per-file-ignores", "FILE:CODES", "codes to ignore in matching files"),
    ("--exclude", "PATTERNS", "files and folders to exclude (replaces the configured list)"),
    ("--extend-exclude", "PATTERNS", "additional files and folders to exclude"),
    ("--config", "FILE", "the flake8 configuration file to use"),
)  # fmt: skip
_LISTS = ("--select", "--ignore", "--extend-ignore")
_FLAGS = (("--disable-noqa", "ignore # noqa comments"), ("--isolated", "ignore all flake8 configuration files"))


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the paths and the options that flake8 reads."""
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help=(
        "files and folders (default: the current folder). In folders, *.py, *.pyw and executable scripts whose first line names Python are taken; environments, installed packages, build output and caches "
        "(.venv, node_modules, site-packages, build, dist, .tox, ...) and files that git ignores are skipped; name them to check them"
    ))
    parser.add_argument(
        "--stdin-filename", "--stdin-display-name", metavar="FILE", help="the name of the file on stdin (`-`); its settings and excludes apply"
    )
    group = parser.add_argument_group("selection (same options as flake8)")
    for name, metavar, text in _FLAKE8:
        group.add_argument(name, metavar=metavar, help=text)
    for name, text in _FLAGS:
        group.add_argument(name, action="store_true", help=text)


def add_verbosity(parser: argparse.ArgumentParser) -> None:
    """Add the options for what is printed beside the report, and for how many processes work."""
    group = parser.add_argument_group("output")
    group.add_argument("-q", "--quiet", action="store_true", help="print nothing but findings and errors: no counts, notes or progress")
    group.add_argument("-v", "--verbose", action="store_true", help="also print each file and how long the run took, on standard error")
    group.add_argument("-j", "--jobs", metavar="N", type=_jobs, help="use at most N processes (default: one for each core, if there are many files)")
    group.add_argument("--since", metavar="REF", help="only files and statements that changed since the branch left this git commit, branch or tag")
    group.add_argument("--unused-noqa", action="store_true", help="also report (fix: remove) # noqa comments for PRL codes that suppress nothing: PRL001")
    group.add_argument("--show-fixes", action="store_true", help="list the fixes that are applied")
    group.add_argument("--exit-non-zero-on-fix", action="store_true", help="exit with 1 if a fix was applied, even if nothing is left")


def _jobs(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: give a number of processes, 1 or more")
    return number


def add_reporting(parser: argparse.ArgumentParser) -> None:
    """Add the options for the report of `check`, and for what it does instead of reporting."""
    group = parser.add_argument_group("reports")
    formats = ", ".join(f"{name} ({text})" if text else name for name, text in FORMATS.items())
    group.add_argument("--output-format", choices=FORMATS, default="text", help=formats)
    group.add_argument("--color", choices=CHOICES, default="auto", help="colours: on a terminal (auto), always, never")
    group.add_argument("--output-file", metavar="FILE", help="write the report to this file instead of standard output")
    group.add_argument("--statistics", action="store_true", help="print the number of findings for each code")
    group.add_argument("--no-cache", action="store_true", help="disable the cache")
    group.add_argument("--timing", action="store_true", help="print how long each stage and each rule took, on standard error; without the cache, in one process")
    group.add_argument("--watch", action="store_true", help="check again whenever a file changes, until Ctrl-C")
    group.add_argument("--exit-zero", action="store_true", help="exit with 0 even if there are findings; errors still exit with 2")
    group = parser.add_argument_group("existing code bases")
    group.add_argument("--baseline", metavar="FILE", help="hide findings recorded in this baseline file (replaces the configured one)")
    either = group.add_mutually_exclusive_group()
    either.add_argument("--write-baseline", metavar="FILE", help="write all findings to this file instead of reporting them")
    either.add_argument("--add-noqa", action="store_true", help="add a # noqa comment for each finding instead of reporting it")


def read_paths(options: argparse.Namespace) -> list[str]:
    """Return the given paths; `-` if `--stdin-filename` is given. Raises Problem if it is given together with other paths."""
    paths: list[str] = options.paths
    if options.stdin_filename is None:
        return paths
    if paths not in (["."], ["-"]):
        from par_lint.core.files.read_errors import Problem

        raise Problem("--stdin-filename: cannot be combined with paths other than `-`")
    return ["-"]


def require_module(name: str, value: str | None) -> None:
    """Raise Problem for the value of an option that names a module, if the setting of this kind could not have it."""
    if value is None:
        return
    from par_lint.core.config.schema import SCHEMA
    from par_lint.core.config.validation import SchemaViolation, validate

    try:
        validate(value, SCHEMA["properties"]["runtime"], name)
    except SchemaViolation as error:
        raise _option_problem(name, error.problem) from None


def flake8_arguments(options: argparse.Namespace) -> list[str]:
    """Return the options that par-lint shares with flake8, in flake8's spelling. Raises Problem for an unknown code."""
    given = [(name, getattr(options, name[2:].replace("-", "_"), None)) for name in [*(name for name, _, _ in _FLAKE8), *(name for name, _ in _FLAGS)]]
    arguments = [name if value is True else f"{name}={_normalize_value(name, value, is_unused_noqa_reported=options.unused_noqa)}" for name, value in given if value not in (None, False)]
    arguments += ["--statistics"] if getattr(options, "statistics", False) else []
    return [*arguments, f"--color={options.color}"] if getattr(options, "color", "auto") != "auto" else arguments


def _normalize_value(name: str, value: str, *, is_unused_noqa_reported: bool) -> str:
    """Return the value of an option with its codes in flake8's spelling. Raises Problem."""
    try:
        if name in _LISTS:
            value = ",".join(map(require_code, split_list(value)))
        elif name == "--per-file-ignores":
            value = normalize_code_mapping(value, all_are_ours=True)
    except UnknownCode as error:
        raise _option_problem(name, str(error)) from None
    if name == "--select" and not value:
        raise _option_problem(name, "is empty; give a code such as PRL101, or PRL for all")
    if name == "--select" and not is_unused_noqa_reported and set(value.split(",")) == {UNUSED_NOQA}:
        raise _option_problem(name, f"{UNUSED_NOQA} is reported only with --unused-noqa; add that option")
    return value


def _option_problem(name: str, problem: str) -> Exception:
    from par_lint.core.files.read_errors import Problem

    return Problem(f"{name}: {problem}")
