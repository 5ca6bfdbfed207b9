"""The words of the command in a subprocess call, and whether it is interactive."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Scope

UNKNOWN_WORD = "?"
_DEPTH = 5  # maximum depth of names and parts that are followed for one command

_INTERACTIVE_PROGRAMS = frozenset("""
    vi vim nvim view nano pico emacs emacsclient ed micro joe mcedit less more most man info ssh mosh telnet sftp ftp rlogin screen tmux gdb lldb
    pdb ipython bpython ptpython psql mysql sqlite3 redis-cli mongo mongosh top htop watch fzf dialog whiptail su login passwd clear cls reset pause
    gunicorn uvicorn hypercorn tensorboard notepad notepad.exe notepad++ gedit kate kwrite mousepad leafpad xedit gvim
""".split())  # fmt: skip
"""Programs that are interactive, run until they are stopped, or only write to the terminal."""
_SHELLS = frozenset("bash sh zsh fish ksh csh tcsh dash cmd cmd.exe powershell pwsh python python3 node irb".split())
_SUBCOMMANDS = {
    "git": frozenset("mergetool difftool gui citool".split()), "flask": frozenset({"run"}), "mkdocs": frozenset({"serve"}),
    "jupyter": frozenset("notebook lab console".split()), "streamlit": frozenset({"run"}), "docker-compose": frozenset({"up"}),
    "npm": frozenset({"start"}), "yarn": frozenset("start dev".split()),
}  # fmt: skip
_INTERACTIVE_NAMES = r"(^|_)(editor|pager|shell|visual|viewer|browser|repl)(_|$)|^(EDITOR|VISUAL|PAGER|SHELL|BROWSER)$"
_PREFIXES = frozenset("sudo env nohup time nice xvfb-run".split())
_WAITING_EDITORS = frozenset("code code-insiders codium subl mate atom zed cursor".split())
"""Editors that a person closes where they are called with `--wait`."""
_LIMITS = {
    "ping": r"-[Ww]\d*$", "curl": r"(--max-time|-m\d*)(=|$)", "wget": r"(--timeout|-T\d*)(=|$)", "nc": r"-w\d*$", "ncat": r"-w\d*$", "fping": r"-t\d*$",
}  # fmt: skip
"""Options by which a command ends by itself in time."""
_GIT_OPTIONS = frozenset({"-C", "-c", "--git-dir", "--work-tree"})


def command_words(node: ast.expr | None, scope: Scope, depth: int = _DEPTH) -> list[str]:
    """Return the words of a command, as far as the file shows them; `<editor>` stands for a variable of that name."""
    if node is None or not depth:
        return []
    match node:
        case ast.Constant(value=str(text)):
            return text.split()
        case ast.JoinedStr(values=values):
            return _formatted(values, scope, depth)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [word for element in elements for word in _element(element, scope, depth)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*command_words(left, scope, depth - 1), *command_words(right, scope, depth - 1)] or [UNKNOWN_WORD]
        case ast.BinOp(left=ast.Constant(value=str(text)), op=ast.Mod(), right=right):
            values = right.elts if isinstance(right, ast.Tuple) else [right]
            return _filled(text, values, scope)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format"), args=values):
            return _filled(text, values, scope)
        case ast.Call(func=ast.Attribute(attr="split" | "join" | "which") | ast.Name("list" | "str" | "which"), args=[inner, *_]):
            return command_words(inner, scope, depth - 1)
        case _:
            return _named(node, scope, depth)


def _named(node: ast.expr, scope: Scope, depth: int) -> list[str]:
    value = _assigned(node, scope)
    words = command_words(value, scope, depth - 1) if value is not None else []
    return words if words and words[0] != UNKNOWN_WORD else [_spelled(node)]


def _element(node: ast.expr, scope: Scope, depth: int) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Starred(value=value):
            return command_words(value, scope, depth - 1)
        case ast.Attribute(attr="executable"):
            return ["python"]
        case ast.Name():
            bound = _assigned(node, scope)
            return [str(bound.value)] if isinstance(bound, ast.Constant) else [_spelled(node)]
        case ast.Call(func=ast.Attribute(attr="which") | ast.Name("which" | "str"), args=[inner, *_]):
            return _element(inner, scope, depth)
        case _:
            return [_spelled(node)]


def _assigned(node: ast.expr, scope: Scope) -> ast.expr | None:
    """Return the single value to which a name is bound."""
    found = scope.find(node.id) if isinstance(node, ast.Name) else None
    values = [binding.value for binding in found[1] if isinstance(binding, Assigned)] if found is not None else []
    return values[0] if len(values) == 1 else None


def _spelled(node: ast.expr) -> str:
    """Return a placeholder for an expression whose name tells whether the command is interactive: `<editor>`."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=text) | ast.Attribute(attr=text) | ast.Constant(value=str(text)) if re.search(_INTERACTIVE_NAMES, text, re.IGNORECASE):
                return f"<{text}>"
            case _:
                pass
    return UNKNOWN_WORD


def _formatted(values: Sequence[ast.expr], scope: Scope, depth: int) -> list[str]:
    text = "".join(str(value.value) if isinstance(value, ast.Constant) else "\0" for value in values)
    holes = iter([value.value for value in values if isinstance(value, ast.FormattedValue)])
    return _words(text, "\0", holes, scope)


def _filled(text: str, values: Sequence[ast.expr], scope: Scope) -> list[str]:
    return _words(re.sub(r"%[srd]|\{\w*\}", "\0", text), "\0", iter(values), scope)


def _words(text: str, mark: str, holes: Iterator[ast.expr], scope: Scope) -> list[str]:
    words = []
    for word in text.split():
        inside = [next(holes, None) for _ in range(word.count(mark))]
        words.append(_element(inside[0], scope, 1)[0] if word == mark and inside[0] is not None else word.replace(mark, UNKNOWN_WORD))
    return words


def program(words: Sequence[str]) -> list[str]:
    """Return the words from the program itself: without its folder, `sudo`, `python -m`, and git's own options."""
    rest = [*words]
    while rest and (rest[0] in _PREFIXES or re.fullmatch(r"\w+=.*", rest[0])):
        rest.pop(0)
    if not rest:
        return []
    rest[0] = re.split(r"[/\\]", rest[0])[-1]
    if re.fullmatch(r"(python|py)[\d.]*", rest[0]) and rest[1:2] == ["-m"]:
        rest = rest[2:]
    while rest and rest[0] == "git" and len(rest) > 1 and rest[1].startswith("-"):
        del rest[1:3 if rest[1] in _GIT_OPTIONS else 2]
    return rest


def is_interactive(words: Sequence[str]) -> bool:
    """Return whether the command is interactive or runs until it is stopped: it needs no timeout."""
    words = program(words)
    if not words:
        return False
    name, rest = words[0], words[1:]
    if name.startswith("<") or name in _INTERACTIVE_PROGRAMS:
        return True
    if name in _WAITING_EDITORS and any(word in ("-w", "--wait") for word in rest):
        return True
    if rest[:1] == ["edit"] or rest[:1] == ["-e"] and name == "crontab":
        return True
    if name in _SHELLS:
        return all(word in ("-i", "-l", "--login") for word in rest)
    if name in ("docker", "podman", "kubectl", "docker-compose", "lxc") and any(re.fullmatch(r"-(it|ti|i|t)|--interactive|--tty", word) for word in rest):
        return True
    if name == "git" and rest[:1] == ["commit"]:
        return not any(re.match(r"-\w*[mFC]|--(message|file|no-edit|reuse-message|fixup)", word) or word == UNKNOWN_WORD for word in rest)
    if name == "tail" or name == "journalctl":
        return any(re.match(r"-\w*[fF]|--follow", word) for word in rest)
    return bool(rest) and (rest[0] in _SUBCOMMANDS.get(name, ()) or rest[:2] in (["run", "dev"], ["run", "start"], ["compose", "up"]) or "runserver" in rest[:2])


def is_bounded(words: Sequence[str]) -> bool:
    """Whether a command limits its own time: `timeout 5 ...`, `ping -W 1`."""
    words = program(words)
    if not words:
        return False
    if words[0] in ("timeout", "gtimeout"):
        return len(words) > 1
    limit = _LIMITS.get(words[0])
    return limit is not None and any(re.match(limit, word) for word in words[1:])


def time_limit(words: Sequence[str], timeouts: Mapping[str, int]) -> int:
    """Return the timeout of a command in seconds: of the configured command with the longest matching prefix."""
    words = program(words)
    matching = [command for command in timeouts if command.split() == words[:len(command.split())]]
    return timeouts[max(matching, key=len)] if matching else timeouts["default"]


def has_own_streams(node: ast.Call) -> bool:
    """Return whether a subprocess call redirects the input or output of its child."""
    given = {keyword.arg for keyword in node.keywords if not _is_inherited(keyword.value)}
    return bool(given & {"stdin", "stdout", "input", "capture_output"}) or access_path(node.func)[-1] in ("check_output", "popen", "getoutput", "getstatusoutput")


def is_given_the_keyboard(node: ast.Call) -> bool:
    """Return whether a subprocess call explicitly passes the terminal's input to its child: `stdin=sys.stdin`."""
    return any(keyword.arg == "stdin" and access_path(keyword.value) == ("sys", "stdin") for keyword in node.keywords)


def _is_inherited(value: ast.expr) -> bool:
    """Return whether a stream is inherited from the parent: None, or `sys.stdout`."""
    if isinstance(value, ast.Constant):
        return value.value in (None, False)
    return access_path(value) in (("sys", "stdin"), ("sys", "stdout"), ("sys", "stderr"))
