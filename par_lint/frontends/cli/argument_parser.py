"""An argument parser whose errors are one line, with the word that was probably meant."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

_CHOICE = re.compile(r"argument (?P<name>.+?): invalid choice: '(?P<word>.*)' \(choose from (?P<known>.*)\)", re.DOTALL)


class Parser(argparse.ArgumentParser):
    """A parser of a command, or of all commands."""

    def parse_all(self, argv: Sequence[str] | None) -> argparse.Namespace:
        """Parse all arguments. An unknown option is an error of the command that it was given to."""
        options, unknown = self.parse_known_args(argv)
        if unknown:
            commands = next((dict(action.choices) for action in self._actions if isinstance(action, argparse._SubParsersAction)), {})
            command = commands.get(options.command, self)
            command.error(_explain_unknown(unknown[0], command, commands))
        return options

    def error(self, message: str) -> NoReturn:
        """Print one line, and exit with 2."""
        choice = _CHOICE.fullmatch(message)
        if choice is not None:
            known = re.findall(r"[\w-]+", choice["known"])
            what = "command" if choice["name"] == "COMMAND" else "value"
            place = "" if what == "command" else f"{choice['name']}: "
            hint = f"did you mean `{self.prog} check {choice['word']}`? " if what == "command" and _is_path(choice["word"]) else _did_you_mean(choice["word"], known)
            message = f"{place}unknown {what} {choice['word']!r}; {hint}use one of {', '.join(known)}"
        link = " See" if message.endswith("?") else "; see"
        self.exit(2, f"par-lint: {message.removeprefix('argument ')}{link} `{self.prog} --help`\n")


def _explain_unknown(argument: str, parser: Parser, commands: Mapping[str, Parser]) -> str:
    """Return what is wrong with an argument that a parser does not know: misspelled, or of another command."""
    if not argument.startswith("-"):
        return f"unexpected argument {argument!r}"
    option = argument.partition("=")[0]
    owners = [name for name, command in commands.items() if option in command._option_string_actions]
    hint = f"it is an option of `par-lint {owners[0]}`" if owners else _did_you_mean(option, parser._option_string_actions).rstrip()
    return f"unknown option {option!r}" + (f"; {hint}" if hint else "")


def _is_path(word: str) -> bool:
    return word == "-" or os.path.exists(word) or word.endswith(".py")


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    from par_lint.core.config.validation import did_you_mean

    return did_you_mean(word, known)
