"""The fixes as LibCST codemods: `python -m libcst.tool codemod -x --no-format par_lint.codemod.SequentialFileIo PATH`.

There is one command per rule. It applies safe fixes, with `--unsafe-fixes` also unsafe ones; `--runtime MODULE` is the module to import.
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
    """Apply the fixes of one rule."""

    CODE: ClassVar[str]

    def __init__(self, context: CodemodContext, unsafe_fixes: bool = False, runtime: str | None = None) -> None:
        super().__init__(context)
        self._unsafe = unsafe_fixes
        self._runtime = runtime

    @staticmethod
    def add_args(arg_parser: argparse.ArgumentParser) -> None:
        """Add the options that all commands share."""
        arg_parser.add_argument("--unsafe-fixes", action="store_true", help="also apply fixes that may change behaviour; review them")
        arg_parser.add_argument("--runtime", metavar="MODULE", default=None, help="the module from which fixed code imports run_parallel")

    def transform_module_impl(self, tree: cst.Module) -> cst.Module:
        """Return the module with this rule's findings fixed."""
        place = Path(self.context.filename or ".")
        config = load_config(place)
        runtime = find_runtime(place, config, self._runtime, tree.bytes, advises=False).module
        result = fix(tree.bytes, config, unsafe=self._unsafe, wanted=lambda finding, _: finding.code == self.CODE, runtime=runtime, path=self.context.filename or "")
        return parse_module(*decode(result.source)) if result.fixed else tree


class SequentialFileIo(_Command):
    """PRL101."""

    DESCRIPTION = "Read and write the files of a loop concurrently."
    CODE = "PRL101"


class SequentialNetworkIo(_Command):
    """PRL102."""

    DESCRIPTION = "Make the network requests of a loop concurrently."
    CODE = "PRL102"


class SequentialSubprocesses(_Command):
    """PRL103."""

    DESCRIPTION = "Run the subprocesses of a loop concurrently."
    CODE = "PRL103"


class NestedListing(_Command):
    """PRL111."""

    DESCRIPTION = "Flatten nested loops over folders and process their files concurrently."
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

    DESCRIPTION = "Run CPU-bound work in processes instead of threads."
    CODE = "PRL301"


class TooFewWorkers(_Command):
    """PRL401."""

    DESCRIPTION = "Raise max_workers to the recommended number for the kind of I/O."
    CODE = "PRL401"


class AwaitInLoop(_Command):
    """PRL104."""

    DESCRIPTION = "Await the I/O of a loop concurrently, limited by a semaphore."
    CODE = "PRL104"


class StartThenWait(_Command):
    """PRL105."""

    DESCRIPTION = "Start all work of a loop before waiting for any of it."
    CODE = "PRL105"


class CallsInARow(_Command):
    """PRL106."""

    DESCRIPTION = "Run consecutive independent calls concurrently."
    CODE = "PRL106"


class ExecutorPerItem(_Command):
    """PRL302."""

    DESCRIPTION = "Create one executor before a loop instead of one in every iteration."
    CODE = "PRL302"


class TooManyWorkers(_Command):
    """PRL402."""

    DESCRIPTION = "Lower max_workers to the useful number for the kind of work."
    CODE = "PRL402"


class LostErrors(_Command):
    """PRL501."""

    DESCRIPTION = "Raise the lost errors of work in a pool."
    CODE = "PRL501"
