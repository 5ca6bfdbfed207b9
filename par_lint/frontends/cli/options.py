"""The options of `check` and `fix`: flake8's own options are passed to flake8, the others configure the report."""

from __future__ import annotations

import argparse

from par_lint.core.config.rule_codes import UnknownCode, normalize_code_mapping, require_code, split_list
from par_lint.frontends.reports import FORMATS

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
        "files and folders (default: the current folder). In folders, environments, installed packages, build output and caches "
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


def add_reporting(parser: argparse.ArgumentParser) -> None:
    """Add the options for the report of `check`, and for what it does instead of reporting."""
    group = parser.add_argument_group("reports")
    formats = ", ".join(f"{name} ({text})" if text else name for name, text in FORMATS.items())
    group.add_argument("--output-format", choices=FORMATS, default="text", help=formats)
    group.add_argument("--output-file", metavar="FILE", help="write the report to this file instead of standard output")
    group.add_argument("--statistics", action="store_true", help="print the number of findings for each code")
    group.add_argument("--no-cache", action="store_true", help="disable the cache")
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
        from par_lint.core.files.problems import Problem

        raise Problem("--stdin-filename: cannot be combined with paths other than `-`")
    return ["-"]


def flake8_arguments(options: argparse.Namespace) -> list[str]:
    """Return the options that par-lint shares with flake8, in flake8's spelling. Raises Problem for an unknown code."""
    given = [(name, getattr(options, name[2:].replace("-", "_"), None)) for name in [*(name for name, _, _ in _FLAKE8), *(name for name, _ in _FLAGS)]]
    arguments = [name if value is True else f"{name}={_normalize_value(name, value)}" for name, value in given if value not in (None, False)]
    return [*arguments, "--statistics"] if getattr(options, "statistics", False) else arguments


def _normalize_value(name: str, value: str) -> str:
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
    return value


def _option_problem(name: str, problem: str) -> Exception:
    from par_lint.core.files.problems import Problem

    return Problem(f"{name}: {problem}")


def run_check(options: argparse.Namespace) -> int:
    """Run `check` with its options and return the exit code. Raises Problem."""
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

        raise Problem(f"--diff: cannot be combined with --output-format {options.output_format}; use text or full")
    from par_lint.frontends.cli.check import check

    return check(
        paths, arguments, diff=options.diff, output_format=options.output_format,
        output_file=options.output_file, baseline=options.baseline, use_cache=not options.no_cache, stdin_filename=options.stdin_filename,
    )  # fmt: skip
