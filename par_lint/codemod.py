"""The fixes as libcst codemods: `python -m libcst.tool codemod -x --no-format par_lint.codemod.SequentialFileIo PATH`.

One command per rule. Safe fixes only, unless `--unsafe-fixes` is given; `--runtime MODULE` names the runtime to import.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import ClassVar

import libcst as cst
from libcst.codemod import CodemodCommand, CodemodContext

from par_lint.analysis.syntax.parser import parse_module
from par_lint.core.config.loading import load_config
from par_lint.core.files.source_text import decode
from par_lint.engine.fix_file import fix
from par_lint.engine.runtime_module.location import find_runtime


class _Command(CodemodCommand):
    """Applies the fixes of one rule."""

    CODE: ClassVar[str]

    def __init__(self, context: CodemodContext, unsafe_fixes: bool = False, runtime: str | None = None) -> None:
        super().__init__(context)
        self._unsafe = unsafe_fixes
        self._runtime = runtime

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Add the options that all commands share."""
        arg_parser.add_argument("--unsafe-fixes", action="store_true", help="apply those fixes too that a person should look at")
        arg_parser.add_argument("--runtime", metavar="MODULE", default=None, help="the module to import run_parallel from")

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """The module with this rule's findings fixed."""
        place = Path(self.context.filename or ".")
        config = load_config(place)
        runtime = find_runtime(place, config, self._runtime, tree.bytes, advises=False).module
        result = fix(tree.bytes, config, unsafe=self._unsafe, wanted=lambda finding, _: finding.code == self.CODE, runtime=runtime)
        return parse_module(*decode(result.source)) if result.fixed else tree


class SequentialFileIo(_Command):
    """PRL101."""

    DESCRIPTION = "Read and write files at once that a loop reads and writes one at a time."
    CODE = "PRL101"


class SequentialNetworkIo(_Command):
    """PRL102."""

    DESCRIPTION = "Make requests at once that a loop makes one at a time."
    CODE = "PRL102"


class SequentialSubprocesses(_Command):
    """PRL103."""

    DESCRIPTION = "Run subprocesses at once that a loop runs one at a time."
    CODE = "PRL103"


class NestedListing(_Command):
    """PRL111."""

    DESCRIPTION = "Flatten nested loops over folders and work on their files at once."
    CODE = "PRL111"


class SubprocessWithoutTimeout(_Command):
    """PRL201."""

    DESCRIPTION = "Add timeouts to subprocess calls."
    CODE = "PRL201"


class NetworkWithoutTimeout(_Command):
    """PRL202."""

    DESCRIPTION = "Add timeouts to network calls."
    CODE = "PRL202"


class ThreadsForCpuWork(_Command):
    """PRL301."""

    DESCRIPTION = "Give computing to processes instead of threads."
    CODE = "PRL301"


class TooFewWorkers(_Command):
    """PRL401."""

    DESCRIPTION = "Raise max_workers to what is recommended for the kind of I/O."
    CODE = "PRL401"


class AwaitInLoop(_Command):
    """PRL104."""

    DESCRIPTION = "Await at once, under a semaphore, what a coroutine awaits in a loop."
    CODE = "PRL104"


class StartThenWait(_Command):
    """PRL105."""

    DESCRIPTION = "Start all work of a loop before waiting for the first piece of it."
    CODE = "PRL105"


class CallsInARow(_Command):
    """PRL106."""

    DESCRIPTION = "Make independent calls at once that stand in a row."
    CODE = "PRL106"


class ExecutorPerItem(_Command):
    """PRL302."""

    DESCRIPTION = "Make one executor before a loop instead of one for each item."
    CODE = "PRL302"


class TooManyWorkers(_Command):
    """PRL402."""

    DESCRIPTION = "Lower max_workers to what the kind of work can use."
    CODE = "PRL402"


class LostErrors(_Command):
    """PRL501."""

    DESCRIPTION = "Raise the errors of work that was given to a pool and forgotten."
    CODE = "PRL501"
