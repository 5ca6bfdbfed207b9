"""The commands in a command line: after `sudo` and similar programs, in pipelines, and in `sh -c`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

UNKNOWN_WORD = "?"

_OPERATORS = frozenset({"|", "||", "|&", "&&", "&", ";", "\n"})
_TOKEN = re.compile(
    r"""(?P<operator>\|\||\|&|&&|[|;\n]|(?<![<>])&(?![>&\d]))"""
    r"""|(?P<redirection>&>>?\s*[^\s|;&]*|\d*(?:>>|>\||<<<|<<|[<>])(?:&[\d-]|\s*[^\s|;&<>]*))"""
    r"""|(?P<word>(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'|;&<>\\]|["'\\])+)""",
    re.DOTALL,
)
_QUOTES = re.compile(r"""\\(.)|["']""", re.DOTALL)

# Programs that run another one: their options with a value, and the number of their own arguments before the command.
_WRAPPERS: dict[str, tuple[str, int]] = {
    "sudo": ("-u -g -p -C -h -D -T -U -r -t", 0), "doas": ("-u -C", 0), "env": ("-u -C --unset --chdir", 0), "nice": ("-n", 0), "ionice": ("-c -n -p", 0),
    "nohup": ("", 0), "time": ("-f -o", 0), "xvfb-run": ("-n -s -e -f -p -w", 0), "stdbuf": ("-i -o -e", 0), "setsid": ("", 0), "unbuffer": ("", 0),
    "caffeinate": ("-t -w", 0), "chronic": ("", 0), "flock": ("-w -E --timeout", 1), "taskset": ("", 1), "chroot": ("", 1), "gosu": ("", 1), "su-exec": ("", 1),
    "runuser": ("-u -g", 0), "proxychains": ("-f", 0), "proxychains4": ("-f", 0), "torsocks": ("", 0), "eatmydata": ("", 0), "command": ("", 0),
    "exec": ("", 0), "arch": ("", 0),
    "strace": ("-o -e", 0), "xargs": ("-n -I -P -L -d -a -s -E", 0), "wsl": ("-d -u --cd", 0), "then": ("", 0), "do": ("", 0),
    "conda run": ("-n -p --name --prefix --cwd", 0), "mamba run": ("-n -p --name --prefix", 0), "micromamba run": ("-n -p --name --prefix", 0),
    "poetry run": ("", 0), "pipenv run": ("", 0), "pdm run": ("", 0), "hatch run": ("", 0), "rye run": ("", 0), "pixi run": ("-e --environment", 0),
    "uv run": ("--with --python -p --extra --group --project --directory --env-file --package", 0), "bundle exec": ("", 0),
    "coverage run": ("--source --omit --include --rcfile", 0),
    "docker exec": ("-e -u -w --env --user --workdir --env-file", 1), "podman exec": ("-e -u -w --env --user --workdir", 1),
    "kubectl exec": ("-n -c --namespace --container", 1),
    "docker compose exec": ("-e -u -w --env --user --workdir --index", 1), "docker-compose exec": ("-e -u -w --env --user --workdir --index", 1),
    "lxc exec": ("", 1),
    "ssh": ("-i -p -o -l -F -J -L -R -D -b -c -E -e -m -O -Q -S -W -w", 1), "sshpass": ("-p -f -e", 0),
}  # fmt: skip
_FETCHERS: dict[str, tuple[str, int]] = {
    "npx": ("-p --package -c", 0), "bunx": ("", 0), "uvx": ("--from --with --python -p", 0), "pipx run": ("--spec --python", 0),
    "uv tool run": ("--from --with", 0),
}  # fmt: skip
"""Programs that first download another program."""
_REMOTE_RUNNERS = frozenset({"docker exec", "podman exec", "kubectl exec", "docker compose exec", "docker-compose exec", "lxc exec", "ssh"})
_SHELLS = frozenset("bash sh zsh ksh dash".split())
_GLOBAL_OPTIONS = {
    "git": "-C -c --git-dir --work-tree --namespace", "docker": "--context -c -H --host -l --log-level --config",
    "podman": "--url --connection --log-level --root",
    "docker-compose": "-f --file -p --project-name --profile --env-file --project-directory -H --host -c --context",
    "kubectl": "-n --namespace --context --kubeconfig -s --server --cluster --user --as",
    "helm": "-n --namespace --kube-context --kubeconfig", "npm": "--prefix -C --loglevel --registry -w --workspace", "yarn": "--cwd",
    "pnpm": "-C --dir --filter -F", "cargo": "-C --config -Z --color",
    "aws": "--profile --region --endpoint-url --output", "gcloud": "--project --account --configuration", "az": "--subscription", "go": "-C",
    "pip": "--python --proxy --log --timeout --retries --cert",
    "uv": "--directory --project --config-file --cache-dir", "poetry": "-C --directory -P --project", "conda": "", "terraform": "",
    "hg": "-R --repository --cwd --config", "svn": "",
    "systemctl": "-H --host -M --machine", "gh": "-R --repo", "apt-get": "-o -c", "apt": "-o -c", "dnf": "-c --setopt", "yum": "-c",
    "mvn": "-f --file -s -pl", "gpg": "--homedir --keyring", "alembic": "-c --config -n --name -x", "adb": "-s -t -H -P",
    "gsutil": "-o -h -u -i", "rclone": "--config --transfers --log-level", "celery": "-A --app -b --broker --workdir",
    "flask": "-A --app -e --env-file",
}  # fmt: skip
_COMPOSE_OPTIONS = _GLOBAL_OPTIONS["docker-compose"]
_PYTHON = re.compile(r"(python|py|pypy)[\d.]*")
_VERSIONED = re.compile(r"(pip|node|gcc|g\+\+|clang|clang\+\+|llvm|lua|ruby|php|perl|gmake|cmake)[-\d.]+")
_ASSIGNMENT = re.compile(r"\w+=.*", re.DOTALL)
_MOST_WRAPPERS = 6


def shell_words(text: str) -> list[str]:
    """Return the words of a shell command line, including operators, without redirections."""
    words = []
    for token in _TOKEN.finditer(text.strip().replace("\\\n", " ")):
        if token["operator"]:
            words.append(token["operator"])
        elif token["word"]:
            word = token["word"].lstrip("(")
            word = word.rstrip(")") if "(" not in word else word
            if word:
                words.append(_QUOTES.sub(lambda quoted: quoted[1] or "", word))
    return words


def pipelines(words: Sequence[str]) -> Iterator[list[str]]:
    """Return the commands of a command line, including those in the argument of `sh -c`."""
    for part in _split(words):
        command = command_of(part)[0]
        inner = _given_to_shell(command)
        if inner is None:
            yield part
        else:
            yield from pipelines(inner)


def command_of(words: Sequence[str], *, elsewhere: bool = True) -> tuple[list[str], bool]:
    """Return the words of one command, from its program on, without the programs that start it, and whether one of these downloads it first.

    Args:
        words: The words, without operators.
        elsewhere: Whether to return the command that runs in a container or on another machine, instead of `docker exec` or `ssh`.
    """
    rest = list(words)
    fetched = False
    for _ in range(_MOST_WRAPPERS):
        while rest and (_ASSIGNMENT.fullmatch(rest[0]) or rest[0] in ("(", "{", "!", "--", "@")):
            rest.pop(0)
        if not rest:
            break
        rest[0] = program_name(rest[0])
        if _PYTHON.fullmatch(rest[0]):
            rest = _without_python(rest)
        rest = _without_global_options(rest)
        wrapper = next((name for count in (3, 2, 1) if (name := " ".join(rest[:count])) in _WRAPPERS or name in _FETCHERS), None)
        if wrapper is None or not elsewhere and wrapper in _REMOTE_RUNNERS:
            break
        fetched = fetched or wrapper in _FETCHERS
        inner = _behind(rest[wrapper.count(" ") + 1:], *(_WRAPPERS.get(wrapper) or _FETCHERS[wrapper]))
        if not inner and wrapper == "ssh":
            break  # a shell in the container or on the other machine
        rest = shell_words(inner[0]) + inner[1:] if len(inner) == 1 and " " in inner[0] else inner
    return rest[:next((number for number, word in enumerate(rest) if word in _OPERATORS), len(rest))], fetched


def program_name(word: str) -> str:
    """Return the name of a program, without its folder, `.exe` and version."""
    name = re.split(r"[/\\]", word.lstrip("({"))[-1]
    name = re.sub(r"\.(exe|cmd|bat|com)$", "", name, flags=re.IGNORECASE)
    versioned = _VERSIONED.fullmatch(name)
    return versioned[1] if versioned is not None else name or word


def _split(words: Sequence[str]) -> Iterator[list[str]]:
    part: list[str] = []
    for word in [*words, ";"]:
        if word not in _OPERATORS:
            part.append(word)
        elif part:
            yield part
            part = []


def _given_to_shell(command: Sequence[str]) -> list[str] | None:
    """Return the words in the argument of `sh -c`."""
    if command and command[0] in _SHELLS:
        for number, word in enumerate(command[1:-1], 1):
            if re.fullmatch(r"-[a-z]*c", word):
                return shell_words(command[number + 1])
            if not word.startswith("-") and not re.fullmatch(r"-\w*[oO]", command[number - 1]):
                break  # a script, and then its own options
    return None


def _behind(words: Sequence[str], options: str, own: int) -> list[str]:
    """Return the words after the options of a program and `own` more arguments."""
    rest = list(words)
    takes = options.split()
    while rest:
        if rest[0] == "--":
            return rest[1:]
        if rest[0].startswith("-") and len(rest[0]) > 1:
            del rest[:2 if rest[0] in takes else 1]
        elif own:
            own -= 1
            rest.pop(0)
            if rest[:1] == ["--"]:
                return rest[1:]
        else:
            break
    return rest


def _without_python(words: list[str]) -> list[str]:
    """Return `pytest -q` for `python3.11 -u -m pytest -q`."""
    rest = words[1:]
    while rest and rest[0].startswith("-") and rest[0] not in ("-m", "-c", "-V", "--version", "-h", "--help", "-"):
        del rest[:2 if rest[0] in ("-W", "-X") else 1]
    if rest[:1] == ["-m"]:
        return [rest[1].split(".")[0], *rest[2:]] if len(rest) > 1 else ["python"]
    return ["python", *rest]


def _without_global_options(words: list[str]) -> list[str]:
    """Return the words without the options before a subcommand."""
    options = _GLOBAL_OPTIONS.get(words[0])
    if options is None:
        return words
    rest = [word for word in words[:2] if not word.startswith("+")] + words[2:] if words[0] == "cargo" else words
    rest = _options_out(rest, 1, options)
    return _options_out(rest, 2, _COMPOSE_OPTIONS) if rest[:2] in (["docker", "compose"], ["podman", "compose"]) else rest


def _options_out(words: list[str], start: int, options: str) -> list[str]:
    rest = words[start:]
    if not any(not word.startswith("-") for word in rest):
        return words
    takes = options.split()
    while len(rest) > 1 and rest[0].startswith("-") and rest[0] not in ("--version", "--help", "-h", "-v", "-V"):
        del rest[:2 if rest[0] in takes else 1]
    return words[:start] + rest
