"""Reasons to leave a loop alone: its passes would get in each other's way, or go in order for what they do."""

from __future__ import annotations

import re

import libcst as cst

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.site import Blocked, LoopSite
from par_lint.analysis.semantics.dataflow.summary import OWN, Work
from par_lint.analysis.semantics.resolver import Named
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.command_words import command_words
from par_lint.analysis.syntax.names import assigned, bound_names, dotted
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import Effect, Kind

_ARCHIVE = re.compile(r"(zipfile\.ZipFile|tarfile\.TarFile)\.(open|read|extract|extractfile|write|writestr|add|addfile)$")
_RUNS_CODE = frozenset({"exec", "runpy.run_path", "runpy.run_module", "importlib.reload"})
_INSTALLS = re.compile(r"(^|_)(un)?install(_|$)|(^|_)migrate(_|$)|(^|_)hooks?$", re.IGNORECASE)
_ASKS_USER = frozenset({
    "input", "getpass.getpass", "click.prompt", "click.confirm", "click.echo_via_pager", "click.edit", "click.pause", "typer.prompt", "typer.confirm",
    "rich.prompt.Prompt.ask", "rich.prompt.Confirm.ask", "pydoc.pager",
})  # fmt: skip
_SHARED_COMMANDS = re.compile(
    r"^(pip3?|npm|yarn|pnpm|apt(-get)?|dnf|yum|brew|conda|mamba|poetry|gem|cargo|git|hg|svn|uv|systemctl|terraform|alembic|heroku)$"
)
_READ_ONLY_GIT = frozenset({"log", "show", "diff", "rev-parse", "ls-files", "ls-remote", "status", "cat-file", "blame", "describe", "clone"})


def process_state(site: LoopSite, facts: Facts) -> Blocked | None:
    """chdir, the environment: one for the whole process."""
    if site.summary.globals:
        return Blocked("it changes state of the whole process", facts.call_at(site.summary.globals[0]) or site.node)
    for change in site.summary.changes:
        root, *rest = change.path.split(".")
        value = facts.resolver.value((root, *rest), facts.scope(site.node), facts.line(site.node))
        if isinstance(value, Named) and value.name.startswith("os.environ"):
            return Blocked("it changes state of the whole process", facts.changed(change) or site.node)
    return None


def colliding(site: LoopSite, facts: Facts) -> Blocked | None:
    """All passes write to one place: a path that is not the item's, or a shared environment."""
    for work in site.summary.works:
        if work.entry.effect is not Effect.WRITE:
            continue
        if work.entry.kind is Kind.FILE and OWN.isdisjoint(work.path | work.inputs):
            continue
        if work.entry.kind is Kind.FILE and work.entry.name.startswith("io.File.") and OWN.isdisjoint(work.handle or work.path):
            if not _only_ordered_tail(site, work):
                return Blocked("all passes write to one file", work.call)
        if work.entry.kind is Kind.SUBPROCESS and _is_shared_command(work.call, facts):
            return Blocked("all passes change one environment", work.call)
        if work.entry.name in ("os.mkdir", "os.makedirs", "pathlib.Path.mkdir") and _may_collide(work.call):
            return Blocked("passes may make the same folder", work.call)
    return None


def _only_ordered_tail(site: LoopSite, work: Work) -> bool:
    """Whether the written handle is made outside and other I/O is worth moving."""
    return bool(work.handle) and bool(site.works)


def _may_collide(call: cst.Call) -> bool:
    if any(arg.keyword is not None and arg.keyword.value == "exist_ok" for arg in call.args):
        return False
    receiver = call.func.value if isinstance(call.func, cst.Attribute) else None
    shown = [arg.value for arg in call.args] + ([receiver] if receiver is not None else [])
    return any(
        isinstance(node, cst.Attribute) and node.attr.value in ("parent", "dirname") for one in shown for node in descend(one)
    )


def _is_shared_command(call: cst.Call, facts: Facts) -> bool:
    words = command_words(call)
    if not words or not _SHARED_COMMANDS.match(words[0].rpartition("/")[2]):
        return False
    return not (words[0] == "git" and len(words) > 1 and words[1] in _READ_ONLY_GIT)


def one_archive(site: LoopSite, facts: Facts) -> Blocked | None:
    """Members of one archive, which has one position: whatever else a pass does, it waits for its turn there."""
    made_here = set(bound_names(site.target)) | {name for part in site.body for name in assigned(part)}
    for node in site.calls:
        if isinstance(node.func, cst.Attribute):
            path = dotted(node.func.value)
            if path is not None and path not in made_here and _ARCHIVE.match(facts.name(node) or ""):
                return Blocked("all passes share one archive", node)
    return None


def running_code(site: LoopSite, facts: Facts) -> Blocked | None:
    """The body runs code that it was given (scripts, hooks), or installs and migrates: in order, each on what was before."""
    for node in site.calls:
        if facts.name(node) in _RUNS_CODE or _INSTALLS.search(_method(node)) and not isinstance(facts.callee(node), Function):
            return Blocked("what it runs may depend on what ran before", node)
    return None


def interactive(site: LoopSite, facts: Facts) -> Blocked | None:
    """The body asks the user, or shows a pager: a person goes through the items one by one."""
    for node in site.calls:
        if facts.name(node) in _ASKS_USER:
            return Blocked("the loop asks the user", node)
    return None


def rewriting(site: LoopSite, facts: Facts) -> Blocked | None:
    """Files are read and written again, and nothing shows that each is named once: `for path, pattern in rules`."""
    if not isinstance(site.target, cst.Tuple) or _has_unique_items(site.iterable):
        return None
    read: set[str] = set()
    written: dict[str, cst.Call] = {}
    for part in site.body:
        for node in descend(part):
            if isinstance(node, cst.Call) and (name := _file_named(node)) in bound_names(site.target):
                if set(facts.open_mode(node)) & set("wax+") or _method(node).startswith("write_"):
                    written[name] = node
                else:
                    read.add(name)
    both = sorted(read & set(written))
    return Blocked("two items may name one file", written[both[0]]) if both else None


def _has_unique_items(iterable: cst.BaseExpression) -> bool:
    """Whether the iterable numbers its items, or goes over a dict."""
    match iterable:
        case cst.Call(func=cst.Name("enumerate" | "zip")) | cst.Call(func=cst.Attribute(attr=cst.Name("items"))):
            return True
        case cst.Call(func=cst.Name("sorted" | "list"), args=[first, *_]):
            return _has_unique_items(first.value)
        case _:
            return False


def _file_named(call: cst.Call) -> str:
    """The plain name of the file that a call opens, reads or writes; empty for anything else."""
    method = _method(call)
    if method.endswith("open") and call.args:
        return dotted(call.args[0].value) or ""
    if method in ("read_text", "read_bytes", "write_text", "write_bytes") and isinstance(call.func, cst.Attribute):
        return dotted(call.func.value) or ""
    return ""


def _method(call: cst.Call) -> str:
    return (dotted(call.func) or "").rpartition(".")[2]
