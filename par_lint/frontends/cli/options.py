"""The options of `check` and `fix`: those that are flake8's own go to flake8, the others say how to report."""

from __future__ import annotations

import argparse

from par_lint.core.config.rule_codes import UnknownCode, normalize_code_mapping, require_code, split_list
from par_lint.frontends.reports import FORMATS

SHELLS = ("bash", "zsh", "fish")
"""The shells that there are completion scripts for."""

_FLAKE8 = (
    ("--select", "CODES", "codes, their beginnings or names of rules, to look for; without it the configuration says"),
    ("--ignore", "CODES", "codes to leave out, in the place of those that the configuration ignores"),
    ("--extend-ignore", "CODES", "codes to leave out, too"),
    ("--per-file-ignores", "FILE:CODES", "codes to leave out in files of some names"),
    ("--exclude", "PATTERNS", "files and folders to leave out, in the place of those that the configuration excludes"),
    ("--extend-exclude", "PATTERNS", "files and folders to leave out, too"),
    ("--config", "FILE", "the file with flake8's configuration"),
)  # fmt: skip
_LISTS = ("--select", "--ignore", "--extend-ignore")
_FLAGS = (("--disable-noqa", "look at lines with # noqa, too"), ("--isolated", "take no configuration of flake8"))


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Paths, and the options that flake8 reads."""
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help=(
        "files and folders; this folder when there are none. Below a folder, environments, installed packages, build output and caches "
        "(.venv, node_modules, site-packages, build, dist, .tox, ...) and what git ignores are left out; name them to have them checked"
    ))
    parser.add_argument(
        "--stdin-filename", "--stdin-display-name", metavar="FILE", help="the file that the text on stdin (`-`) belongs to: its settings and excludes count"
    )
    group = parser.add_argument_group("selection, as flake8 has it")
    for name, metavar, text in _FLAKE8:
        group.add_argument(name, metavar=metavar, help=text)
    for name, text in _FLAGS:
        group.add_argument(name, action="store_true", help=text)


def add_reporting(parser: argparse.ArgumentParser) -> None:
    """How `check` reports, and what it does instead of reporting."""
    group = parser.add_argument_group("reports")
    group.add_argument("--output-format", choices=FORMATS, default="text", help="text (as flake8), full (code and diffs), json, github, sarif")
    group.add_argument("--output-file", metavar="FILE", help="where the report goes, in the place of standard output")
    group.add_argument("--statistics", action="store_true", help="count the findings of each code")
    group.add_argument("--no-cache", action="store_true", help="look at every file, also at those that have not changed since the last run")
    group = parser.add_argument_group("old code bases")
    group.add_argument("--baseline", metavar="FILE", help="leave out the findings that this file knows, in the place of that in the settings")
    either = group.add_mutually_exclusive_group()
    either.add_argument("--write-baseline", metavar="FILE", help="write all findings to this file, and report none")
    either.add_argument("--add-noqa", action="store_true", help="add a # noqa comment for each finding, and report none")


def read_paths(options: argparse.Namespace) -> list[str]:
    """The paths that are asked for; standard input where the name of its file is given. Raises Problem for both."""
    paths: list[str] = options.paths
    if options.stdin_filename is None:
        return paths
    if paths not in (["."], ["-"]):
        from par_lint.core.files.problems import Problem

        raise Problem("--stdin-filename: names the file of standard input, and goes with no other path than `-`")
    return ["-"]


def flake8_arguments(options: argparse.Namespace) -> list[str]:
    """flake8's spelling of the options that par-lint shares with it. Raises Problem for a word that is no code."""
    given = [(name, getattr(options, name[2:].replace("-", "_"), None)) for name in [*(name for name, _, _ in _FLAKE8), *(name for name, _ in _FLAGS)]]
    arguments = [name if value is True else f"{name}={_spelled(name, value)}" for name, value in given if value not in (None, False)]
    return [*arguments, "--statistics"] if getattr(options, "statistics", False) else arguments


def _spelled(name: str, value: str) -> str:
    """A value with its codes as flake8 writes them. Raises Problem."""
    try:
        if name in _LISTS:
            value = ",".join(map(require_code, split_list(value)))
        elif name == "--per-file-ignores":
            value = normalize_code_mapping(value, all_are_ours=True)
    except UnknownCode as error:
        raise _wrong(name, str(error)) from None
    if name == "--select" and not value:
        raise _wrong(name, "names no code; give one such as PRL101, or PRL for all")
    return value


def _wrong(name: str, problem: str) -> Exception:
    from par_lint.core.files.problems import Problem

    return Problem(f"{name}: {problem}")


def run_check(options: argparse.Namespace) -> int:
    """Do what the options of `check` ask for; the exit code. Raises Problem."""
    arguments, paths = flake8_arguments(options), read_paths(options)
    if options.why_silent:
        from par_lint.frontends.cli.why_silent import why_silent

        return why_silent(paths, arguments, options.stdin_filename)
    if options.write_baseline:
        from par_lint.frontends.cli.adopt import write_baseline

        return write_baseline(paths, arguments, options.write_baseline, options.stdin_filename)
    if options.add_noqa:
        from par_lint.frontends.cli.adopt import add_noqa

        return add_noqa(paths, arguments, options.baseline)
    if options.diff and options.output_format not in ("text", "full"):
        from par_lint.core.files.problems import Problem

        raise Problem(f"--diff: does not go with --output-format {options.output_format}, which has the changes in it or is no place for them")
    from par_lint.frontends.cli.check import check

    return check(
        paths, arguments, diff=options.diff, output_format=options.output_format,
        output_file=options.output_file, baseline=options.baseline, use_cache=not options.no_cache, stdin_filename=options.stdin_filename,
    )  # fmt: skip
