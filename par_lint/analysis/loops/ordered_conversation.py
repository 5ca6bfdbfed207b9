"""Reasons to exclude a loop: all iterations send to one conversation, screen or browser, which must receive them in order."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set

from par_lint.analysis.facts import Facts
from par_lint.analysis.loops.loop_site import Exclusion, LoopSite
from par_lint.analysis.loops.reached_calls import loop_node, loop_record
from par_lint.analysis.semantics import loop_variance
from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.dataflow.code_patterns import loop_targets, repeated_parts
from par_lint.analysis.semantics.dataflow.dotted_names import bound_names as names_in
from par_lint.analysis.semantics.dataflow.symbols import arguments, arguments_by_parameter
from par_lint.analysis.semantics.dataflow.thread_handoff import handoff_call
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.loop_variance import mentioned_names
from par_lint.analysis.semantics.scopes import Function, Scope
from par_lint.analysis.semantics.subprocess_commands import command_words, program
from par_lint.analysis.semantics.values import Object, Value
from par_lint.analysis.syntax.expression_names import bound_names
from par_lint.core.catalog.entry import Trait
from par_lint.core.memo import memoized_for_last

_SAID = frozenset({"message", "part", "chunk", "text", "line", "event", "evt", "reply", "paragraph", "sentence", "page", "word", "token"})
_SAYING = frozenset({"send", "reply", "respond", "say", "write", "chat"})
_POSTING = frozenset({"send", "reply", "respond", "say", "post", "answer"})
_KEEPING = frozenset({"store", "astore", "add", "aadd", "append", "record", "save", "asave", "persist"})
_HISTORY = frozenset({"message", "messages", "msg", "turn", "turns", "history", "chat", "conversation"})
_EVENTS = frozenset({"event", "events", "evt", "message", "messages", "msg", "update", "updates", "notification", "signal"})
_LISTENERS = frozenset({"callback", "callbacks", "handler", "handlers", "listener", "listeners", "dispatch", "dispatcher", "emit", "on"})
"""Words in names of functions that are notified of events, in their order."""
_CONVERSATION = frozenset({"chat", "room", "channel", "conversation", "thread", "dialog", "dm", "jid", "peer"})
"""Words of what names a conversation, which shows what is posted in the order of its arrival."""
_SPEAKERS = _CONVERSATION | {"ctx", "interaction", "followup", "messageable"}
_INPUT_EVENTS = frozenset({
    "keydown", "keyup", "keypress", "presskey", "releasekey", "hotkey", "typewrite", "typetext", "mousedown", "mouseup", "mousemove", "movemouse", "moveto",
    "moverel", "dragto", "dragrel", "doubleclick", "tripleclick", "rightclick", "leftclick", "touchdown", "touchmove", "touchup", "swipe",
})  # fmt: skip
"""Events of a keyboard, a mouse or a touch screen, in lower case and without underscores."""
_DEVICES = frozenset({"keyboard", "mouse", "touchscreen", "trackpad", "joystick", "gamepad"})
_TYPING_COMMANDS = frozenset({"xdotool", "ydotool", "wtype", "cliclick"})
_PARTS_OF_BROWSERS = frozenset({"Page", "Frame", "Locator", "ElementHandle", "JSHandle", "BrowserContext"})


def posts_to_one_conversation(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The parts of a message, or several messages, are posted to one receiver, which must get them in order."""
    loop = loop_record(site, facts)
    if loop is None:
        return None
    varying = loop_variance.names_varying_in_loop(loop)
    items = set(bound_names(site.target))
    said = {word for name in items for word in words(name)}
    for work in site.io_calls:
        found = facts.site(work.call)
        posts = _posts(found.node, found.scope, facts) if found is not None else ()
        if any(_root(call.func) not in items and (_is_part_of_conversation(call, said) or _posts_to_one(call, scope, loop.scope, varying)) for call, scope in posts):
            return Exclusion("one receiver must get the items in order", work.call)
    return None


def delivers_events_in_order(site: LoopSite, facts: Facts) -> Exclusion | None:
    """A handler is notified of events, which it must see in their order: `await callbacks.on_message(event)`."""
    node = loop_node(site, facts)
    targets = [inner.target for inner in walk(node) if isinstance(inner, (ast.For, ast.comprehension))] if node is not None else []
    items = {name for target in targets for name in names_in(target) if words(name) & _EVENTS}
    for work in site.io_calls if items else ():
        found = facts.site(work.call)
        if found is None or not any(isinstance(value, ast.Name) and value.id in items for _, value in arguments(found.node)):
            continue
        said = words(last_name(found.node.func))
        if said & _LISTENERS or {"handle", "event"} <= said:
            return Exclusion("one handler must see the events in order", work.call)
    return None


def _root(func: ast.expr) -> str:
    """The name on whose object a method is called; empty for a plain function."""
    return access_path(func)[0] if isinstance(func, ast.Attribute) else ""


def _is_part_of_conversation(call: ast.Call, said: Set[str]) -> bool:
    """Whether a call sends, or keeps, what is part of a conversation by its name."""
    verb = words(last_name(call.func))
    return bool(said & _SAID and verb & _SAYING or said & _HISTORY and verb & _KEEPING and verb & _HISTORY)


def _posts(call: ast.Call, scope: Scope, facts: Facts) -> Iterator[tuple[ast.Call, Scope]]:
    """Yield what a call does: itself, the function that it runs elsewhere, and the calls of a nested function that it makes."""
    handed = handoff_call(call, facts.known)
    direct, callee = handed if handed is not None else (call, facts.known.callee(call))
    yield direct, scope
    if isinstance(callee, Function) and callee.parent is scope:
        for inner in callee.calls:
            yield inner.node, callee


def _posts_to_one(call: ast.Call, scope: Scope, outer: Scope, varying: Set[str]) -> bool:
    """Whether a call posts to a conversation that is the same in each iteration, by its receiver or an argument."""
    if not words(last_name(call.func)) & _POSTING:
        return False
    differing = {*varying, *scope.bindings} if scope is not outer else varying
    if isinstance(call.func, ast.Attribute) and words(last_name(call.func.value)) & _SPEAKERS and mentioned_names(call.func.value).isdisjoint(differing):
        return True
    return any(
        (last_name(value) == "to" or (words(keyword or "") | words(last_name(value))) & _CONVERSATION) and mentioned_names(value).isdisjoint(differing)
        for keyword, value in arguments(call)
    )  # fmt: skip


def controls_one_screen(site: LoopSite, facts: Facts) -> Exclusion | None:
    """Keys are pressed, or a pointer is moved, on one screen."""
    items = set(bound_names(site.target))
    for node in site.calls:
        found = facts.site(node)
        if found is None:
            continue
        call = found.node
        *receiver, last = access_path(call.func)
        if receiver and receiver[0] in items:
            continue
        constants = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        is_event = any(name.replace("_", "").lower() in _INPUT_EVENTS for name in (last, *constants))
        if is_event or receiver and receiver[-1].lstrip("_") in _DEVICES or _types_by_command(call, found.scope, facts):
            return Exclusion("all iterations act on one screen", node)
    return None


def _types_by_command(call: ast.Call, scope: Scope, facts: Facts) -> bool:
    if not _may_type(facts):
        return False
    given = call.args if call.args and isinstance(call.args[0], ast.Constant) else call.args[:1]
    called = program([word for arg in given for word in command_words(arg, scope)]) if given else []
    return bool(called) and called[0] in _TYPING_COMMANDS


@memoized_for_last
def _may_type(facts: Facts) -> bool:
    """Whether the text of the file names a command that types: commands that the file does not name are not looked up."""
    text = "".join(facts.lines)
    return any(command in text for command in _TYPING_COMMANDS)


def controls_one_browser(site: LoopSite, facts: Facts) -> Exclusion | None:
    """The items are open pages, frames or elements of one browser, which a page in front and one connection serve."""
    loop = loop_record(site, facts)
    if loop is None or isinstance(loop.node, ast.Call):
        return None
    items = {*loop_targets(loop.node), *(name for part in repeated_parts(loop.node) for node in walk(part) if isinstance(node, ast.For) for name in loop_targets(node))}
    for work in site.io_calls:
        found = facts.site(work.call)
        if found is None:
            continue
        names = {name for name in items if _is_part_of_browser(facts.resolver.value((name,), found.scope, facts.line(work.call)), facts)}
        callee = facts.resolver.callee(found)
        if not names and isinstance(callee, Function):
            names = _given_as_part_of_browser(found.node, callee, items, facts)
        if names and not mentioned_names(found.node).isdisjoint(names):
            return Exclusion("the items are parts of one browser", work.call)
    return None


def _is_part_of_browser(value: Value | None, facts: Facts) -> bool:
    browsers = facts.resolver.catalog.packages_with(Trait.DRIVES_BROWSER)
    return isinstance(value, Object) and value.type.partition(".")[0] in browsers and value.type.rpartition(".")[2] in _PARTS_OF_BROWSERS


def _given_as_part_of_browser(call: ast.Call, callee: Function, items: Set[str], facts: Facts) -> set[str]:
    """The items that a function of the file takes for a parameter which is a page or a part of one, by its annotation."""
    given = ((name, value) for name, value in arguments_by_parameter(call, callee) if isinstance(value, ast.Name) and value.id in items)
    return {value.id for name, value in given if _is_part_of_browser(facts.resolver.value((name,), callee, 0), facts)}
