"""The words of the command in a subprocess call, and whether it is interactive."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.asking_commands import asks_for_input, is_shell_elsewhere
from par_lint.analysis.semantics.ast_walk import blocks_at
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.command_parts import UNKNOWN_WORD, command_of, pipelines, shell_words
from par_lint.analysis.semantics.scopes import Function, Scope

_DEPTH = 5  # the maximum number of names and parts for one command

_INTERACTIVE_PROGRAMS = frozenset("""
    vi vim nvim view nano pico emacs emacsclient ed micro joe mcedit less more most man info ssh mosh telnet sftp ftp rlogin screen tmux gdb lldb
    pdb ipython bpython ptpython psql mysql sqlite3 redis-cli mongo mongosh top htop watch fzf dialog whiptail su login passwd clear cls reset pause
    gunicorn uvicorn hypercorn tensorboard mspaint calc wordpad write explorer iexplore msedge chrome google-chrome chromium chromium-browser firefox
    safari discord spotify vlc mpv mplayer totem eog feh evince okular zathura winword excel powerpnt outlook stikynot snippingtool taskmgr control
    regedit notepad notepad++ gedit kate kwrite mousepad pluma xed kak hx helix jed visudo vipw vigr chfn vncpasswd mysql_secure_installation cfdisk
    alsamixer nmtui choice read ncdu iotop btop glances nethogs iftop nvtop ranger tig lazygit k9s cgdisk
""".split())  # fmt: skip
"""Programs that are interactive, that run until they are stopped, or that only write to the terminal."""
_EDITORS_THAT_WAIT = frozenset("code code-insiders codium cursor subl atom zed mate bbedit".split())
_EDIT_BY_THEMSELVES = frozenset({"kustomize", "poetry", "go"})
_SHELLS = frozenset("bash sh zsh fish ksh csh tcsh dash cmd cmd.exe powershell pwsh python python3 node irb".split())
_SUBCOMMANDS = {
    "git": frozenset("mergetool difftool gui citool instaweb daemon".split()), "flask": frozenset({"run"}), "mkdocs": frozenset({"serve"}),
    "jupyter": frozenset("notebook lab console qtconsole".split()), "streamlit": frozenset({"run"}), "docker-compose": frozenset({"up"}),
    "docker": frozenset("attach events stats wait".split()), "podman": frozenset("attach events stats wait".split()),
    "kubectl": frozenset("attach port-forward proxy debug".split()), "oc": frozenset("attach port-forward proxy rsh".split()),
    "tmux": frozenset("attach attach-session a".split()), "screen": frozenset({"-r", "-x"}), "virsh": frozenset({"console"}),
    "vagrant": frozenset({"winrm"}), "gh": frozenset("codespace browse".split()), "adb": frozenset("logcat wait-for-device".split()),
    "hugo": frozenset({"server", "serve"}), "jekyll": frozenset({"serve"}), "rails": frozenset("server s console c".split()),
    "celery": frozenset({"worker", "beat"}), "airflow": frozenset("standalone webserver scheduler".split()), "ollama": frozenset({"serve"}),
    "php": frozenset({"-S"}), "caddy": frozenset({"run"}), "next": frozenset({"dev", "start"}), "wrangler": frozenset({"dev", "tail"}),
    "vite": frozenset({"preview", "dev"}), "dmesg": frozenset({"-w", "--follow"}), "multipass": frozenset({"shell"}), "lxc": frozenset({"console"}),
}  # fmt: skip
_CONTAINER_PROGRAMS = frozenset({"docker", "podman", "kubectl", "docker-compose", "lxc"})
_FOLLOWERS = _CONTAINER_PROGRAMS | {"tail", "journalctl", "oc"}
_SCRIPT_RUNNERS = frozenset("npm yarn pnpm bun make".split())
_SERVING_SCRIPT = re.compile(r"(start|dev|serve|server|watch|preview|storybook)([:_-](?!build|stop|check|test)|$)")
"""Scripts of a package, and targets of make, that run until they are stopped."""
_CONSOLES = frozenset("manage.py django-admin flask poetry pipenv hatch scrapy pixi rails".split())
_DIALOG_OPTIONS = {
    "osascript": "display dialog|display alert|choose |prompt", "open": r"^-\w*W|^--wait", "screencapture": r"^-\w*i", "scrot": "^(-s|--select)$",
    "notify-send": "^(-w|--wait|-A.*|--action.*)$", "npm": "^(adduser)$", "certbot": "^--manual$",
}  # fmt: skip
"""Programs with the option by which they wait for a person."""
_BOUNDED_BY = {
    "timeout": "", "gtimeout": "", "ping": r"-\w*[Ww]\d*", "ping6": r"-\w*[Ww]\d*", "fping": r"-t\d*", "curl": r"-m\d*|--max-time(=.*)?",
    "wget": r"-T\d*|--timeout(=.*)?", "nc": r"-w\d*", "ncat": r"-w\d*",
}  # fmt: skip
"""Programs with the option that limits their run time; an empty option: the program itself is the limit."""
_AT_ONCE = frozenset("color title chcp stty tput exit".split())
"""Programs that only read or change a terminal setting, and `exit` of a shell."""
_OPENERS = frozenset("open xdg-open gnome-open kde-open kde-open5 exo-open cygstart wslview termux-open sensible-browser x-www-browser".split())
"""Programs that give a file or an address to the program of its kind: they end immediately, or when the user closes that."""
_WITH_A_WINDOW = re.compile(
    r"[a-z-]+(viewer|player)|[a-z0-9]+-(view|gui|editor|browser|terminal)|x-terminal-emulator|(x|a|k|e|ur?x|lx|qt)term(inal)?|konsole|alacritty|kitty"
)
_PAGERS = re.compile(r"less|more|most|<\w*pager\w*>", re.IGNORECASE)
_NAMED_AFTER = re.compile(
    r"_*((get|find|which|locate|resolve|detect)_)?(venv_)?(?P<program>ffmpeg|ffprobe|git|pip|python|npm|npx|node|docker|podman|kubectl|helm"
    r"|terraform|cmake|ninja|cargo|conda|rsync|nmap|pytest|adb|blender|pandoc|rclone|uv|poetry|yarn|pnpm|java|javac|perl|ruby|nvcc|pdflatex"
    r"|tesseract|psql|mysql|aws|gcloud|openssl)3?"
    r"(_?(path|bin|exe|cmd|command|binary|executable|program))?", re.IGNORECASE,
)  # fmt: skip
"""Names of variables that contain the program after which they are named."""
_INTERACTIVE_NAMES = r"(^|_)(editor|pager|shell|visual|viewer|browser|repl)(_|$)|(^|_)login_(cmd|command|shell)$|^(EDITOR|VISUAL|PAGER|SHELL|BROWSER)$"


def possible_commands(node: ast.expr | None, scope: Scope) -> tuple[tuple[str, ...], ...]:
    """Return the words of each command that an expression may be: one for each value of a name and each branch of a condition."""
    match node:
        case None:
            return ()
        case ast.IfExp(body=body, orelse=orelse):
            return possible_commands(body, scope) + possible_commands(orelse, scope)
        case ast.Name() | ast.Attribute():
            return tuple(map(tuple, _alternatives(node, scope, _DEPTH)))
        case _:
            return (tuple(command_words(node, scope)),)


def command_words(node: ast.expr | None, scope: Scope, depth: int = _DEPTH) -> list[str]:
    """Return the known words of a command; `<editor>` is a variable of that name."""
    if node is None or not depth:
        return []
    match node:
        case ast.Constant(value=str(text)):
            return shell_words(text)
        case ast.Constant(value=bytes(data)):
            return shell_words(data.decode("utf-8", "replace"))
        case ast.JoinedStr(values=values):
            return _formatted(values, scope)
        case ast.List(elts=[ast.Constant(value=str(text))]) if " " in text:
            return shell_words(text)  # for a shell
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return [word for number, element in enumerate(elements) for word in _element(element, scope, depth, is_program=not number)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*command_words(left, scope, depth - 1), *command_words(right, scope, depth - 1)] or [UNKNOWN_WORD]
        case ast.BinOp(left=ast.Constant(value=str(text) | bytes(text)), op=ast.Mod(), right=right):
            values = right.elts if isinstance(right, ast.Tuple) else [right]
            return _filled(text if isinstance(text, str) else text.decode("utf-8", "replace"), values, scope)
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str(text)), attr="format"), args=values):
            return _filled(text, values, scope)
        case ast.Call(func=ast.Attribute(value=text, attr="split"), args=[] | [ast.Constant()]) if last_name(text) != "shlex":
            return command_words(text, scope, depth - 1)
        case ast.Call(func=func, args=[_, inner]) if last_name(func) == "cast":
            return command_words(inner, scope, depth - 1)
        case ast.Call(func=ast.Attribute(attr="split" | "join" | "which") | ast.Name("list" | "str" | "which" | "tuple"), args=[inner, *_]):
            return command_words(inner, scope, depth - 1)
        case ast.Name() | ast.Attribute():
            several = _alternatives(node, scope, depth)
            return several[0] if len(several) == 1 else [_placeholder(node)]
        case _:
            return [_placeholder(node)]


def _alternatives(node: ast.Name | ast.Attribute, scope: Scope, depth: int) -> list[list[str]]:
    """Return the words of each value that a name may have, with words that are appended later."""
    found = []
    for value in _values(node, scope) or [None]:
        words = command_words(value, scope, depth - 1)
        shown = value is not None and bool(words) and words[0] != UNKNOWN_WORD
        found.append(_added(node, value, words, scope, depth) if shown and value is not None else [_placeholder(node)])
    return found


def _added(node: ast.expr, value: ast.expr, words: list[str], scope: Scope, depth: int) -> list[str]:
    """Return the words of a list, with those that are appended between its creation and its use."""
    if not isinstance(node, ast.Name):
        return words
    added: list[tuple[int, ast.expr, str]] = []
    for site in scope.calls:
        match site.node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "extend" | "insert"), args=[*_, item]) if name == node.id:
                added.append((site.node.lineno, item, site.name))
            case _:
                pass
    for binder in scope.binders:
        match binder:
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=item) if name == node.id:
                added.append((binder.lineno, item, "extend"))
            case _:
                pass
    found = list(words)
    for line, item, how in sorted(added, key=lambda one: one[0]):
        if value.lineno <= line < node.lineno:
            more = command_words(item, scope, depth - 1) or [UNKNOWN_WORD] if how == "extend" else _element(item, scope, depth - 1)
            found = [*more, *found] if how == "insert" and more[0] in ("sudo", "nice", "env") else [*found, *more]
    return found


def _element(node: ast.expr, scope: Scope, depth: int, *, is_program: bool = False) -> list[str]:
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Constant(value=bytes(data)):
            return [data.decode("utf-8", "replace")]
        case ast.Call(func=func, args=[]) if is_program and (hint := _NAMED_AFTER.fullmatch(last_name(func))) is not None:
            return [hint["program"].lower()]
        case ast.Starred(value=value):
            return command_words(value, scope, depth - 1) or [UNKNOWN_WORD]
        case ast.Attribute(attr="executable"):
            return ["python"]
        case ast.Name() | ast.Attribute():
            values = _values(node, scope)
            if len(values) == 1 and values[0] is not None and depth > 0:
                shown = _element(values[0], scope, depth - 1, is_program=is_program)
                if shown != [UNKNOWN_WORD]:
                    return shown
            hint = _NAMED_AFTER.fullmatch(last_name(node)) if is_program else None
            return [hint["program"].lower()] if hint is not None else [_placeholder(node)]
        case ast.Call(func=ast.Attribute(attr="join") | ast.Name("Path"), args=[_, *_, last]) | ast.BinOp(op=ast.Div(), right=last):
            return _element(last, scope, depth)
        case ast.Call(func=ast.Attribute(attr="get" | "getenv"), args=[name, ast.Constant(value=str(default))]) if _placeholder(name) == UNKNOWN_WORD:
            return [default]
        case ast.Call(func=ast.Attribute(attr="which" | "fspath") | ast.Name("which" | "str" | "Path"), args=[inner, *_]):
            return _element(inner, scope, depth, is_program=is_program)
        case ast.Call(func=func, args=[inner]) if last_name(func) == "dedent":
            return _element(inner, scope, depth)
        case ast.BoolOp(op=ast.Or(), values=[first, *_, last]) if _placeholder(first) == UNKNOWN_WORD:
            return _element(last, scope, depth, is_program=is_program)
        case ast.JoinedStr(values=[ast.FormattedValue(value=inner)]):
            return _element(inner, scope, depth, is_program=is_program)
        case ast.JoinedStr() | ast.BinOp(op=ast.Add()):
            text = _text(node)
            return [text] if text.strip(UNKNOWN_WORD) and _placeholder(node) == UNKNOWN_WORD else [_placeholder(node)]
        case _:
            return [_placeholder(node)]


def _text(node: ast.expr) -> str:
    """Return the text of a string expression, with `?` for unknown parts."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(map(_text, values))
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left) + _text(right)
        case _:
            return UNKNOWN_WORD


def _values(node: ast.expr, scope: Scope) -> list[ast.expr | None]:
    """Return the values that a name, or an attribute of `self`, may have at its position; None for an unknown value."""
    match node:
        case ast.Attribute(value=ast.Name("self"), attr=name):
            around: Scope | None = scope
            while around is not None and not (isinstance(around, Function) and around.owner is not None):
                around = around.parent
            if not isinstance(around, Function) or around.owner is None:
                return []
            return [binding.value for _, binding in around.owner.attributes.get(name, [])]
        case ast.Name(id=name):
            found = scope.find(name)
        case _:
            return []
    if found is None:
        return []
    home, bindings = found
    if home is not scope:
        return [binding.value if isinstance(binding, Assigned) else None for binding in bindings]
    values: list[ast.expr | None] = []
    for binding in reversed(bindings):
        value = binding.value if isinstance(binding, Assigned) else None
        if binding.line > node.lineno or value is not None and value.lineno <= node.lineno <= (value.end_lineno or 0):
            continue  # it is below, or around the name
        values.append(value)
        if value is None or _always_runs(binding.line, node.lineno, scope.node):
            break
    return values


def _always_runs(line: int, use: int, scope: ast.AST) -> bool:
    """Return whether an assignment at a line runs whenever a later line of its scope does."""
    before = (one for block, number in blocks_at(scope, use) for one in block[:number])
    return any(isinstance(one, (ast.Assign, ast.AnnAssign)) and one.lineno <= line <= (one.end_lineno or 0) for one in before)


def _placeholder(node: ast.expr) -> str:
    """Return a placeholder for an expression whose name says whether the command is interactive: `<editor>`."""
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=text) | ast.Attribute(attr=text) | ast.Constant(value=str(text)) if re.search(_INTERACTIVE_NAMES, text, re.IGNORECASE):
                return f"<{text}>"
            case _:
                pass
    return UNKNOWN_WORD


def _formatted(values: Sequence[ast.expr], scope: Scope) -> list[str]:
    text = "".join(str(value.value) if isinstance(value, ast.Constant) else "\0" for value in values)
    holes = iter([value.value for value in values if isinstance(value, ast.FormattedValue)])
    return _words(text, "\0", holes, scope)


def _filled(text: str, values: Sequence[ast.expr], scope: Scope) -> list[str]:
    return _words(re.sub(r"%[srd]|\{\w*\}", "\0", text), "\0", iter(values), scope)


def _words(text: str, mark: str, holes: Iterator[ast.expr], scope: Scope) -> list[str]:
    words: list[str] = []
    for word in shell_words(text):
        inside = [next(holes, None) for _ in range(word.count(mark))]
        whole = word == mark and inside[0] is not None
        words.append(_element(inside[0], scope, 1, is_program=not words)[0] if whole and inside[0] is not None else word.replace(mark, UNKNOWN_WORD))
    return words


def program(words: Sequence[str]) -> list[str]:
    """Return the words of the first command, from the program on: without its folder, `sudo`, `python -m`, and the global options of git."""
    first = next(pipelines(words), [])
    return command_of(first, elsewhere=False)[0]


def limits_own_run_time(words: Sequence[str]) -> bool:
    """Return whether a command limits its own run time, or ends immediately: `timeout 5 ...`, `ping -W 1 ...`, `curl --max-time 5 ...`, `start x`."""
    commands = [command_of(part)[0] for part in pipelines(words)]
    return all(map(_ends_at_once, commands)) or any(map(_has_limit, commands))


def _ends_at_once(command: Sequence[str]) -> bool:
    name, rest = (command[0].lower(), [word.lower() for word in command[1:]]) if command else ("", [])
    if name == "cmd" and rest[:2] == ["/c", "start"]:
        name, rest = "start", rest[2:]
    if name in _OPENERS:
        return not any(re.match(_DIALOG_OPTIONS["open"], word) for word in command[1:])
    return name in _AT_ONCE or name == "start" and "/wait" not in rest


def _has_limit(command: Sequence[str]) -> bool:
    pattern = _BOUNDED_BY.get(command[0]) if command else None
    return pattern is not None and (not pattern or any(re.fullmatch(pattern, word) for word in command[1:]))


def starts_background_process(words: Sequence[str]) -> bool:
    """Return whether a shell starts a command in the background and ends: `server &`."""
    return len(words) > 1 and words[-1] == "&"


def is_interactive(words: Sequence[str]) -> bool:
    """Return whether the command is interactive or runs until it is stopped: it needs no timeout."""
    command = program(words)
    if not command:
        return False
    name, rest = command[0], command[1:]
    if name.lower() in _INTERACTIVE_PROGRAMS or _WITH_A_WINDOW.fullmatch(name) and rest[:1] != ["--version"]:
        return True
    if name in _CONTAINER_PROGRAMS and any(word in ("-i", "--interactive") for word in rest):
        return True
    if name in _SHELLS:
        return all(word in ("-i", "-l", "--login") for word in rest)
    return is_session(words)


def is_session(words: Sequence[str]) -> bool:
    """Return whether a person sits at a command, or it serves until it is stopped, wherever its output goes: `docker attach`, `tail -f`, an editor."""
    words = program(words)
    if not words:
        return False
    name, rest = words[0], words[1:]
    if name.startswith("<"):
        return True
    if rest[:1] == ["edit"] and name not in _EDIT_BY_THEMSELVES or rest[:1] == ["-e"] and name == "crontab":
        return True
    if name in _CONTAINER_PROGRAMS and any(re.fullmatch(r"-(it|ti|t)|--tty", word) for word in rest):
        return True
    if _asks_its_user(name, rest):
        return True
    if name == "git" and rest[:1] == ["commit"]:
        return not any(re.match(r"-\w*[mFC]|--(message|file|no-edit|reuse-message|fixup)", word) or word == UNKNOWN_WORD for word in rest)
    if name == "git" and any(word in ("-i", "--interactive", "-p", "--patch") for word in rest[1:]):
        return rest[0] in ("rebase", "add", "reset", "checkout", "stash", "clean", "restore")
    if name in _EDITORS_THAT_WAIT:
        return any(word in ("-w", "--wait") for word in rest)
    if name in _FOLLOWERS and any(re.match(r"-[a-zA-Z]*[fF]|--follow", word) for word in rest) and (name in ("tail", "journalctl") or "logs" in rest[:2]):
        return True
    if any(word in ("-d", "--detach", "--wait", "--no-start") for word in rest) and "up" in rest[:2]:
        return False
    if bool(rest) and rest[0] in _SUBCOMMANDS.get(name, ()) or rest[:2] == ["compose", "up"] or "runserver" in rest[:2]:
        return True
    script = rest[1:2] if rest[:1] == ["run"] else rest[:1]
    return name in _SCRIPT_RUNNERS and bool(script) and _SERVING_SCRIPT.match(script[0]) is not None


def _asks_its_user(name: str, rest: Sequence[str]) -> bool:
    """Whether a command opens a dialog, a prompt for credentials, or a console."""
    if name in ("python", "py") and rest and rest[0].endswith("manage.py"):
        name, rest = "manage.py", rest[1:]
    if "login" in rest[:2] and not any(re.match(r"-p$|-t$|--(password|token|with-token|service-principal|key|cred|api-key)|-\w*T", word) for word in rest):
        return True
    if rest[:1] == ["configure"] and name == "aws":
        return not any(word in ("get", "set", "list", "import") for word in rest[1:2])
    if name in _CONSOLES and rest[:1] and rest[0] in ("shell", "shell_plus", "dbshell", "createsuperuser", "console", "changepassword"):
        return not any(word in ("-c", "--command", "--no-input", "--noinput") or word.startswith("--command=") for word in rest)
    if rest[-1:] and rest[-1] in _SHELLS and (rest[:2] == ["compose", "exec"] or name == "docker-compose" and rest[:1] == ["exec"]):
        return True
    if is_shell_elsewhere([name, *rest]):
        return not any(re.match(r"--(command)?(=.*)?$|-c$", word) for word in rest)
    option = _DIALOG_OPTIONS.get(name)
    return option is not None and any(re.search(option, word) for word in rest) or asks_for_input([name, *rest])


def is_pager(words: Sequence[str]) -> bool:
    """Return whether a person reads what the command is given: `less`, `$PAGER`."""
    command = program(words)
    return bool(command) and _PAGERS.fullmatch(command[0]) is not None


def redirects_streams(node: ast.Call, *, but: tuple[str, ...] = ()) -> bool:
    """Return whether a subprocess call redirects the input or output of its child.

    Args:
        but: Keywords that count for nothing.
    """
    given = {keyword.arg for keyword in node.keywords if keyword.arg not in but and not _is_inherited(keyword.value)}
    return bool(given & {"stdin", "stdout", "input", "capture_output"}) or access_path(node.func)[-1] in ("check_output", "popen", "getoutput", "getstatusoutput")


def inherits_terminal_input(node: ast.Call) -> bool:
    """Return whether a subprocess call explicitly passes the terminal's input to its child: `stdin=sys.stdin`."""
    return any(keyword.arg == "stdin" and access_path(keyword.value) == ("sys", "stdin") for keyword in node.keywords)


def _is_inherited(value: ast.expr) -> bool:
    """Return whether a stream is inherited from the parent: None, or `sys.stdout`."""
    if isinstance(value, ast.Constant):
        return value.value in (None, False)
    return access_path(value) in (("sys", "stdin"), ("sys", "stdout"), ("sys", "stderr"))
