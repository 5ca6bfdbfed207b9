"""Calls that block without a timeout, found on the `ast` alone.

The tests are exact, so that a slice is cut only for what is reported. A call may stand for another one: `partial(get, url)()`,
`pool.submit(get, url)`. An object may hold a limit for all its calls: an adapter mounted on a session, a pool's `timeout=`.
What is asked of findings only is imported for them: most files have none.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from par_lint.analysis.gate.timeout_arguments import has_timeout_argument, timeout_argument
from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.call_resolver import Resolver
from par_lint.analysis.semantics.none_values import NoneName, is_none, none_name
from par_lint.analysis.semantics.scopes import Binding, CallSite, Class, Function, Scope
from par_lint.analysis.semantics.values import Named, Object
from par_lint.core.catalog.entry import FOREVER, Entry, Kind, Timeout
from par_lint.core.memo import memoized, memoized_for_last

_CALLING_METHODS = {"submit": 0, "to_thread": 0, "run_in_executor": 1}
"""Methods that call their argument, with its position."""
_WITHOUT_KEYWORDS = "run_in_executor"
_STANDARD = ("subprocess.", "os.")
_OPENS_PROGRAM = re.compile(r"(^|_)(editor|pager|viewer|browser|mail_client|mergetool|runshell|dbshell)(_|$)")
"""Names of functions that let a person work with a program, whatever it is."""
_FORWARDING = re.compile(r"_*(wait|join|reap)(_|$)")
_STUB_MODULE = "_pb2_grpc"
_REMOTE_CALL = re.compile(rf"(?:^|\.)\w+{_STUB_MODULE}\.\w+Stub\.(?P<method>[A-Z]\w*)")
_STREAMS = re.compile(r"Stream|Watch|Subscri|Listen|Monitor|Tail|Follow")
"""Methods of stubs whose answers go on until the caller ends them."""
_SENDERS = frozenset({"request", "send", "get", "post", "put", "patch", "delete", "head"})


class MissingTimeout(NamedTuple):
    """A call that blocks without limit. `takes` is the call to which the timeout can be added, also by position if it is `direct`."""

    node: ast.Call
    entry: Entry
    takes: ast.Call | None
    direct: bool = True
    commands: tuple[tuple[str, ...], ...] = ()
    """The words of each command that it may run."""
    signalled_to_end: bool = False
    """Whether the child was sent a signal right before."""
    by_name: NoneName | None = None
    """The name that its limit is given by, which is None."""
    read_before: int | None = None
    """The line that reads the child's output before, without a limit."""
    started: ast.Call | None = None
    """The call that starts the child, as far as the file shows it."""

    @property
    def raises(self) -> str:
        """The exception of its limit."""
        return self.entry.timeout.raises if self.entry.timeout is not None else "subprocess.TimeoutExpired"

    @property
    def is_subprocess(self) -> bool:
        """Whether it waits for a child process; else for the network."""
        return self.entry.kind is Kind.SUBPROCESS


@memoized_for_last
def find_missing_timeouts(resolver: Resolver) -> dict[ast.Call, MissingTimeout]:
    """Return all calls of a file that block without limit, by their node."""
    search = _Search(resolver)
    names = resolver.catalog.timeout_names | _CALLING_METHODS.keys()
    index = resolver.index
    sites = [site for name, those in index.by_method.items() if name in names for site in those]
    functions = resolver.name_filter.called(resolver.catalog.takes_timeout)
    if any(_STUB_MODULE in name for names_of in index.imports.values() for name in names_of):
        sites += [site for name, those in index.by_method.items() if name[:1].isupper() and name not in names for site in those]
    sites += [site for name, those in index.by_name.items() if name in functions or name in _CALLING_METHODS for site in those]
    return {found.node: found for site in sites if (found := search.site(site)) is not None}


def handler_lines(resolver: Resolver, unlimited: Mapping[ast.Call, MissingTimeout]) -> Iterator[int]:
    """Yield the lines of the handlers around calls that a fix may let catch the exception of a new limit as well."""
    from par_lint.analysis.semantics.handlers_around import near_handlers, tries_around, waits_to_try_again

    for site in resolver.index.calls:
        if site.node in unlimited:
            yield from (near.lineno for near in near_handlers(site, unlimited[site.node].raises, resolver))
            yield from (one.lineno for node in tries_around(site, resolver.index) for one in node.handlers if waits_to_try_again(one))


class _Search:
    def __init__(self, resolver: Resolver) -> None:
        self.resolver = resolver
        self.catalog = resolver.catalog
        self._defaults: dict[tuple[Scope, str], list[ast.Call]] = {}
        self._reads: dict[Scope, dict[tuple[str, ...], list[int]]] = {}
        self._signals: dict[Scope, bool] = {}
        self._streams: dict[Scope, set[ast.expr]] = {}

    def site(self, site: CallSite) -> MissingTimeout | None:
        """Return the finding at a call, if it blocks without limit."""
        name, func = site.name, site.node.func
        found: MissingTimeout | None = None
        if name in _CALLING_METHODS:
            found = self._submitted_call(site, _CALLING_METHODS[name]) or self._called(site)
        elif name in self.catalog.timeout_names or isinstance(func, (ast.Name, ast.Call)):
            found = self._called(site) if self.resolver.name_filter.is_listed(site) else None
        elif name[:1].isupper() and not self.keeps_alive:
            found = self._called(site) if not _STREAMS.search(name) and site.node not in self._iterated(site.scope) else None
        return None if found is None or site.node in self.limited else found

    @memoized
    def limited(self) -> set[ast.expr]:
        """The calls that have a limit from outside."""
        from par_lint.analysis.gate.enclosing_timeouts import limited_calls

        return limited_calls(self.resolver.index)

    def _called(self, site: CallSite) -> MissingTimeout | None:
        callee = self.resolver.callee(site)
        entry = self._entry(callee)
        if callee is None:
            entry = self._by_name(site) or self._by_default(site)
        if entry is None:
            return None
        bound = self._partial(site)
        nodes = [site.node] if bound is None else [site.node, bound]
        if entry.timeout is not None and self._is_limited(entry, entry.timeout, nodes, site):
            return None
        commands: tuple[tuple[str, ...], ...] = ()
        started: ast.Call | None = None
        if entry.kind is Kind.SUBPROCESS:
            from par_lint.analysis.semantics.subprocess_commands import (
                inherits_terminal_input,
                is_interactive,
                is_pager,
                limits_own_run_time,
                possible_commands,
                redirects_streams,
                starts_background_process,
            )

            started = self._started(entry, nodes, site)
            commands = possible_commands(command_argument(started), site.scope) if started is not None else ()
            at_terminal = started is not None and not redirects_streams(started)
            interactive = started is not None and inherits_terminal_input(started) or bool(commands) and all(map(is_interactive, commands))
            if commands and all(map(limits_own_run_time, commands)):
                return None
            left_running = bool(commands) and all(map(starts_background_process, commands))
            if commands and all(map(is_pager, commands)) and started is not None and not redirects_streams(started, but=("stdin", "input")):
                return None
            if at_terminal and (interactive or left_running or _is_command_of_user(site, commands)) or self._is_over(entry, site):
                return None
        elif self.has_default or entry.name.startswith("urllib.request.") and _reads_local_file(site):
            return None
        takes = site.node if entry.timeout is not None else None
        limit = timeout_argument(site.node, entry.timeout, entry.timeout.position if bound is None else None) if entry.timeout is not None else None
        named = none_name(limit, site.scope) if limit is not None else None
        if named is not None and self._is_choice_of_caller(site, named, entry):
            return None
        if not entry.name.startswith("subprocess.Popen.") or not isinstance(site.node.func, ast.Attribute):
            return MissingTimeout(site.node, entry, takes, bound is None, commands, by_name=named, started=started)
        from par_lint.analysis.gate.child_history import is_signalled_to_end, pipe_reads

        receiver = access_path(site.node.func.value)
        told = is_signalled_to_end(site, receiver)
        if site.scope not in self._reads:
            self._reads[site.scope] = pipe_reads(site.scope.node)
        read_before = min((line for line in self._reads[site.scope].get(receiver, ()) if line < site.node.lineno), default=None)
        return MissingTimeout(site.node, entry, takes, bound is None, commands, told, named, read_before, started)

    def _is_choice_of_caller(self, site: CallSite, named: NoneName, entry: Entry) -> bool:
        """Whether a limit is a parameter that is None by default, and the code handles its end: `except subprocess.TimeoutExpired`."""
        from par_lint.analysis.semantics.handlers_around import has_named_handler

        raises = entry.timeout.raises if entry.timeout is not None else ""
        return named.is_parameter and bool(raises) and has_named_handler(site, raises, self.resolver.index)

    def _iterated(self, scope: Scope) -> set[ast.expr]:
        if scope not in self._streams:
            self._streams[scope] = _iterated_calls(scope.node)
        return self._streams[scope]

    def _entry(self, callee: object) -> Entry | None:
        """Return the entry of a blocking call: a standard subprocess call, or one with a timeout parameter."""
        entry = self.catalog.find(callee.name) if isinstance(callee, Named) else None
        if entry is None and isinstance(callee, Named) and (remote := _REMOTE_CALL.search(callee.name)) is not None:
            entry = self.catalog.find(f"grpc.Stub.{remote['method']}")
        if entry is None or entry.kind is Kind.SUBPROCESS and not entry.name.startswith(_STANDARD):
            return None
        return entry if entry.timeout is not None or entry.kind is Kind.SUBPROCESS else None

    def _by_name(self, site: CallSite) -> Entry | None:
        """Return the entry of `getattr(requests, verb)(url)`: any verb is a request."""
        match site.node.func:
            case ast.Call(func=ast.Name("getattr"), args=[module, name, *_]) if not isinstance(name, ast.Constant):
                value = self.resolver.expression(module, site.scope)
                return self._entry(Named(f"{value.name}.request")) if isinstance(value, Named) else None
            case _:
                return None

    def _by_default(self, site: CallSite) -> Entry | None:
        """Return the entry of a method of `given or Session()`."""
        if not isinstance(site.node.func, ast.Attribute):
            return None
        for operand in self._made_by_default(site.node.func.value, site.scope):
            made = self.resolver.expression(operand, site.scope)
            if isinstance(made, Object):
                return self._entry(Named(f"{made.type}.{site.node.func.attr}"))
        return None

    def _made_by_default(self, node: ast.expr, scope: Scope) -> list[ast.Call]:
        """Return the calls that create the default value of a name, the last first."""
        place = self._place(node, scope)
        if place is None:
            return []
        if place not in self._defaults:
            chosen = [value for value in self._values(node, scope) if isinstance(value, (ast.BoolOp, ast.IfExp))]
            parts = (value.values if isinstance(value, ast.BoolOp) else [value.body, value.orelse] for value in chosen)
            self._defaults[place] = [one for several in parts for one in several if isinstance(one, ast.Call)]
        return self._defaults[place]

    @staticmethod
    def _place(node: ast.expr | None, scope: Scope) -> tuple[Scope, str] | None:
        """Return the scope that binds a name, or the class of an attribute of `self`, with the name."""
        match node:
            case ast.Name(id=name):
                found = scope.find(name)
                return (found[0], name) if found is not None else None
            case ast.Attribute(value=ast.Name("self"), attr=name):
                cls = _class_around(scope)
                return (cls, name) if cls is not None else None
            case _:
                return None

    def _values(self, node: ast.expr | None, scope: Scope) -> Iterator[ast.expr]:
        """Yield the values to which a name, or an attribute of `self`, is bound, the last first."""
        place = self._place(node, scope)
        if place is None:
            return
        home, name = place
        if isinstance(node, ast.Name):
            bindings: Sequence[Binding] = home.bindings[name]
        else:
            bindings = [binding for _, binding in home.attributes.get(name, [])] if isinstance(home, Class) else []
        yield from (binding.value for binding in reversed(bindings) if isinstance(binding, Assigned) and binding.value is not None)

    def _entered(self, node: ast.expr | None, scope: Scope) -> ast.expr | None:
        """What a `with` enters to bind a name."""
        place = self._place(node, scope)
        if place is None or not isinstance(node, ast.Name):
            return None
        return next((binding.entered for binding in place[0].bindings[place[1]] if isinstance(binding, Assigned) and binding.entered is not None), None)

    def _is_limited(self, entry: Entry, timeout: Timeout, nodes: list[ast.Call], site: CallSite) -> bool:
        given = [has_timeout_argument(node, timeout, timeout.position if len(nodes) == 1 else None, site.scope) for node in nodes]
        if any(given) or timeout.default is not FOREVER and False not in given:
            return True
        if timeout.needs is not None and not _has_first(site.node, timeout.needs):
            return not self._connects_later(entry)
        if entry.name.rpartition(".")[2][:1].isupper():
            return self._is_set_later(site)
        return timeout.kept and (self.keeps_limits or self._made_with_limit(entry, site))

    def _submitted_call(self, site: CallSite, position: int) -> MissingTimeout | None:
        """What `submit(get, url)` and its like call."""
        if len(site.node.args) <= position:
            return None
        func = site.node.args[position]
        entry = self._entry(self.resolver.expression(func, site.scope))
        if entry is None or entry.timeout is None or entry.timeout.default is not FOREVER or not entry.name.rpartition(".")[0].islower():
            return None
        if entry.timeout.kept or entry.timeout.needs is not None or self.has_default and entry.kind is not Kind.SUBPROCESS:
            return None
        calls = [site.node, *([func] if isinstance(func, ast.Call) else [])]
        if any(has_timeout_argument(call, entry.timeout, None, site.scope) for call in calls):
            return None
        if site.name == _WITHOUT_KEYWORDS:
            return MissingTimeout(site.node, entry, calls[1] if len(calls) > 1 else None, False)
        from par_lint.analysis.semantics.subprocess_commands import possible_commands

        commands = possible_commands(site.node.args[position + 1], site.scope) if len(site.node.args) > position + 1 else ()
        return MissingTimeout(site.node, entry, calls[-1], False, commands)

    def _partial(self, site: CallSite) -> ast.Call | None:
        """Return the call of `functools.partial` that created the callee."""
        made = site.node.func if isinstance(site.node.func, ast.Call) else next(self._values(site.node.func, site.scope), None)
        return made if isinstance(made, ast.Call) and last_name(made.func) == "partial" else None

    # What an object keeps -----------------------------------------------------------------------------------------

    @memoized
    def has_default(self) -> bool:
        """Whether the file sets a default timeout for all sockets."""
        for site in self.resolver.index.calls:
            if site.name == "setdefaulttimeout" and not any(is_none(arg) for arg in site.node.args):
                return True
        return False

    @memoized
    def keeps_alive(self) -> bool:
        """Whether the channels of the file ask the server whether it lives: gRPC then ends what waits for a dead one."""
        return any(isinstance(node.value, str) and node.value.startswith("grpc.keepalive_time_") for node in self.resolver.index.all_of(ast.Constant))

    @memoized
    def keeps_limits(self) -> bool:
        """Whether a session of the file may have a timeout: a mounted adapter, a wrapped `request`, a subclass."""
        return any(_is_adapter(site.node) for site in self.resolver.index.calls) or any(
            _wraps_request(node) for node in ast.walk(self.resolver.index.tree) if isinstance(node, (ast.Assign, ast.ClassDef))
        )

    def _made_with_limit(self, entry: Entry, site: CallSite) -> bool:
        """Return whether the receiver was created with a timeout, or elsewhere than in the file."""
        owner = self.catalog.find(entry.name.rpartition(".")[0])
        taken = owner.timeout if owner is not None and owner.timeout is not None else Timeout()
        receiver = site.node.func.value if isinstance(site.node.func, ast.Attribute) else None
        made = [receiver] if isinstance(receiver, ast.Call) else list(self._values(receiver, site.scope))
        return any(isinstance(value, ast.Call) and has_timeout_argument(value, taken, taken.position, site.scope) for value in made)

    def _is_set_later(self, site: CallSite) -> bool:
        """Return whether a timeout is set later: `connection.timeout = 5`."""
        names = {name for name, bindings in site.scope.bindings.items() for one in bindings if isinstance(one, Assigned) and one.value is site.node}
        return any(
            isinstance(node, ast.Attribute) and node.attr == "timeout" and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name) and node.value.id in names
            for node in ast.walk(site.scope.node)
        ) if names else False  # fmt: skip

    def _connects_later(self, entry: Entry) -> bool:
        """Return whether the file calls a `connect` method without a timeout parameter, so that the constructor needs the timeout."""
        later = self.catalog.find(f"{entry.name}.connect")
        if later is None or later.timeout is not None:
            return False
        sites = (site for site in self.resolver.index.calls if site.name == "connect")
        return any(self.resolver.entry(site) is later for site in sites)

    # Subprocesses -------------------------------------------------------------------------------------------------

    def _started(self, entry: Entry, nodes: list[ast.Call], site: CallSite) -> ast.Call | None:
        """Return the call that starts the command."""
        if not entry.name.startswith("subprocess.Popen."):
            return nodes[-1] if len(nodes) == 1 or len(nodes[-1].args) > 1 else nodes[0]
        receiver = site.node.func.value if isinstance(site.node.func, ast.Attribute) else None
        values = list(self._values(receiver, site.scope))
        above = (value for value in values if value.lineno <= site.node.lineno)
        made = receiver if isinstance(receiver, ast.Call) else next(above, None) or next(iter(values), None) or self._entered(receiver, site.scope)
        return made if isinstance(made, ast.Call) else None

    def _is_over(self, entry: Entry, site: CallSite) -> bool:
        """Return whether the process was killed before, its output was read to the end just before, or the caller decides how long to wait.

        `def wait(self)` only forwards the wait; a function that forwards signals to its child waits until the user interrupts it.
        """
        if not entry.name.startswith("subprocess.Popen.") or not isinstance(site.node.func, ast.Attribute):
            return False
        if site.scope not in self._signals:
            self._signals[site.scope] = _passes_signals(site.scope)
        if _FORWARDING.match(site.scope.name) or self._signals[site.scope]:
            return True
        from par_lint.analysis.gate.child_history import calls_method, has_ended, is_killed_above, is_wait_requested, statements_before, was_waited_for

        receiver = access_path(site.node.func.value)
        before = list(statements_before(site))
        if site.node.func.attr == "wait" and is_wait_requested(site, self.resolver.index):
            return True
        if any(calls_method(statement, "kill", receiver) for statement in before) or is_killed_above(site, receiver):
            return True
        if was_waited_for(site, receiver) or site.node.func.attr == "wait" and has_ended(site, receiver):
            return True
        return site.node.func.attr == "wait" and bool(before) and calls_method(before[-1], "communicate", receiver)


def _iterated_calls(scope: ast.AST) -> set[ast.expr]:
    """The calls of a scope whose answers a loop iterates over: they are streams, and a limit would end one as a whole."""
    assigned: dict[str, list[ast.expr]] = {}
    found: set[ast.expr] = set()
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    assigned.setdefault(target.id, []).append(node.value)
        elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
            found.add(node.iter)
    return found.union(*(assigned.get(node.id, ()) for node in found if isinstance(node, ast.Name)))


def _has_first(node: ast.Call, name: str) -> bool:
    """Return whether a call has its first parameter."""
    given = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == name)]
    return any(not (isinstance(value, ast.Constant) and not value.value) for value in given)


def command_argument(node: ast.Call) -> ast.expr | None:
    """The argument of a call that is the command it runs."""
    named = next((keyword.value for keyword in node.keywords if keyword.arg in ("args", "cmd", "command")), None)
    skipped = 1 if last_name(node.func) == "partial" else 0
    return node.args[skipped] if len(node.args) > skipped else named


def _is_adapter(node: ast.Call) -> bool:
    """Return whether an adapter has a timeout: `TimeoutAdapter(...)`, `SomeAdapter(timeout=5)`."""
    name = last_name(node.func).lower()
    return "adapter" in name and ("timeout" in name or any("timeout" in (keyword.arg or "") for keyword in node.keywords))


def _wraps_request(node: ast.Assign | ast.ClassDef) -> bool:
    """Return whether a statement wraps requests: `session.request = ...timeout...`, or a class whose `request` or `send` mentions timeouts."""
    if isinstance(node, ast.Assign):
        return any(isinstance(target, ast.Attribute) and target.attr in _SENDERS for target in node.targets) and _mentions_timeout(node.value)
    methods = [one for one in node.body if isinstance(one, ast.FunctionDef) and one.name in ("request", "send")]
    return bool(node.bases) and any(_mentions_timeout(one) for one in methods)


def _mentions_timeout(node: ast.AST) -> bool:
    for inner in ast.walk(node):
        text = getattr(inner, "arg", None) or getattr(inner, "id", None) or getattr(inner, "attr", None) or getattr(inner, "value", None)
        if isinstance(text, str) and "timeout" in text.lower():
            return True
    return False


def _reads_local_file(site: CallSite) -> bool:
    from par_lint.analysis.semantics.request_kinds import is_local_file

    return is_local_file(site.node, site.scope)


def _class_around(scope: Scope) -> Class | None:
    around: Scope | None = scope
    while around is not None and not (isinstance(around, Function) and around.owner is not None):
        around = around.parent
    return around.owner if isinstance(around, Function) else None


def _is_command_of_user(site: CallSite, commands: tuple[tuple[str, ...], ...]) -> bool:
    """Whether a program ends as a command does that its user chose: `sys.exit(subprocess.call(command))`, or its user works with it: `run_editor`."""
    from par_lint.analysis.semantics.command_parts import UNKNOWN_WORD

    if any(words and words[0] != UNKNOWN_WORD for words in commands):
        return False
    if _OPENS_PROGRAM.search(site.scope.name):
        return True
    around = site.scope.node
    names = {
        target.id for node in ast.walk(around) if isinstance(node, ast.Assign) and any(inner is site.node for inner in ast.walk(node.value))
        for target in node.targets if isinstance(target, ast.Name)
    }  # fmt: skip
    if isinstance(site.node.func, ast.Attribute) and site.node.func.attr == "wait":
        names.add(access_path(site.node.func.value)[0])
    for node in ast.walk(around):
        if isinstance(node, ast.Call) and last_name(node.func) in ("exit", "_exit", "SystemExit"):
            if any(inner is site.node or isinstance(inner, ast.Name) and inner.id in names for arg in node.args for inner in ast.walk(arg)):
                return True
    return False


def _passes_signals(scope: Scope) -> bool:
    """Return whether a function installs signal handlers."""
    return isinstance(scope, Function) and any(access_path(site.node.func) == ("signal", "signal") for site in scope.calls)
