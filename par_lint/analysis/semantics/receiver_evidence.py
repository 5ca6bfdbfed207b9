"""What a method call does, judged by its spelling, for receivers that neither the file nor the catalogue knows.

The name of a method alone is no evidence. There must be arguments, or a use of the result, that only one kind of API has: HTTP keywords,
a URL path passed to a client, AWS parameters, a chain that ends in `execute()`, the signature of `read_text`.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator

from par_lint.analysis.semantics.access_path import access_path, last_name
from par_lint.analysis.semantics.ast_walk import walk
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.file_index import FileIndex
from par_lint.analysis.semantics.io_words import words
from par_lint.analysis.semantics.scopes import CallSite, Class, Function, Scope
from par_lint.core.catalog.http_clients import TEST_CLIENT_PACKAGES

_HTTP_VERBS = frozenset({"get", "head", "options", "post", "put", "patch", "delete", "request"})
_HTTP_KEYWORDS = frozenset({"headers", "params", "json", "auth", "verify", "allow_redirects", "follow_redirects", "cookies"})
_FILE_METHODS = frozenset({"read_text", "read_bytes", "write_text", "write_bytes"})
_TEXT_KEYWORDS = frozenset({"encoding", "errors", "newline"})
_WAITING_COMMANDS = frozenset({"run", "call", "check_call", "check_output"})
_READS = "get list describe show search query scan head fetch download retrieve read find lookup select count filter"
_WRITES = (
    "create delete update put post patch upload send insert upsert remove invoke publish submit replace cancel copy start stop batch"
    " register deregister attach detach modify enable disable associate disassociate tag untag terminate reboot import export restore"
)
_READING = frozenset(_READS.split())
_VERBS = _READING | frozenset(_WRITES.split())
_LOCAL = frozenset({
    "get_paginator", "get_waiter", "get_event_loop", "get_config", "get_option", "get_logger", "get_name", "get_url", "get_id", "get_type",
    "create_task", "read_only", "find", "find_element", "find_all", "find_elements", "update_config", "select_related", "get_or_create_eventloop",
})  # fmt: skip
"""Methods of clients that ask nobody."""
_ELSEWHEN = ("_nowait", "_iter", "_iterator", "_generator", "_paginator")  # they put into a queue, or ask while what they give is iterated over
_DEFERRING = frozenset({"run_async", "async_req", "nowait", "no_wait"})  # the call gives something to wait for later
_CLIENT = r"(^|_)(client|sdk)$|(^|_)api(_client|_resource|_instance)?$|[a-z](Client|Api)$"


@functools.lru_cache(maxsize=4096)
def has_evidence_for(method: str) -> bool:
    """Return whether the use of a method with this name may show what it does: a precondition of `infer_name`."""
    verb = method.partition("_")[0]
    is_special = method in _FILE_METHODS or method in _WAITING_COMMANDS or method == "execute" or method in _RUNNERS
    return is_special or (verb in _VERBS or method in _HTTP_VERBS) and method not in _LOCAL and not method.endswith(_ELSEWHEN)


def infer_name(site: CallSite, index: FileIndex, *, is_function: bool = False, is_shown: bool = True) -> str | None:
    """Return the catalogue name that fits the method call of an unknown receiver, judged by its spelling; None if there is no evidence.

    Args:
        is_function: Whether the receiver is a module, whose name is no evidence.
        is_shown: Whether the file shows where the receiver comes from; in coroutines, names are evidence only then.
    """
    func = site.node.func
    if not isinstance(func, ast.Attribute):
        return None
    name = _infer_name(site, func, index, is_function=is_function, is_shown=is_shown)
    return None if name is None or _is_test_client(func.value, site.scope, index) else name


def _infer_name(site: CallSite, func: ast.Attribute, index: FileIndex, *, is_function: bool, is_shown: bool) -> str | None:
    """The same, also where the receiver is a test client, which costs most to find out."""
    method = func.attr
    if any(keyword.arg in _DEFERRING for keyword in site.node.keywords):
        return None
    if is_used_as_response(site, index) and (site.node.args or site.node.keywords) and not site.scope.is_in_coroutine:
        return f"untyped.Session.{method}" if method in _HTTP_VERBS else _verb_of_wrapper(site.node, method)
    if not has_evidence_for(method):
        return None
    if method in _FILE_METHODS:
        return f"pathlib.Path.{method}" if _has_path_signature(site.node, method) else None
    if method in _RUNNERS and _gives_output_of_process(site):
        return "untyped.Subprocess.run"
    if method in _WAITING_COMMANDS:
        is_module = isinstance(func.value, ast.Attribute) and func.value.attr == "subprocess"
        return f"untyped.Subprocess.{method}" if is_module else None
    if method == "execute":
        return _google(site.node, func)
    verb = method.partition("_")[0]
    if _is_amazon(site.node, func):
        return _remote(verb)
    if method in _HTTP_VERBS and _is_http(site, func, index):
        return f"untyped.Session.{method}"
    if is_function or not is_shown and site.scope.is_in_coroutine:
        return None
    if "_" in method and verb in _VERBS and (site.node.args or site.node.keywords) and _is_shown_client(func.value, method, site, index) and not index.imported & TEST_CLIENT_PACKAGES:
        return None if index.uses_serial_device else _remote(verb)
    return None


def _is_test_client(receiver: ast.expr, scope: Scope, index: FileIndex) -> bool:
    """Whether a receiver is a test client, which calls the application itself: by how it is made, or what a test is given."""
    root = access_path(receiver)[0]
    if _is_made_as_test_client(root, scope):
        return True
    around = _definition_around(scope)
    if index.imported & TEST_CLIENT_PACKAGES and around is not None and around.owner is not None and isinstance(receiver, ast.Attribute) and root in around.parameters[:1]:
        if any(_is_given_by_test(value, home) for value, home in _given_to_constructor(around.owner, receiver.attr, index)):
            return True
    if around is None or not around.name.startswith("test"):
        return False
    is_method = around.owner is not None and not around.is_static
    if is_method and root == "self":
        return bool(index.imported & TEST_CLIENT_PACKAGES)
    return root in around.parameters[is_method:]


def _is_made_as_test_client(name: str, scope: Scope) -> bool:
    """Whether a name is bound to a new test client."""
    found = scope.find(name)
    return any(isinstance(binding, Assigned) and _makes_test_client(binding.entered or binding.value) for binding in (found[1] if found is not None else ()))


def _makes_test_client(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and last_name(value.func).lower().replace("_", "") in ("testclient", "apiclient")


def _definition_around(scope: Scope) -> Function | None:
    around: Scope | None = scope
    while around is not None and not (isinstance(around, Function) and isinstance(around.node, (ast.FunctionDef, ast.AsyncFunctionDef))):
        around = around.parent
    return around


def _given_to_constructor(cls: Class, attribute: str, index: FileIndex) -> Iterator[tuple[ast.expr, Scope]]:
    """Yield what the file gives the constructor of a class for the parameter that an attribute keeps, each with its scope."""
    for method, bound in cls.attributes.get(attribute, ()):
        if not isinstance(bound.value, ast.Name) or method.name != "__init__" or not isinstance(method, Function) or bound.value.id not in method.parameters:
            continue
        at = method.parameters.index(bound.value.id) - 1
        for site in index.by_name.get(cls.name, ()):
            keyword = next((one.value for one in site.node.keywords if one.arg == bound.value.id), None)
            if keyword is not None or len(site.node.args) > at:
                yield keyword or site.node.args[at], site.scope


def _is_given_by_test(value: ast.expr, scope: Scope) -> bool:
    """Whether a value is a test client: a fixture that a test or a fixture is given, or made as one."""
    if not isinstance(value, ast.Name):
        return _makes_test_client(value)
    around = _definition_around(scope)
    is_test = around is not None and (around.name.startswith("test") or any("fixture" in access_path(one)[-2:] for one in around.node.decorator_list))  # type: ignore[attr-defined]
    return is_test and around is not None and value.id in around.parameters or _is_made_as_test_client(value.id, scope)


def is_used_as_response(site: CallSite, index: FileIndex) -> bool:
    """Whether what a call gives is used as the answer to a request: its `status_code` or `raise_for_status`."""
    return site.node in index.answered or any(binding.value is site.node for binding in _response_bindings(site))


def _verb_of_wrapper(node: ast.Call, method: str) -> str:
    """What a method of another name than a verb of HTTP amounts to."""
    given = next((keyword.value for keyword in node.keywords if keyword.arg == "method"), None)
    is_asking = isinstance(given, ast.Constant) and str(given.value).upper() in ("GET", "HEAD", "OPTIONS") or method.partition("_")[0] in _READING
    return "untyped.Client.read" if is_asking else "untyped.Client.write"


def reads_bytes_of_other_class(name: str) -> bool:
    """Whether a qualified name is a `read_bytes` or its like of an object whose class is imported, and neither is called a path: of a parsed stream."""
    *owners, method = name.split(".")
    if method not in _FILE_METHODS or not any(part[:1].isupper() for part in owners):
        return False
    return not words(owners[-1]) & _PATHS and not owners[-1].lower().endswith(("path", "file", "dir"))


_PATHS = frozenset({"path", "paths", "p", "fp", "file", "files", "dir", "folder", "directory", "root", "source", "src", "target", "dst", "location", "output", "out"})


_RUNNERS = frozenset(
    f"{verb}{what}" for verb in ("run", "exec", "execute", "call") for what in ("", "_command", "_cmd", "_shell", "_process", "_program", "_shell_command")
)
"""Methods that run a command, if what they give is the output of a process."""


def _gives_output_of_process(site: CallSite) -> bool:
    """Whether what a call gives is taken apart like the result of a process: `rc, out, err = module.run_command(command)`."""
    for binder in site.scope.binders:
        match binder:
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=value) if value is site.node and 1 < len(parts) < 4:
                said = frozenset().union(*(words(part.id) for part in parts if isinstance(part, ast.Name)))
                return bool(said & _OUTPUTS) and bool(said & _CODES) and "stdin" not in said
            case _:
                pass
    return False


_OUTPUTS = frozenset({"out", "stdout", "output"})
_CODES = frozenset({"rc", "ret", "retcode", "returncode", "status", "exitcode", "exit", "code", "err", "stderr", "error", "errors"})


def _remote(verb: str) -> str:
    return "untyped.Client.read" if verb in _READING else "untyped.Client.write"


def _has_path_signature(node: ast.Call, method: str) -> bool:
    """Return whether a call has the arguments of pathlib's method; a parser's `read_bytes(4)` does not."""
    if any(keyword.arg not in _TEXT_KEYWORDS for keyword in node.keywords):
        return False
    match method, node.args:
        case "read_text" | "read_bytes", []:
            return True
        case "read_text", [ast.Constant(value=str(encoding))]:
            return encoding.lower().startswith(("utf", "latin", "ascii"))
        case "write_text" | "write_bytes", [_]:
            return True
        case _:
            return False


def _google(node: ast.Call, func: ast.Attribute) -> str | None:
    """Recognise `service.files().get(fileId=...).execute()`: a request of Google's discovery client."""
    match func.value:
        case ast.Call(func=ast.Attribute(value=ast.Call(func=ast.Attribute(), args=[]), attr=verb), args=[], keywords=[_, *_]):
            return f"googleapiclient.http.HttpRequest.{'read' if verb in _READING else 'write'}" if all(keyword.arg in ("num_retries", "http") for keyword in node.keywords) and not node.args else None
        case _:
            return None


_LONGEST_ACRONYM = 4  # `UUID=`; `MESSAGE=` is a field of a log


def _is_amazon(node: ast.Call, func: ast.Attribute) -> bool:
    """Return whether all arguments are named like AWS parameters: `Bucket=`, or `restApiId=` on a receiver called a client."""
    names = [keyword.arg for keyword in node.keywords if keyword.arg is not None]
    if node.args or not names or func.attr != func.attr.lower():
        return False
    if all(name[0].isupper() and name.isascii() and name.isalnum() for name in names):
        return not any(name.isupper() and len(name) > _LONGEST_ACRONYM for name in names)
    return "_" in func.attr and all(_has_camel_case(name) or name.islower() for name in names) and any(map(_has_camel_case, names)) and is_client(func.value)


def _has_camel_case(name: str) -> bool:
    return re.match(r"[a-z]+([A-Z][a-z0-9]+)+$", name) is not None


def _is_http(site: CallSite, func: ast.Attribute, index: FileIndex) -> bool:
    """Return whether a call has arguments that only HTTP has, or its result is used as a response."""
    node = site.node
    if not node.args and not any(keyword.arg == "url" for keyword in node.keywords):
        return False
    if any(keyword.arg in _HTTP_KEYWORDS for keyword in node.keywords):
        return True
    if is_used_as_response(site, index):
        return True
    return bool(node.args) and is_client(func.value) and not index.imported & TEST_CLIENT_PACKAGES and _is_url(node.args[-1 if func.attr == "request" else 0], site.scope)


def _response_bindings(site: CallSite) -> Iterator[Assigned]:
    """Yield the bindings in the call's scope that are used as responses: `r = s.get(u)` if `r.status_code` is read."""
    for name in site.scope.answers:
        yield from (binding for binding in site.scope.bindings.get(name, ()) if isinstance(binding, Assigned))


def _is_url(node: ast.expr, scope: Scope) -> bool:
    """Return whether a text starts like a URL or an absolute path, or is a name bound to such a text."""
    if isinstance(node, ast.Name):
        values = (binding.value for binding in scope.bindings.get(node.id, ()) if isinstance(binding, Assigned))
        return any(_begins_as_url(value) for value in values if value is not None)
    return _begins_as_url(node)


def _begins_as_url(node: ast.expr) -> bool:
    while True:
        match node:
            case ast.Constant(value=str(text)) | ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]):
                return text.startswith(("/", "http://", "https://"))
            case ast.Call(func=ast.Attribute(value=value, attr="format")) | ast.BinOp(left=value, op=ast.Mod() | ast.Add()):
                node = value
            case _:
                return False


def _is_shown_client(receiver: ast.expr, method: str, site: CallSite, index: FileIndex) -> bool:
    """Return whether a receiver is called a client.

    What is called `api`, no more, is as often the interface of the program itself, to what it has in memory: then the file must show that
    it is made by a call, or the method must be a transfer.
    """
    if not is_client(receiver):
        return False
    inner = receiver
    while isinstance(inner, (ast.Attribute, ast.Call)):
        if isinstance(inner, ast.Attribute) and _names_client(inner.attr):
            break
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    name = inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
    if name.strip("_").lower() != "api" or words(method) & _TRANSFERS:
        return True
    if isinstance(inner, ast.Attribute):
        around = _definition_around(site.scope)
        bound = around.owner.attributes.get(name, ()) if around is not None and around.owner is not None else ()
        return any(_is_made(binding.value) or isinstance(binding.value, ast.Name) and _is_annotated(binding.value.id, method) for method, binding in bound)
    found = site.scope.find(name)
    return found is not None and (_is_annotated(name, found[0]) or any(isinstance(binding, Assigned) and binding.value is not None for binding in found[1]))


def _is_made(value: ast.expr | None) -> bool:
    """Whether a value comes from a call, or from an attribute of another object: `api or Api()`."""
    return value is not None and any(isinstance(node, (ast.Call, ast.Attribute)) for node in walk(value))


def _is_annotated(name: str, scope: Scope) -> bool:
    """Whether a parameter is annotated with a class of a client, whose name says more than `API`."""
    args = scope.node.args if isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)) else None
    given = [*args.posonlyargs, *args.args, *args.kwonlyargs] if args is not None else []
    annotation = next((arg.annotation for arg in given if arg.arg == name), None)
    told = [last_name(node) for node in walk(annotation) if isinstance(node, (ast.Name, ast.Attribute))] if annotation is not None else []
    return any(_names_client(one) for one in told)


_TRANSFERS = frozenset({"download", "upload", "fetch"})


def is_client(node: ast.expr) -> bool:
    """Return whether a part of a dotted receiver is called a client: `self._compute_client`, `client.documents`."""
    while True:
        match node:
            case ast.Attribute(value=value, attr=name):
                if _names_client(name):
                    return True
                node = value
            case ast.Call(func=func):
                node = func
            case ast.Name(id=name):
                return _names_client(name)
            case _:
                return False


@functools.lru_cache(maxsize=4096)
def _names_client(name: str) -> bool:
    return re.search(_CLIENT, name) is not None
