"""The command line: par-lint check, fix, explain, rules, config, vendor, completion, lsp, demo."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from par_lint import __version__
from par_lint.core.config.rule_codes import RULES
from par_lint.frontends.cli.options import SHELLS, add_reporting, add_selection, flake8_arguments, read_paths, run_check

_FAILED = 2
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 0 nothing to report, 1 findings or changes, 2 an error."""
    options = _parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names and code may contain characters that the output encoding lacks
    try:
        code = _run(options)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("par-lint: interrupted; no file was left half-written", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except Exception as error:
        from par_lint.core.config.settings import ConfigError
        from par_lint.core.files.problems import Problem

        if not isinstance(error, (Problem, ConfigError)):
            raise
        print(f"par-lint: {error}", file=sys.stderr)
        return _FAILED


def _run(options: argparse.Namespace) -> int:
    """Run a command. Each command imports only what it needs."""
    match options.command:
        case "check":
            return run_check(options)
        case "fix":
            from par_lint.frontends.cli.fix import fix_files

            return fix_files(
                read_paths(options), flake8_arguments(options), unsafe=options.unsafe_fixes, runtime=options.runtime, diff=options.diff,
                show_withheld=options.show_withheld, stdin_filename=options.stdin_filename,
            )  # fmt: skip
        case "explain":
            from par_lint.rules.pages import explain

            print(explain(options.code, as_json=options.output_format == "json"))
            return 0
        case "config":
            from par_lint.frontends.cli.show_config import show_schema, show_settings

            print(show_schema() if options.schema else show_settings(options.path, [], as_json=options.output_format == "json"))
            return 0
        case "completion":
            from par_lint.frontends.cli.completion import completion

            print(completion(options.shell, _parser(), tuple(RULES)), end="")
            return 0
        case "rules":
            from par_lint.rules.pages import rules_table

            print(rules_table())
            return 0
        case "vendor":
            return _vendor(options)
        case "lsp":
            return _serve()
        case _:
            from par_lint.frontends.cli.demo import run_demo

            return run_demo()


def _vendor(options: argparse.Namespace) -> int:
    from pathlib import Path

    from par_lint.engine.runtime_module.vendored_copy import find_drift, vendor
    from par_lint.frontends.cli.terminal import confirm

    if not options.check:
        print(vendor(Path(options.path), force=options.force, confirm=confirm))
        return 0
    problem = find_drift(Path(options.path))
    if problem is not None:
        print(f"par-lint: {problem}", file=sys.stderr)
    return 0 if problem is None else 1


def _serve() -> int:
    try:
        from par_lint.frontends.editors.server import serve
    except ModuleNotFoundError as error:
        from par_lint.core.files.problems import Problem

        raise Problem(f"the language server needs pygls 2 or newer ({error}): pip install \"par-lint[lsp]\"") from None
    return serve()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="par-lint", description="Find sequential I/O in Python code and rewrite it to run concurrently."
    )
    parser.add_argument("--version", action="version", version=f"par-lint {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    check = commands.add_parser("check", help="report findings, like flake8", description="Report findings, like flake8.")
    add_selection(check)
    add_reporting(check)
    check.add_argument("--diff", action="store_true", help="also show what the safe fixes would change")
    check.add_argument(
        "--why-silent", action="store_true", help="list the loops that are not reported, and why; PATH:LINE selects one loop"
    )
    fix = commands.add_parser("fix", help="apply the fixes", description="Apply safe fixes in place. `-` reads stdin and writes stdout.")
    add_selection(fix)
    fix.add_argument("--diff", action="store_true", help="show the changes without applying them")
    fix.add_argument("--unsafe-fixes", action="store_true", help="also apply fixes that may change behaviour; review them")
    fix.add_argument("--show-withheld", action="store_true", help="list the fixes that are not applied, with the reason and its line")
    fix.add_argument("--runtime", metavar="MODULE", help="the module from which fixed code imports run_parallel")
    explain = commands.add_parser("explain", help="explain a rule", description="Explain a rule, with examples.")
    explain.add_argument("code", metavar="CODE", nargs="+", help="a code such as PRL101, a name such as sequential-file-io, or `settings`")
    explain.add_argument("--output-format", choices=("text", "json"), default="text")
    config = commands.add_parser("config", help="show the settings in effect", description="Show the settings in effect and where each one is set. `par-lint explain settings` describes them.")
    config.add_argument("path", metavar="PATH", nargs="?", default=".", help="the file or folder to show settings for (default: the current folder)")
    config.add_argument("--output-format", choices=("text", "json"), default="text")
    config.add_argument("--schema", action="store_true", help="print the JSON schema of [tool.par-lint] instead")
    commands.add_parser("rules", help="list all rules", description="List all rules as a table.")
    vendor = commands.add_parser("vendor", help="copy the runtime into a project", description="Copy the runtime into a project.")
    vendor.add_argument("path", metavar="PATH", help="the file to write, or a folder")
    vendor.add_argument("--force", action="store_true", help="overwrite a modified copy without asking")
    vendor.add_argument("--check", action="store_true", help="only check that the copy is unmodified and up to date; exit code 1 if not")
    completion = commands.add_parser("completion", help="print a completion script", description="Print a completion script for a shell.")
    completion.add_argument("shell", choices=SHELLS)
    commands.add_parser("lsp", help="run the language server", description="Run the language server for an editor, on stdin and stdout.")
    commands.add_parser("demo", help="run a short demonstration", description="Lint, fix and time a small program; needs no network.")
    return parser
