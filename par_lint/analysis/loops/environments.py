"""Reasons to exclude a loop: its iterations change one environment, one repository or one schema."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import reached_calls
from par_lint.analysis.loops.same_target_writes import varying_names_at
from par_lint.analysis.semantics.access_path import access_path
from par_lint.analysis.semantics.command_parts import UNKNOWN_WORD
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import CallSite, Function
from par_lint.analysis.semantics.subprocess_commands import command_words, possible_commands, program
from par_lint.analysis.semantics.values import Named
from par_lint.analysis.syntax.expression_names import dotted
from par_lint.core.catalog.entry import Kind

_SHARED_COMMANDS = re.compile(
    r"^(pip3?|npm|yarn|pnpm|apt(-get)?|dnf|yum|brew|conda|mamba|poetry|gem|cargo|git|hg|svn|uv|systemctl|terraform|alembic|heroku"
    r"|dpkg|rpm|snap|flatpak|pacman|apk|zypper|choco|winget|apt-mark|debconf-set-selections|update-alternatives"
    r"|service|rc-service|invoke-rc\.d|rc-update|update-rc\.d|chkconfig|initctl|supervisorctl|launchctl"
    r"|user(add|mod|del)|group(add|mod|del)|gpasswd|chpasswd|adduser|deluser|addgroup|gsettings|dconf|crontab"
    r"|ip6?tables|nft|ufw|firewall-cmd|ovs-vsctl|sysctl|modprobe|rmmod|tmux|screen)$"
)
"""Programs that change what there is once on a machine, or ask one server for it: packages, services, accounts, settings, rules, sessions."""
_READ_ONLY_GIT = frozenset({"log", "show", "diff", "rev-parse", "ls-files", "ls-remote", "status", "cat-file", "blame", "describe", "clone"})
_READ_ONLY = frozenset(
    "show list info search view status is-active is-enabled is-failed cat metadata tree outdated freeze index audit list-units policy get list-keys read"
    " ls list-sessions has-session capture-pane br-exists".split()
)
"""Read-only subcommands of package and service managers."""
_ASKING_OPTIONS = {
    "dpkg": frozenset("-l -L -s -S -p -c -x -X -e --list --listfiles --status --search --contents --extract --compare-versions --print-architecture".split()),
    "rpm": frozenset("-q -qa -qi -ql -qf -qp -qpl -qpi -K -V --query --checksig --eval --verify".split()), "pacman": frozenset("-Q -Qi -Ql -Qs -Ss -Si".split()),
    "crontab": frozenset({"-l"}), "iptables": frozenset({"-L", "-S", "-nL", "-C"}), "ip6tables": frozenset({"-L", "-S", "-nL", "-C"}), "sysctl": frozenset({"-n", "-a"}),
    "chkconfig": frozenset({"--list"}), "update-alternatives": frozenset({"--query", "--list", "--display"}), "service": frozenset({"--status-all"}),
}  # fmt: skip
"""Options of programs without subcommands that only ask, or unpack to a place of their own."""
_OF_MASTERS = frozenset("check forward cancel exit stop proxy conninfo channels".split())
"""Commands for the master of an SSH connection."""
_STARTS = frozenset({"subprocess.Popen", "asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell"})
_REPOSITORIES = frozenset({"git", "hg", "svn"})
_CHANGES_TREE = frozenset(
    "add am apply bisect branch checkout cherry-pick clean commit fetch gc merge merge-file mv pull push rebase remove reset restore revert rm stash submodule switch"
    " tag update update-index update-ref worktree".split()
)  # fmt: skip
"""Commands of a version control system that change the work tree, the index, or refs."""
_PLACES = frozenset({"cwd", "repo", "repository", "path", "directory", "dir", "work_tree", "git_dir", "root", "folder"})
"""Keyword arguments for the repository in which a command runs."""
_CHANGES_SCHEMA = re.compile(
    r"^(create|drop|ensure|rebuild|add|alter|rename|remove)_(index(es)?|table|column|constraint|field|foreign_key|primary_key|check_constraint)$|^reindex$"
)
_DDL = re.compile(r"\s*(create|drop|alter|truncate|rename|comment on|reindex|grant|revoke)\s", re.IGNORECASE)


def one_environment(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A command in the body, or in a called function, changes what all iterations share: packages, a repository, services."""
    for call in reached_calls(site, facts):
        entry = facts.resolver.entry(call)
        if entry is None or entry.name.startswith("git.cmd.Git."):
            is_changing = _changes_repository(call, site, facts)
        else:
            is_changing = bool(call.node.args) and (entry.kind is Kind.SUBPROCESS or entry.name in _STARTS) and _changes_environment(call, site, facts)
        if is_changing:
            return Exclusion("all iterations change one environment", facts.call_node(call.node) or site.node)
    return None


def changed_elsewhere(site: LoopSite, facts: Facts) -> Exclusion | None:
    """What is called in other modules changes what all iterations share, judged by its name: packages, a repository, a database; or runs hooks of users."""
    if site.io_calls and all(work.via and _is_of(work.call.func, site.iterable) for work in site.io_calls):
        return Exclusion("all iterations use the object that the loop iterates over", site.io_calls[0].call)
    if site.io_calls and all(any(words(step.function) & _ON_SHARED for step in work.via) for work in site.io_calls):
        return Exclusion("what it calls changes what all iterations share", site.io_calls[0].call)
    return None


def _is_of(func: cst.BaseExpression, iterable: cst.BaseExpression) -> bool:
    """Whether a method is one of the object that a loop iterates over."""
    path = dotted(func)
    return path is not None and "." in path and path.rpartition(".")[0] == dotted(iterable)


_ON_SHARED = frozenset({"install", "uninstall", "upgrade", "hook", "hooks", "migrate", "migration", "migrations", "checkout", "commit", "rollback", "rebase"})


def _changes_environment(call: CallSite, site: LoopSite, facts: Facts) -> bool:
    if isinstance(call.node.args[0], ast.Constant):  # each word by itself: `create_subprocess_exec("pip", ...)`
        return _changes_by(tuple(word for arg in call.node.args for word in command_words(arg, call.scope)), call, site, facts)
    return any(_changes_by(words, call, site, facts) for words in possible_commands(call.node.args[0], call.scope))


def _changes_by(every: Sequence[str], call: CallSite, site: LoopSite, facts: Facts) -> bool:
    """Whether a command, by its words, changes what all iterations share."""
    called = program(every)
    if called[:1] == ["ssh"]:
        return _tells_master(called)
    if not called or not _SHARED_COMMANDS.match(called[0]):
        return False
    if called[0] != "git":
        asking = _ASKING_OPTIONS.get(called[0], frozenset[str]())
        return not any(word in _READ_ONLY or word in asking for word in called[1:3])
    if len(called) > 1 and called[1] in _READ_ONLY_GIT:
        return False
    varying = varying_names_at(call, site, facts)
    places = [keyword.value for keyword in call.node.keywords if keyword.arg == "cwd"]
    if "-C" in every and isinstance(call.node.args[0], (ast.List, ast.Tuple)):
        numbers = [at for at, element in enumerate(call.node.args[0].elts) if isinstance(element, ast.Constant) and element.value == "-C"]
        places += [element for at in numbers for element in call.node.args[0].elts[at + 1:at + 2]]
    return all(mentioned_names(place).isdisjoint(varying) for place in places)


def _tells_master(words: Sequence[str]) -> bool:
    """Whether an `ssh` command controls the one master of a connection: `ssh -O cancel`, not `ssh host wget -O name`."""
    at = words.index("-O") if "-O" in words else len(words)
    if words[at + 1:at + 2] and words[at + 1] in _OF_MASTERS:
        return True
    return at < len(words) and all(word.startswith("-") or word == UNKNOWN_WORD for word in words[1:at])


def _changes_repository(call: CallSite, site: LoopSite, facts: Facts) -> bool:
    """Whether an unresolved call runs a version control command, judged by its name: `git("checkout", name)`, `repo.git.add(name)`."""
    *owners, last = access_path(call.node.func)
    is_known = facts.resolver.entry(call) is not None  # a method of GitPython's
    is_method = bool(owners) and (is_known or owners[-1] in _REPOSITORIES) and last.replace("_", "-") in _CHANGES_TREE
    if not is_method and not words(last) & _REPOSITORIES or isinstance(facts.resolver.callee(call), Function):
        return False
    parts = [element for arg in call.node.args for element in (arg.elts if isinstance(arg, (ast.List, ast.Tuple)) else [arg])]
    at = 0 if is_method else _command_at(parts)
    if at is None:
        return False
    varying = varying_names_at(call, site, facts)
    places: list[ast.AST] = [*parts[:at], *(keyword.value for keyword in call.node.keywords if keyword.arg in _PLACES), call.node.func]
    return all(mentioned_names(place).isdisjoint(varying) for place in places)


def _command_at(parts: Sequence[ast.expr]) -> int | None:
    """Return the index of the first word that changes a repository; None if another command comes first."""
    for at, part in enumerate(parts):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            word = part.value.split()[0] if part.value.split() else ""
            if word in _CHANGES_TREE:
                return at
            if not word.startswith("-") and word not in _REPOSITORIES:
                return None
    return None


def one_schema(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The iterations change tables, columns or indexes of one database: the steps of a migration run in order."""
    for call in reached_calls(site, facts):
        callee = facts.resolver.callee(call)
        if isinstance(callee, Function) or not isinstance(call.node.func, ast.Attribute):
            continue
        is_by_name = _CHANGES_SCHEMA.search(call.name) is not None and mentioned_names(call.node.func).isdisjoint(varying_names_at(call, site, facts))
        is_text = call.name.startswith("execute") and bool(call.node.args) and _DDL.match(_beginning(call.node.args[0])) is not None
        if (is_by_name or is_text) and not _is_of_a_service(callee):
            return Exclusion("it changes the schema of one database", facts.call_node(call.node) or site.node)
    return None


def _is_of_a_service(callee: object) -> bool:
    """Whether a method belongs to a client of a service, whose indexes are independent objects."""
    return isinstance(callee, Named) and bool(words(callee.name.rpartition(".")[0].rpartition(".")[2]) & {"client", "api", "sdk"})


def _beginning(node: ast.expr) -> str:
    """Return the start of a string."""
    while True:
        match node:
            case ast.Constant(value=str(text)) | ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                return text
            case ast.Call(func=ast.Name("text") | ast.Attribute(attr="text" | "SQL"), args=[inner, *_]):
                node = inner
            case ast.Call(func=ast.Attribute(value=inner, attr="format" | "strip")) | ast.BinOp(left=inner):
                node = inner
            case _:
                return ""
