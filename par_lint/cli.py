"""The command line: par-lint check, fix, explain, rules, vendor, lsp, demo."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from par_lint import __version__

_FAILED = 2
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the exit code: 0 nothing to report, 1 findings or changes, 2 an error."""
    options = _parser().parse_args(argv)
    try:
        code = _run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("par-lint: interrupted; files are whole", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except Exception as error:
        from par_lint.config import ConfigError
        from par_lint.problems import Problem

        if not isinstance(error, (Problem, ConfigError)):
            raise
        print(f"par-lint: {error}", file=sys.stderr)
        return _FAILED


def _run(options: argparse.Namespace) -> int:
    """Imports what a command needs and no more."""
    match options.command:
        case "check":
            if options.why_silent:
                from par_lint.silence import why_silent

                return why_silent(options.paths, _flake8_arguments(options))
            from par_lint.checking import check

            return check(options.paths, _flake8_arguments(options), diff=options.diff)
        case "fix":
            from par_lint.fixing import fix_files

            arguments = _flake8_arguments(options)
            return fix_files(
                options.paths, arguments, unsafe=options.unsafe_fixes, runtime=options.runtime, diff=options.diff, show_withheld=options.show_withheld
            )
        case "explain":
            from par_lint.docs import explain

            print(explain(options.code))
            return 0
        case "rules":
            from par_lint.docs import rules_table

            print(rules_table())
            return 0
        case "vendor":
            return _vendor(options)
        case "lsp":
            return _serve()
        case _:
            from par_lint.demo import run_demo

            return run_demo()


def _vendor(options: argparse.Namespace) -> int:
    from pathlib import Path

    from par_lint.vendor import drift, vendor

    if not options.check:
        print(vendor(Path(options.path)))
        return 0
    problem = drift(Path(options.path))
    if problem is not None:
        print(f"par-lint: {problem}", file=sys.stderr)
    return 0 if problem is None else 1


def _serve() -> int:
    try:
        from par_lint.server import serve
    except ModuleNotFoundError as error:
        from par_lint.problems import Problem

        raise Problem(f"the language server needs pygls 2 or newer ({error}): pip install \"par-lint[lsp]\"") from None
    return serve()


def _flake8_arguments(options: argparse.Namespace) -> list[str]:
    """flake8's spelling of the options that par-lint shares with it."""
    arguments = [f"--select={options.select}"]
    if options.extend_ignore:
        arguments.append(f"--extend-ignore={options.extend_ignore}")
    return arguments


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="par-lint", description="Finds where Python code waits for things one at a time, and rewrites it to run them at once."
    )
    parser.add_argument("--version", action="version", version=f"par-lint {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="show the findings that flake8 shows", description="Show the findings that flake8 shows.")
    _add_selection(check)
    check.add_argument("--diff", action="store_true", help="show what the safe fixes would change, too")
    check.add_argument(
        "--why-silent", action="store_true", help="show the loops that are not reported instead, and why; PATH:LINE asks about one loop"
    )
    fix = commands.add_parser("fix", help="apply the fixes", description="Apply safe fixes in place. `-` reads stdin and writes stdout.")
    _add_selection(fix)
    fix.add_argument("--diff", action="store_true", help="show what would be changed, and change nothing")
    fix.add_argument("--unsafe-fixes", action="store_true", help="apply those too that a person should look at")
    fix.add_argument("--show-withheld", action="store_true", help="list the fixes that are not made, each with its reason and line")
    fix.add_argument("--runtime", metavar="MODULE", help="the module that fixed files import run_parallel from")
    explain = commands.add_parser("explain", help="say what a code means", description="Say what a code means, with examples.")
    explain.add_argument("code", metavar="CODE")
    commands.add_parser("rules", help="list all rules", description="List all rules as a table.")
    vendor = commands.add_parser("vendor", help="copy the runtime into a project", description="Copy the runtime into a project.")
    vendor.add_argument("path", metavar="PATH", help="the file to write, or its folder")
    vendor.add_argument("--check", action="store_true", help="only say whether the copy there is as it should be; 1 when it is not")
    commands.add_parser("lsp", help="serve an editor", description="Serve an editor as its language server, on stdin and stdout.")
    commands.add_parser("demo", help="see it work on a small program", description="Lint, fix and time a small program; needs no network.")
    return parser


def _add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("paths", nargs="*", default=["."], metavar="PATH", help="files and folders; this folder when there are none")
    parser.add_argument("--select", default="PRL", metavar="CODES", help="codes, or beginnings of codes, to look for (all)")
    parser.add_argument("--extend-ignore", metavar="CODES", help="codes to leave out")
