"""The proposed time limit of a command, in seconds, from its words."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping, Sequence

from par_lint.analysis.semantics.asking_commands import is_shell_elsewhere
from par_lint.analysis.semantics.command_parts import UNKNOWN_WORD, command_of, pipelines, program_name
from par_lint.analysis.semantics.subprocess_commands import is_session
from par_lint.core.config.command_durations import QUICK, rows

_ASKS_VERSION = frozenset("--version -version -V --help -h".split())
_INTERPRETERS = frozenset("python node bash sh zsh ksh dash ruby perl Rscript php java lua julia pypy deno powershell pwsh cmd".split())
_ITS_OWN_CODE = frozenset("-c -e --eval -r -Command -command /c /C".split())
_SCRIPT = "script"
_SCRIPT_SUFFIXES = (".sh", ".py", ".pl", ".rb", ".js", ".R", ".jar", ".bash", ".ps1")
_OPEN_ENDED = re.compile(
    r"(^|[/_.-])(re|fine|pre)?(train|tun)(s|e|ed|er|ing)?([_./-]|$)|simulat|benchmark|brute|crack|fuzz|crawl|scrap|serve|daemon|listen|monitor|worker|execut"
    r"|(^|[/_.-])(step|job|task|node|agent)s?([_./-]|$)"
    r"|(^|[/_-])(app|bot|gui|watch)\.",
    re.IGNORECASE,
)
"""Scripts that may run for days or until they are stopped: the training of a model, a server, whatever a worker or a step of a job does."""
_SERVES = frozenset("start serve server runserver worker daemon watch listen monitor scheduler loop".split())
"""First arguments of scripts that run until they are stopped: `python /usr/bin/ray start`."""
_SHORT_SCRIPT = re.compile(
    r"(^|.*[/_.-])(version|status|detect|validate|config|is|has|get|list|show|print)[_-][^/]*|(.*[/_.-])?(version|status|config|info)\.\w+", re.IGNORECASE
)
"""Scripts whose name says that they look something up: an hour would be no limit."""
_MOMENTARY = frozenset("""
    heads current history add remove rm delete list ls status show info version get set config whoami login logout enable disable help which path freeze
    ps env generate_config
""".split())
"""Sub-commands that look something up or change one entry, also of a program that else takes long."""
_WHOLE_TREES = frozenset("""
    make gmake mingw32-make nmake ninja scons rake ant gradle gradlew mvn just task invoke nox rclone gsutil hdfs hadoop dvc tar 7z zip unzip git hg svn
    conda mamba micromamba uv poetry pdm pixi yarn pnpm npm bun
""".split())
"""Programs to which such a word is not one: `uv add` installs, `rclone ls` walks through a whole store, `make info` builds."""
_ASKS = re.compile(r"--(list|show|print|dump)([-=]\S*)?|--(generate|write|init)-config|--(status|info|get-\S+|dry-run-list)")
_FILES = frozenset("rm chown chgrp".split())
"""Programs that take long only where an option lets them go through folders."""
_READERS = {
    **dict.fromkeys("grep egrep fgrep sed awk gawk jq yq".split(), 1), "tr": 2,
    **dict.fromkeys("cat wc cut uniq tee paste strings xxd od hexdump base64 nm objdump otool".split(), 0),
}
"""Programs that read their files to the end, with the number of their arguments before the files. What they are sent by a pipe counts there."""
_SMALL_FILES = re.compile(r"/(proc|sys|etc|dev)/|\.?\w*(version|VERSION)\b")
_HELP = frozenset("gh glab docker podman kubectl helm terraform npm pip conda gcloud az aws cargo go brew apt apt-get dotnet snap flatpak".split())
"""Programs that show how they are used if they are given nothing."""
_KEEPS_FILE = re.compile(r"-[a-zA-Z]*[oO]|--output(=.*)?|--remote-name(-all)?")
"""Options with which `curl` downloads a file."""
_MOMENT = 120
_LONG_TESTS = re.compile(r"bench|perf|stress|slow|soak|load|e2e|end.to.end|integration|nightly|regression|fuzz|hypothesis|(^|[_/-])gpu", re.IGNORECASE)
"""What a run of tests is named after that takes longer than a run of unit tests."""
_RUNS_CONTAINER = (["docker", "run"], ["podman", "run"], ["docker-compose", "run"], ["docker", "compose", "run"], ["podman", "compose", "run"])
_OPEN_ENDED_SUBCOMMANDS = frozenset({"wait", "watch", "--watch", "--follow"})
_LIMITED = frozenset({"kubectl wait", "gh run watch"})
"""Commands with a limit of their own."""
_MAY_ASK = 60
"""The least for what may ask its user for a password or a key, and for what runs elsewhere."""
_TAKES_COMMANDS = frozenset({"powershell", "pwsh", "cmd"})
"""Shells whose first word is code, not a script, unless an option says so."""


def longest_limit(commands: Sequence[Sequence[str]], timeouts: Mapping[str, int]) -> int | None:
    """Return the limit of the slowest of several commands, in seconds; None if one of them has none."""
    limits = [time_limit(words, timeouts) for words in commands]
    known = [limit for limit in limits if limit is not None]
    return max(known) if known and len(known) == len(limits) else timeouts.get("default")


def time_limit(words: Sequence[str], timeouts: Mapping[str, int]) -> int | None:
    """Return how many seconds a command may take; None if its duration is unknown.

    The row of the project comes first, then that of the built-in table, then the project's `default`. In a pipeline or sequence, the slowest command counts.
    """
    found = [_seconds(part, timeouts) for part in pipelines(words)]
    known = [seconds for seconds in found if seconds is not None]
    if not known or len(known) < len(found):
        return timeouts.get("default")
    return max(known) or QUICK


def _seconds(words: Sequence[str], timeouts: Mapping[str, int]) -> int | None:
    command, fetched = command_of(words)
    if not command:
        return None
    is_elsewhere = command_of(words, elsewhere=False)[0][:1] != command[:1]
    command = [_listed_name(command[0]), *command[1:]]
    rows_of_project = _as_commands(tuple(timeouts.items()))
    own = _longest(command, rows_of_project)
    if own is not None and rows_of_project[own] != _table().get(own):
        return rows_of_project[own]
    if is_session(words) or _is_open_ended(command):
        return None
    if command[0] == UNKNOWN_WORD and command[1:] not in (["--version"], ["--help"], ["-V"]):
        return None
    if command[0] == "sleep":
        return QUICK + math.ceil(float(command[1])) if re.fullmatch(r"[\d.]*\d", command[1] if len(command) > 1 else "") else None
    if any(word in _ASKS_VERSION for word in command[1:3]) and command[0] not in ("ls", "df", "du"):
        return timeouts.get("default", QUICK)
    if command[0] == "curl" and any(_KEEPS_FILE.fullmatch(word) for word in command[1:]):
        return _table()["wget"]
    seconds = _of_script(command) if command[0] in _INTERPRETERS or command[0].endswith(_SCRIPT_SUFFIXES) else _of_table(command)
    if "-m" in words[:-1] and (tool := _tool_of_module(words[words.index("-m") + 1], command)) is not None:
        seconds = tool
    elif seconds is None and "-m" in words[:-1] and UNKNOWN_WORD not in command[0] and UNKNOWN_WORD not in command[1:2]:
        seconds = None if _OPEN_ENDED.search(" ".join(words)) else _table()[_SCRIPT]  # a module that an interpreter runs
    if seconds is None:
        return None
    is_recursive = any(re.match(r"-\w*[rR]|--recursive", word) for word in command[1:])
    if is_recursive and command[0] in _FILES:
        seconds = _table()["cp"]
    elif is_recursive and command[0].endswith("grep"):
        seconds = _table()["grep -r"]
    elif seconds == QUICK and _reads_file(command):
        seconds = _MAY_ASK
    if len(command) == 1 and command[0] in _HELP:
        seconds = min(seconds, _MAY_ASK)
    if seconds > _MOMENT and _is_momentary(command):
        seconds = _MOMENT
    if seconds == QUICK:
        seconds = timeouts.get("default", QUICK)
    if _may_ask(words) or is_elsewhere:
        seconds = max(seconds, _MAY_ASK)
    return max(seconds, _table()["npx"]) if fetched else seconds


@functools.lru_cache(maxsize=16)
def _as_commands(given: tuple[tuple[str, int], ...]) -> Mapping[str, int]:
    """Return the rows of a project by the words that commands have here: `pip3` and `/usr/bin/tar` are looked up as `pip` and `tar`."""
    found = dict(given)
    for row, seconds in given:
        command = command_of(row.split())[0]
        if command:
            found.setdefault(" ".join([_listed_name(command[0]), *command[1:]]), seconds)
    return found


def _listed_name(program: str) -> str:
    """Return the name of a program as the table has it: Windows and macOS find `TASKKILL` and `MSBuild` in any case, `mkfs.ext4` is one of several `mkfs`."""
    lower = re.sub(r"^(mkfs|fsck)\.\w+$", r"\1", program.lower())
    return lower if program not in _programs() and lower in _programs() else program


def _tool_of_module(module: str, command: Sequence[str]) -> int | None:
    """Return the seconds of the program after which the last part of a module is named: `python -m grpc_tools.protoc`."""
    package, _, last = module.rpartition(".")
    return _of_table([last, *command[1:]]) if package and command[0] not in _programs() and last in _programs() else None


def _is_open_ended(command: Sequence[str]) -> bool:
    """Whether no number fits a command: what it runs is in an image, it waits for an event, or it is a long run of tests."""
    if any(command[: len(start)] == start for start in _RUNS_CONTAINER):
        return not any(re.fullmatch(r"-[a-z]*d[a-z]*|--detach", word) for word in command)
    if command[0] == "pytest":
        return any(_LONG_TESTS.search(word) for word in command[1:])
    if command[0] == "ssh":
        return not any(word in ("-O", "-V", "-G", "-Q") for word in command)  # nothing for the other side: a shell there, or a tunnel
    if is_shell_elsewhere(command):
        return True
    return any(word in _OPEN_ENDED_SUBCOMMANDS for word in command[1:]) and " ".join(command[:2]) not in _LIMITED and "gh run watch" != " ".join(command[:3])


def _is_momentary(command: Sequence[str]) -> bool:
    """Whether a program that may take long is only asked for something, or changes one entry: `helm list`, `nbgrader db student add`."""
    if command[0] == "dd":
        return any(re.fullmatch(r"count=\d{1,3}", word) for word in command)
    if command[0] == "ffmpeg":
        return any(option in command[:-1] and command[command.index(option) + 1] == "1" for option in ("-vframes", "-frames:v"))
    if " " in (_longest(command, _table()) or ""):
        return False
    if any(_ASKS.fullmatch(word) for word in command[1:]):
        return True
    if command[0] in _WHOLE_TREES:
        return False
    subcommands = [word for word in command[2 if command[0] in _INTERPRETERS else 1:] if not word.startswith("-")][:3]
    return any(word in _MOMENTARY or word.endswith(("_config", "-config", "-version", "_version")) for word in subcommands)


def _reads_file(command: Sequence[str]) -> bool:
    """Whether a command reads files, whose size decides how long it takes."""
    before = _READERS.get(command[0])
    if before is None:
        return False
    own = [word for option, word in zip(command, command[1:], strict=False) if not re.match(r"-|[\d,]+$", word) and option not in ("-e", "-d", "-F")]
    has_program = any(re.match(r"-[ef]|--(regexp|expression|file)", word) for word in command[1:])
    files = own if has_program else own[before:]
    return any(_SMALL_FILES.match(word) is None for word in files)


def _may_ask(words: Sequence[str]) -> bool:
    """Whether a command runs as another user, for which a password may be typed first."""
    before = [program_name(word) for word in words[:3]]
    return any(word in ("sudo", "doas", "pkexec") for word in before) and "-n" not in before


def _of_table(command: Sequence[str]) -> int | None:
    table = _table()
    row = _longest(command, table)
    if row is None:
        return None
    if row == command[0] and row in _with_subcommands():
        first = next((word for word in command[1:] if not word.startswith("-")), "")
        if first == UNKNOWN_WORD:
            return None
    return table[row]


def _of_script(command: Sequence[str]) -> int | None:
    """Return the seconds for an interpreter that runs a script, a module or code."""
    table = _table()
    if command[0].endswith(_SCRIPT_SUFFIXES):
        return None if _OPEN_ENDED.search(command[0]) else table[command[0]] if command[0] in table else _seconds_by_name(command[0])
    script = len(command) if command[0] in _TAKES_COMMANDS else next((number for number, word in enumerate(command[1:], 1) if word[:1] != "-"), len(command))
    code = next((number for number, word in enumerate(command[:script]) if word in _ITS_OWN_CODE), None)  # the script's own options follow it
    if code is not None:
        is_shown = len(command) > code + 1 and command[code + 1].strip(UNKNOWN_WORD) != ""
        return table.get(f"{command[0]} {command[code]}", table["python -c"]) if is_shown else None
    if command[0] in _TAKES_COMMANDS and "-File" not in command and not any(word.endswith(".ps1") for word in command[1:2]):
        return table["python -c"] if len(command) > 1 and not all(word.startswith(("-", "/")) or word == UNKNOWN_WORD for word in command[1:]) else None
    name, does = [*(word for word in command[1:] if word[:1] != "-"), UNKNOWN_WORD, ""][:2]
    return None if name == UNKNOWN_WORD or _OPEN_ENDED.search(name) or does in _SERVES else _seconds_by_name(name)


def _seconds_by_name(script: str) -> int:
    return _table()["cp" if _SHORT_SCRIPT.fullmatch(script) else _SCRIPT]


def _longest(command: Sequence[str], table: Mapping[str, int]) -> str | None:
    """Return the longest row with which a command starts; options before and between its words are ignored."""
    for count in range(min(len(command), 4), 0, -1):
        row = " ".join(command[:count])
        if row in table:
            return row
    words = [word for word in command if not word.startswith("-")]
    for count in range(min(len(words), 4), 1, -1):
        row = " ".join(words[:count])
        if row in table:
            return row
    return None


@functools.cache
def _table() -> Mapping[str, int]:
    return rows()


@functools.cache
def _programs() -> frozenset[str]:
    """Return the names of all programs that are listed."""
    return _INTERPRETERS.union(row.split()[0] for row in _table())


@functools.cache
def _with_subcommands() -> frozenset[str]:
    """Return the programs with subcommands."""
    return frozenset(program_name(row.split()[0]) for row in _table() if " " in row)
