"""`par-lint completion SHELL`: completion scripts, generated from the argument parser."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from par_lint.frontends.cli.options import SHELLS

_NO_FILES = frozenset({"CODE", "CODES", "MODULE", "FILE:CODES", "PATTERNS"})  # values that are not file names


@dataclass(frozen=True)
class Option:
    """One option of a command: its names, help text, possible values, and whether it takes a value or a file."""

    names: tuple[str, ...]
    text: str
    choices: tuple[str, ...]
    has_value: bool
    takes_file: bool


@dataclass(frozen=True)
class Command:
    """One command and its options; `words` are the possible positional arguments, if known."""

    name: str
    text: str
    options: tuple[Option, ...]
    words: tuple[str, ...]
    takes_file: bool


def completion(shell: str, parser: argparse.ArgumentParser, codes: tuple[str, ...]) -> str:
    """Return the script for one of SHELLS. `codes` are the completions for a code."""
    commands = list(_commands(parser, codes))
    return dict(zip(SHELLS, (_bash, _zsh, _fish), strict=True))[shell](commands)


def _commands(parser: argparse.ArgumentParser, codes: tuple[str, ...]) -> Iterator[Command]:
    subparsers = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    texts = {action.dest: action.help or "" for action in subparsers._choices_actions}
    for name, command in subparsers.choices.items():
        positional = [action for action in command._actions if not action.option_strings]
        words = [word for action in positional for word in _choices(action, codes)]
        takes_file = any(not _choices(action, codes) and action.metavar not in _NO_FILES for action in positional)
        options = tuple(_option(action, codes) for action in command._actions if action.option_strings)
        yield Command(name, texts[name], options, tuple(words), takes_file)


def _option(action: argparse.Action, codes: tuple[str, ...]) -> Option:
    has_value = action.nargs != 0
    choices = _choices(action, codes)
    takes_file = has_value and not choices and action.metavar not in _NO_FILES
    return Option(tuple(action.option_strings), action.help or "", choices, has_value, takes_file)


def _choices(action: argparse.Action, codes: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(action.choices or ()) or (codes if action.metavar in ("CODE", "CODES") else ())


def _bash(commands: list[Command]) -> str:
    cases = "\n".join(_bash_case(command) for command in commands)
    return f"""\
# bash completion for par-lint: eval "$(par-lint completion bash)"
_par_lint() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" words="" values="" files=1
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "{' '.join(command.name for command in commands)} --help --version" -- "$word")
        return
    fi
    case "${{COMP_WORDS[1]}}" in
{cases}
    esac
    if [ -n "$values" ]; then words="$values"; fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    if [ "$files" = 1 ] && [ "${{word#-}}" = "$word" ]; then
        mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$word")
    fi
}}
complete -o filenames -F _par_lint par-lint
"""


def _bash_case(command: Command) -> str:
    lines = [f"        {command.name})"]
    words = [*command.words, *(name for option in command.options for name in option.names)]
    lines.append(f'            words="{" ".join(words)}" files={int(command.takes_file)}')
    values = [option for option in command.options if option.has_value]
    if values:
        lines.append('            case "$previous" in')
        for option in values:
            chosen = f'values="{" ".join(option.choices)}" files=0' if option.choices else f'words="" files={int(option.takes_file)}'
            lines.append(f"                {'|'.join(option.names)}) {chosen} ;;")
        lines.append("            esac")
    return "\n".join([*lines, "            ;;"])


def _zsh(commands: list[Command]) -> str:
    names = "\n".join(f"        {_quoted(f'{command.name}:{command.text}')}" for command in commands)
    cases = "\n".join(_zsh_case(command) for command in commands)
    return f"""\
#compdef par-lint
# zsh completion for par-lint: eval "$(par-lint completion zsh)", after compinit
_par_lint() {{
    local -a commands
    commands=(
{names}
    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{cases}
    esac
}}
compdef _par_lint par-lint
"""


def _zsh_case(command: Command) -> str:
    specs = []
    for option in command.options:
        text = option.text.replace("[", "(").replace("]", ")").replace(":", ";")
        value = f":value:({' '.join(option.choices)})" if option.choices else ":file:_files" if option.takes_file else ":value: "
        specs += [_quoted(f"{name}[{text}]{value if option.has_value else ''}") for name in option.names]
    if command.words:
        specs.append(_quoted(f"*:word:({' '.join(command.words)})"))
    elif command.takes_file:
        specs.append(_quoted("*:file:_files"))
    return "\n".join([f"        {command.name})", "            _arguments " + " \\\n                ".join(specs), "            ;;"])


def _fish(commands: list[Command]) -> str:
    lines = ["# fish completion for par-lint: par-lint completion fish | source", "complete -c par-lint -f"]
    for command in commands:
        lines.append(f"complete -c par-lint -n __fish_use_subcommand -a {command.name} -d {_quoted(command.text)}")
        here = f"complete -c par-lint -n '__fish_seen_subcommand_from {command.name}'"
        if command.words:
            lines.append(f"{here} -a {_quoted(' '.join(command.words))}")
        if command.takes_file:
            lines.append(f"{here} -F")
        lines += [_fish_option(here, option) for option in command.options]
    return "\n".join(lines) + "\n"


def _fish_option(here: str, option: Option) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    value = f" -x -a {_quoted(' '.join(option.choices))}" if option.choices else " -r -F" if option.takes_file else " -x" if option.has_value else ""
    return f"{here} {names}{value} -d {_quoted(option.text)}"


def _quoted(text: str) -> str:
    """Quote a word so that all three shells read it literally."""
    return "'" + text.replace("'", "") + "'"
