"""Run `par-lint check` with its options: what to do instead of reporting, what to do before it, and which exit code to return."""

from __future__ import annotations

import argparse
from collections.abc import Collection

from par_lint.core.files.read_errors import Problem
from par_lint.frontends.cli.options import flake8_arguments, read_paths
from par_lint.frontends.cli.terminal import Verbosity

_WITHOUT_REPORT = ("why_silent", "write_baseline", "add_noqa")
_WITH_REPORT = ("fix", "watch", "timing", "since", "unused_noqa")


def run_check(options: argparse.Namespace) -> int:
    """Run `check` and return the exit code. Raises Problem."""
    _require_consistent(options)
    arguments, paths = flake8_arguments(options), read_paths(options)
    if options.why_silent:
        from par_lint.frontends.cli.why_silent import why_silent

        return why_silent(paths, arguments, options.stdin_filename)
    if options.write_baseline:
        from par_lint.frontends.cli.accept_findings import write_baseline

        return write_baseline(paths, arguments, options.write_baseline, options.stdin_filename)
    if options.add_noqa:
        from par_lint.frontends.cli.accept_findings import add_noqa

        return add_noqa(paths, arguments, options.baseline)
    if options.watch:
        from par_lint.frontends.cli.watch import watch

        return watch(paths, lambda: _check(options))
    return _check(options)


def _require_consistent(options: argparse.Namespace) -> None:
    """Raise Problem for options that exclude each other."""
    if options.diff and options.output_format not in ("text", "full"):
        raise Problem(f"--diff: cannot be combined with --output-format {options.output_format}; use text or full")
    if options.fix and options.diff:
        raise Problem("--diff: cannot be combined with --fix; use `par-lint fix --diff` to see the changes only")
    if options.unsafe_fixes and not options.fix:
        raise Problem("--unsafe-fixes: needs --fix")
    if (options.fix or options.watch) and "-" in read_paths(options):
        raise Problem(f"--{'fix' if options.fix else 'watch'}: needs files, not standard input; `par-lint fix -` prints the fixed text")
    for one in _WITHOUT_REPORT:
        for other in _WITH_REPORT:
            if getattr(options, one) and getattr(options, other):
                raise Problem(f"--{other.replace('_', '-')}: cannot be combined with --{one.replace('_', '-')}")


def _check(options: argparse.Namespace) -> int:
    """Fix if asked, then check once."""
    arguments, paths = flake8_arguments(options), read_paths(options)
    verbosity = Verbosity(options.quiet, options.verbose)
    fixed, has_changed, printed = 0, False, frozenset[str]()
    if options.fix:
        from par_lint.frontends.cli.fix import fix_files

        done = fix_files(
            paths, arguments, unsafe=options.unsafe_fixes, show_fixes=options.show_fixes, unused_noqa=options.unused_noqa, since=options.since,
            verbosity=verbosity, has_report=True,
        )  # fmt: skip
        fixed, has_changed, printed = done.findings, done.has_changed, done.printed
    code = _report(options, paths, arguments, verbosity, fixed, printed)
    if code == 1 and options.exit_zero:
        code = 0
    return 1 if code == 0 and has_changed and options.exit_non_zero_on_fix else code


def _report(
    options: argparse.Namespace, paths: list[str], arguments: list[str], verbosity: Verbosity, fixed: int, printed: Collection[str]
) -> int:  # fmt: skip
    from par_lint.frontends.cli.check import check

    def run() -> int:
        return check(
            paths, arguments, diff=options.diff, output_format=options.output_format, output_file=options.output_file, colour=options.color,
            baseline=options.baseline, since=options.since, unused_noqa=options.unused_noqa, use_cache=not (options.no_cache or options.timing),
            stdin_filename=options.stdin_filename, verbosity=verbosity, fixed=fixed, printed=printed,
        )  # fmt: skip

    if not options.timing:
        return run()
    from par_lint.frontends.cli.timing import timed

    return timed(run)
