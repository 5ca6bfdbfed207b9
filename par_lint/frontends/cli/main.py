"""The command line: par-lint check, fix, explain, rules, config, vendor, completion, lsp, demo, help."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from par_lint import __version__
from par_lint.core.config.rule_codes import RULES
from par_lint.frontends.cli.argument_parser import Parser
from par_lint.frontends.cli.options import SHELLS, add_reporting, add_selection, add_verbosity, flake8_arguments, read_paths, require_module
from par_lint.frontends.reports.colours import CHOICES

if TYPE_CHECKING:
    from pathlib import Path

_FAILED = 2
_INTERRUPTED = 130
_EXIT_CODES = "Exit codes: 0 done, 2 errors, 130 after Ctrl-C."


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code: 0 nothing to report, 1 findings or changes to make, 2 an error."""
    parser = _parser()
    options = parser.parse_all(argv)
    if options.command is None:
        parser.print_help()
        return 0
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # file names and code may contain characters that the output encoding lacks
    try:
        code = _run(options)
        if sys.stdout is not None:  # None if it was closed before Python started
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        print("par-lint: interrupted; no file was left half-written", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except Exception as error:
        print(f"par-lint: {_one_line(error, options.command)}", file=sys.stderr)
        return _FAILED


def _one_line(error: Exception, command: str) -> str:
    """Return an error for the user. Python itself would exit with 1, which means findings."""
    from par_lint.core.config.settings import ConfigError
    from par_lint.core.files.read_errors import Problem, inaccessible
    from par_lint.core.internal_errors import CODE, internal_error_finding

    match error:
        case Problem() | ConfigError():
            return str(error)
        case OSError():
            return str(inaccessible(error))
        case _:
            return f"{command}: {CODE} {internal_error_finding(error, 1, task='complete this command').message}"


def _run(options: argparse.Namespace) -> int:
    """Run a command. Each command imports only what it needs."""
    if getattr(options, "jobs", None) is not None:
        from par_lint.engine.process_pool import set_jobs

        set_jobs(options.jobs)
    match options.command:
        case "check":
            from par_lint.frontends.cli.run_check import run_check

            return run_check(options)
        case "fix":
            return _fix(options)
        case "explain":
            return _explain(options)
        case "help":
            return _help(options.about)
        case "config":
            from par_lint.frontends.cli.show_config import show_schema, show_settings

            print(show_schema() if options.schema else show_settings(options.path, [], as_json=options.output_format == "json"))
            return 0
        case "completion":
            from par_lint.frontends.cli.completion import completion

            print(completion(options.shell, _parser(), tuple(RULES)), end="")
            return 0
        case "rules":
            from par_lint.rules.rule_docs import rules_table

            print(rules_table())
            return 0
        case "vendor":
            return _vendor(options)
        case "lsp":
            return _serve()
        case _:
            from par_lint.frontends.cli.demo import run_demo

            return run_demo()


def _fix(options: argparse.Namespace) -> int:
    from par_lint.frontends.cli.fix import fix_files
    from par_lint.frontends.cli.terminal import Verbosity

    require_module("--runtime", options.runtime)
    done = fix_files(
        read_paths(options), flake8_arguments(options), unsafe=options.unsafe_fixes, runtime=options.runtime, diff=options.diff,
        show_withheld=options.show_withheld, show_fixes=options.show_fixes, unused_noqa=options.unused_noqa, stdin_filename=options.stdin_filename,
        since=options.since, verbosity=Verbosity(options.quiet, options.verbose),
    )  # fmt: skip
    return done.exit_code(is_preview=options.diff, non_zero_on_fix=options.exit_non_zero_on_fix)


def _explain(options: argparse.Namespace) -> int:
    from par_lint.core.files.read_errors import Problem
    from par_lint.frontends.cli.terminal_markdown import for_terminal
    from par_lint.frontends.reports.colours import Paint, wants_colour
    from par_lint.rules.rule_docs import explain

    if options.all == bool(options.code):
        raise Problem("explain: name a rule such as PRL101, or use --all; `par-lint rules` lists all rules")
    text = explain(["PRL", "PRL000", "PRL001"] if options.all else options.code, as_json=options.output_format == "json")
    is_terminal = sys.stdout.isatty() if sys.stdout is not None else False
    if options.output_format == "text" and (is_terminal or options.color == "always"):
        text = for_terminal(text, Paint(wants_colour(is_terminal, choice=options.color)))
    print(text)
    return 0


def _help(about: str | None) -> int:
    parser = _parser()
    commands = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    (commands.choices[about] if about is not None else parser).print_help()
    return 0


def _vendor(options: argparse.Namespace) -> int:
    from pathlib import Path

    from par_lint.core.files.read_errors import Problem
    from par_lint.engine.runtime_module.vendored_copy import find_drift, vendor
    from par_lint.frontends.cli.terminal import confirm

    if options.path is None:
        raise _no_path()
    if options.path.endswith(("/", os.sep)) and not os.path.isdir(options.path):
        raise Problem(f"directory {options.path} does not exist; create it first")
    if not options.check:
        if not options.force:
            _require_python(Path(options.path))
        print(vendor(Path(options.path), force=options.force, confirm=confirm))
        return 0
    problem = find_drift(Path(options.path))
    if problem is not None:
        print(f"par-lint: {problem}", file=sys.stderr)
    return 0 if problem is None else 1


def _no_path() -> Exception:
    """Return the problem of `vendor` without a path, with a path that suits the project."""
    from pathlib import Path

    from par_lint.core.config.loading import load_config
    from par_lint.core.files.read_errors import Problem
    from par_lint.engine.runtime_module.location import display_path, find_runtime

    copy = find_runtime(Path("."), load_config(Path("."))).copy
    return Problem(f"vendor: name the file to write, such as `par-lint vendor {display_path(copy) if copy is not None else 'myapp/parallel.py'}`")


def _require_python(path: Path) -> None:
    """Raise Problem if a project supports a Python on which a copy of the runtime cannot be imported."""
    from par_lint.core.config.loading import load_config
    from par_lint.core.files.read_errors import Problem
    from par_lint.engine.runtime_module.location import clear_project_cache, old_python_of

    reason = old_python_of(path, load_config(path))
    clear_project_cache()  # it knows no copy yet
    if reason is not None:
        raise Problem(f"{path}: no copy is written: {reason}; raise it, or copy anyway with --force")


def _serve() -> int:
    try:
        from par_lint.frontends.editors.server import serve
    except ModuleNotFoundError as error:
        from par_lint.core.files.read_errors import Problem

        raise Problem(f"the language server needs pygls 2 or newer ({error}): pip install \"par-lint[lsp]\"") from None
    return serve()


def _parser() -> Parser:
    parser = Parser(
        prog="par-lint", description="Find sequential I/O in Python code and rewrite it to run concurrently.",
        epilog=f"{_EXIT_CODES} check, fix and vendor also use 1; their own help says when.",
    )  # fmt: skip
    parser.add_argument("-V", "--version", action="version", version=f"par-lint {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    check = commands.add_parser("check", help="report findings, like flake8", description="Report findings, like flake8.", epilog=(
        "Exit codes: 0 no findings (or --exit-zero), 1 findings, or fixes with --exit-non-zero-on-fix, 2 errors: a file that cannot be read or parsed, "
        "wrong options or settings, an internal error; the other files are still checked. --write-baseline, --add-noqa and --why-silent: 0, or 2 after errors."
    ))
    add_selection(check)
    add_reporting(check)
    add_verbosity(check)
    check.add_argument("--fix", action="store_true", help="apply the safe fixes first, and report what is left")
    check.add_argument("--unsafe-fixes", action="store_true", help="with --fix: also apply fixes that may change behaviour; review them")
    check.add_argument("--diff", action="store_true", help="also show what the safe fixes would change (without --fix)")
    check.add_argument(
        "--why-silent", action="store_true", help="list the loops that are not reported, and why; PATH:LINE selects one loop"
    )
    fix = commands.add_parser("fix", help="apply the fixes", description="Apply safe fixes in place. `-` reads stdin and writes stdout.", epilog=(
        "Exit codes, as of a formatter: 0 done, whether or not something changed; 1 with --diff if there are changes to make, and with "
        "--exit-non-zero-on-fix if some were made; 2 errors, and the other files are still fixed."
    ))
    add_selection(fix)
    add_verbosity(fix)
    fix.add_argument("--diff", action="store_true", help="show the changes without applying them")
    fix.add_argument("--unsafe-fixes", action="store_true", help="also apply fixes that may change behaviour; review them")
    fix.add_argument("--show-withheld", action="store_true", help="list the fixes that are not applied, with the reason and its line")
    fix.add_argument("--runtime", metavar="MODULE", help="the module from which fixed code imports run_parallel")
    explain = commands.add_parser("explain", help="explain a rule", description="Explain a rule, with examples.", epilog=_EXIT_CODES)
    explain.add_argument("--all", action="store_true", help="explain all rules")
    explain.add_argument("--color", choices=CHOICES, default="auto", help="colours: on a terminal (auto), always, never")
    explain.add_argument("code", metavar="CODE", nargs="*", help="a code such as PRL101, a name such as sequential-file-io, or `settings`")
    explain.add_argument("--output-format", choices=("text", "json"), default="text")
    config = commands.add_parser("config", help="show the settings in effect", description="Show the settings in effect and where each one is set. `par-lint explain settings` describes them.", epilog=_EXIT_CODES)
    config.add_argument("path", metavar="PATH", nargs="?", default=".", help="the file or folder to show settings for (default: the current folder)")
    config.add_argument("--output-format", choices=("text", "json"), default="text")
    config.add_argument("--schema", action="store_true", help="print the JSON schema of [tool.par-lint] instead")
    commands.add_parser("rules", help="list all rules", description="List all rules as a table.", epilog=_EXIT_CODES)
    vendor = commands.add_parser("vendor", help="copy the runtime into a project", description="Copy the runtime into a project.", epilog=(
        "Exit codes: 0 done, 1 with --check if the copy was modified or is out of date, 2 errors."
    ))
    vendor.add_argument("path", metavar="PATH", nargs="?", help="the file to write, or a folder")
    vendor.add_argument("--force", action="store_true", help="overwrite a modified copy without asking; copy even if the project supports a Python older than 3.9")
    vendor.add_argument("--check", action="store_true", help="only check that the copy is unmodified and up to date; exit code 1 if not")
    completion = commands.add_parser("completion", help="print a completion script", description="Print a completion script for a shell.", epilog=_EXIT_CODES)
    completion.add_argument("shell", choices=SHELLS)
    commands.add_parser("lsp", help="run the language server", description="Run the language server for an editor, on stdin and stdout.", epilog=_EXIT_CODES)
    commands.add_parser("demo", help="run a short demonstration", description="Lint, fix and time a small program; needs no network.", epilog=_EXIT_CODES)
    about = commands.add_parser("help", help="show the help of a command", description="Show the help of a command.", epilog=_EXIT_CODES)
    about.add_argument("about", metavar="COMMAND", nargs="?", choices=tuple(commands.choices), help="one of the commands (default: all commands)")
    return parser
