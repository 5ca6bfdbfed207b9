"""Why a loop that does I/O is left alone: one function per reason, each over the loop and what its body does."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from par_lint.analysis.facts import Facts, open_mode
from par_lint.analysis.listings import is_walk
from par_lint.analysis.names import bound_names, dotted, reads
from par_lint.analysis.nodes import children, descend
from par_lint.analysis.summary import ITEM, RESULT, Change, Summary, Work
from par_lint.candidates import RUNTIME_CALLS
from par_lint.catalog.entry import Effect, Kind
from par_lint.scopes import Function

MIN_ITEMS = 3
_RETRY = re.compile(r"(^|_)(attempts?|retr(y|ies)|tries|trial)(_|$)", re.IGNORECASE)
_RUNS_CODE = frozenset({"exec", "runpy.run_path", "runpy.run_module", "importlib.reload"})
_INSTALLS = re.compile(r"(^|_)(un)?install(_|$)|(^|_)migrate(_|$)|(^|_)hooks?$", re.IGNORECASE)
_ASKS_USER = frozenset({
    "input", "getpass.getpass", "click.prompt", "click.confirm", "click.echo_via_pager", "click.edit", "click.pause", "typer.prompt", "typer.confirm",
    "rich.prompt.Prompt.ask", "rich.prompt.Confirm.ask", "pydoc.pager",
})  # fmt: skip
_STEP = re.compile(r"(^|_)(step|phase)$", re.IGNORECASE)
_PACING = frozenset({"acquire", "throttle", "wait_for_slot", "backoff", "rate_limit", "sleep"})
_SHARED_COMMANDS = re.compile(
    r"^(pip3?|npm|yarn|pnpm|apt(-get)?|dnf|yum|brew|conda|mamba|poetry|gem|cargo|git|hg|svn|uv|systemctl|terraform|alembic|heroku)$"
)
_READ_ONLY_GIT = frozenset({"log", "show", "diff", "rev-parse", "ls-files", "ls-remote", "status", "cat-file", "blame", "describe", "clone"})


@dataclass(frozen=True)
class LoopSite:
    """A loop as the blockers see it. `body` holds the statements, or the expressions of a comprehension."""

    node: cst.CSTNode
    target: cst.CSTNode
    iterable: cst.BaseExpression
    body: tuple[cst.CSTNode, ...]
    summary: Summary
    works: tuple[Work, ...]  # the I/O with the loop's own item, not through a handle made outside
    is_awaited: bool = False  # the works are awaited, in a coroutine


@dataclass(frozen=True)
class Blocked:
    """The reason why a loop is not reported, and the node that is the reason."""

    reason: str
    node: cst.CSTNode


def is_runtime_call(name: str, runtime: str | None) -> bool:
    """Whether a qualified name is our runtime: of a module named `parallel`, or of the configured one."""
    module, _, last = name.rpartition(".")
    return last in RUNTIME_CALLS and (module.rpartition(".")[2] == "parallel" or module == runtime)


def find_blocker(site: LoopSite, facts: Facts) -> Blocked | None:
    """The first reason to leave a loop alone."""
    for blocker in _BLOCKERS:
        found = blocker(site, facts)
        if found is not None:
            return found
    return None


def own_statements(body: tuple[cst.CSTNode, ...]) -> Iterator[tuple[cst.CSTNode, bool]]:
    """The nodes of a loop's body that run in it, each with whether an inner loop is around it."""
    stack = [(node, False) for node in reversed(body)]
    while stack:
        node, inner = stack.pop()
        yield node, inner
        if isinstance(node, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            continue
        below = inner or isinstance(node, (cst.For, cst.While))
        stack.extend((child, below) for child in reversed(list(children(node))))


def early_exit(site: LoopSite, facts: Facts) -> Blocked | None:
    """`break`, `return` or `yield`: a search, or lazy."""
    for node, inner in own_statements(site.body):
        match node:
            case cst.Break() if not inner:
                return Blocked("the loop ends early", node)
            case cst.Return():
                return Blocked("the loop returns early", node)
            case cst.Yield():
                return Blocked("the loop is a generator", node)
            case cst.Await() if not site.is_awaited:
                return Blocked("the loop awaits", node)
            case _:
                pass
    return None


def tiny(site: LoopSite, facts: Facts) -> Blocked | None:
    """Fewer than three items, by a literal or a constant of the file."""
    return Blocked("too few items", site.iterable) if is_tiny(site, facts) else None


def is_tiny(site: LoopSite, facts: Facts) -> bool:
    """Whether a loop is known to have fewer than three items."""
    size = facts.known_size(site.iterable)
    return size is not None and size < MIN_ITEMS


def pacing(site: LoopSite, facts: Facts) -> Blocked | None:
    """A sleep, or a limiter, in the body itself."""
    if site.summary.sleeps:
        return Blocked("the loop paces itself", site.summary.sleeps[0])
    for node, _ in own_statements(site.body):
        if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute) and node.func.attr.value in _PACING:
            return Blocked("the loop paces itself", node)
    return None


def is_retrying(target: cst.CSTNode) -> bool:
    """Whether a loop's target is a count of attempts."""
    return any(_RETRY.search(name) for name in bound_names(target))


def retrying(site: LoopSite, facts: Facts) -> Blocked | None:
    """`for attempt in range(n)`."""
    if is_retrying(site.target):
        return Blocked("the loop retries", site.node)
    return None


def ordered(site: LoopSite, facts: Facts) -> Blocked | None:
    """Steps, by their name, are there to be taken in order."""
    if any(_STEP.search(name) for name in bound_names(site.target)):
        return Blocked("its items are steps in order", site.node)
    return None


def process_state(site: LoopSite, facts: Facts) -> Blocked | None:
    """chdir, the environment: one for the whole process."""
    if site.summary.globals:
        return Blocked("it changes state of the whole process", site.summary.globals[0])
    for change in site.summary.changes:
        if change.path.startswith("os.environ"):
            return Blocked("it changes state of the whole process", change.node)
    return None


def carried(site: LoopSite, facts: Facts) -> Blocked | None:
    """The I/O of a later pass needs what an earlier one left in a name, an attribute or a container."""
    own = set(bound_names(site.target))
    aliases = facts.aliases(site.node)
    for work in site.works:
        needed = (work.inputs | work.guards) - {ITEM, RESULT}
        for change in site.summary.changes:
            touched = next((name for name in needed if _overlap(_known_as(name, aliases), _known_as(change.path, aliases))), None)
            if touched is None or change.path in own:
                continue
            if touched not in work.inputs and _is_deduplication(change) or _is_memo(change) or _is_keyed(change, site, facts):
                continue
            return Blocked(f"a later pass needs {change.path}", change.node)
    return None


def _known_as(path: str, aliases: Mapping[str, str]) -> str:
    root, dot, rest = path.partition(".")
    return aliases.get(root, root) + dot + rest


def _overlap(name: str, path: str) -> bool:
    return name == path or name.startswith(path + ".") or path.startswith(name + ".")


def _is_deduplication(change: Change) -> bool:
    """Remembering inputs so that none is done twice; remembering results is a dependence."""
    return change.how in ("add", "store") and RESULT not in change.origins


def _is_memo(change: Change) -> bool:
    """An attribute that is computed once, or renewed (an access token), of nothing that differs between passes."""
    return change.how == "assign" and "." in change.path and bool(change.origins) and ITEM not in change.origins


def _is_keyed(change: Change, site: LoopSite, facts: Facts) -> bool:
    """Whether the body uses a container only under keys made of the item: each pass has an element of its own."""
    if change.how not in ("store", "add"):
        return False
    keys = _names_of_item(site, facts)
    places = [node for part in site.body for node in descend(part) if dotted(node) == change.path]
    return bool(places) and all(_is_used_by_key(node, keys, facts) for node in places)


def _names_of_item(site: LoopSite, facts: Facts) -> set[str]:
    """The loop's targets, and the names that the body makes of them without any I/O."""
    found = set(bound_names(site.target))
    for part in site.body:
        for node in descend(part):
            if isinstance(node, cst.Assign) and found & reads(node.value) and not _asks(node.value, facts):
                found.update(name for target in node.targets for name in bound_names(target.target))
    return found


def _asks(node: cst.CSTNode, facts: Facts) -> bool:
    return any(isinstance(inner, cst.Call) and facts.entry(inner) is not None for inner in descend(node))


def _is_used_by_key(node: cst.CSTNode, keys: set[str], facts: Facts) -> bool:
    """`c[item]`, `c.get(item)`, `item in c`."""
    above = facts.parent(node)
    match above:
        case cst.Subscript(value=value, slice=parts) if value is node:
            return any(keys & reads(part) for part in parts)
        case cst.Attribute(attr=cst.Name("get" | "pop" | "setdefault")):
            call = facts.parent(above)
            return isinstance(call, cst.Call) and call.func is above and bool(call.args) and bool(keys & reads(call.args[0].value))
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
            comparison = facts.parent(above)
            return isinstance(comparison, cst.Comparison) and bool(keys & reads(comparison.left))
        case _:
            return False


def pruned(site: LoopSite, facts: Facts) -> Blocked | None:
    """A walk whose next folders depend on what the I/O in this one gave."""
    if not is_walk(site.iterable, facts):
        return None
    own = set(bound_names(site.target))
    for change in site.summary.changes:
        if change.path in own and change.how in ("store", "add") and RESULT in change.origins | change.guards:
            return Blocked("what comes next depends on the I/O", change.node)
    return None


def iterable_changed(site: LoopSite, facts: Facts) -> Blocked | None:
    """The body changes what the loop goes over."""
    path = dotted(site.iterable)
    if path is None:
        return None
    for change in site.summary.changes:
        if change.path == path and change.how in ("add", "assign", "augment"):
            return Blocked("the loop changes what it goes over", change.node)
    return None


def colliding(site: LoopSite, facts: Facts) -> Blocked | None:
    """All passes write to one place: a path that is not the item's, or a shared environment."""
    for work in site.summary.works:
        if work.entry.effect is not Effect.WRITE:
            continue
        if work.entry.kind is Kind.FILE and ITEM not in work.path | work.inputs:
            continue
        if work.entry.kind is Kind.FILE and work.entry.name.startswith("io.File.") and ITEM not in (work.handle or work.path):
            if not _only_ordered_tail(site, work):
                return Blocked("all passes write to one file", work.call)
        if work.entry.kind is Kind.SUBPROCESS and _is_shared_command(work.call, facts):
            return Blocked("all passes change one environment", work.call)
        if work.entry.name in ("os.mkdir", "os.makedirs", "pathlib.Path.mkdir") and _may_collide(work.call):
            return Blocked("passes may make the same folder", work.call)
    return None


def running_code(site: LoopSite, facts: Facts) -> Blocked | None:
    """The body runs code that it was given (scripts, hooks), or installs and migrates: in order, each on what was before."""
    for node, _ in own_statements(site.body):
        if isinstance(node, cst.Call):
            name = facts.name(node) or ""
            if name in _RUNS_CODE or _INSTALLS.search(_method(node)) and not isinstance(facts.callee(node), Function):
                return Blocked("what it runs may depend on what ran before", node)
    return None


def interactive(site: LoopSite, facts: Facts) -> Blocked | None:
    """The body asks the user, or shows a pager: a person goes through the items one by one."""
    for node, _ in own_statements(site.body):
        if isinstance(node, cst.Call) and facts.name(node) in _ASKS_USER:
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
                if set(open_mode(node)) & set("wax+") or _method(node).startswith("write_"):
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


def command_words(call: cst.Call) -> list[str]:
    """The leading literal words of the command that a subprocess call runs."""
    if not call.args:
        return []
    match call.args[0].value:
        case cst.SimpleString() as text:
            value = text.evaluated_value
            return value.split() if isinstance(value, str) else []
        case cst.FormattedString(parts=[cst.FormattedStringText(value=text), *_]):
            return text.split()
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            words = []
            for element in elements:
                match element.value:
                    case cst.SimpleString() as text if isinstance(text.evaluated_value, str):
                        words.append(text.evaluated_value)
                    case cst.Attribute(attr=cst.Name("executable")):
                        words.append("python")
                    case _:
                        break
            if words[:2] == ["python", "-m"]:
                words = words[2:]
            return words
        case _:
            return []


def polling(site: LoopSite, facts: Facts) -> Blocked | None:
    """Waiting for things that already run."""
    for work in site.works:
        if work.entry.name.startswith("subprocess.Popen.") and work.direct:
            func = work.call.func
            if isinstance(func, cst.Attribute) and dotted(func.value) in bound_names(site.target):
                return Blocked("what it waits for already runs", work.call)
    return None


def lines_of_file(site: LoopSite, facts: Facts) -> Blocked | None:
    """Lines of one open file, unless each starts network or subprocess work."""
    if facts.is_open_file(site.iterable) and all(work.entry.kind is Kind.FILE for work in site.works):
        return Blocked("the items are lines of one file", site.iterable)
    return None


def already_parallel(site: LoopSite, facts: Facts) -> Blocked | None:
    """The loop stands in a coroutine, or in a function that is given to a pool or a thread."""
    iterable = site.iterable
    while isinstance(iterable, cst.Call):
        if is_runtime_call(facts.name(iterable) or "", facts.runtime):
            return Blocked("it goes over what ran at once", iterable)
        if not iterable.args:
            break
        iterable = iterable.args[0].value
    around = facts.around(site.node)
    if around is None:
        return None
    if around.asynchronous is not None and not site.is_awaited:
        return Blocked("it stands in a coroutine", around)
    if around.name.value in facts.pooled_functions:
        return Blocked("it already runs in a worker", around)
    return None


_BLOCKERS: tuple[Callable[[LoopSite, Facts], Blocked | None], ...] = (
    early_exit, tiny, retrying, ordered, pacing, process_state, carried, pruned, iterable_changed, colliding, running_code, interactive, rewriting, polling, lines_of_file, already_parallel,
)  # fmt: skip
