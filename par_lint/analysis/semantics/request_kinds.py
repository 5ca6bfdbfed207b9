"""The kind of a network call that takes longer than a look-up: an upload, a download, a request to a language model."""

from __future__ import annotations

import ast
import re

from par_lint.analysis.semantics.access_path import last_name
from par_lint.analysis.semantics.bindings import Assigned
from par_lint.analysis.semantics.scopes import Binding, Function, Scope

_COMPLETION = re.compile(
    r"/completions\b|/api/(generate|chat|pull|embed)(?![\w.])|/v1/(messages|responses|complete)\b|/images/(generations|edits)\b"
    r"|/audio/(speech|transcriptions|translations)\b|:generateContent|:streamGenerateContent|api-inference\.huggingface\.co"
    r"|[/:](rawP|p)redict\b|/invocations\b|/v2/models/.*/infer\b"
)
_QUERY = re.compile(r"/sparql\b|overpass[\w./-]*/interpreter|//eutils\.ncbi\.|\be(fetch|search|summary|link)\b|//(www\.)?ebi\.ac\.uk/|//rest\.ensembl|//web\.archive\.org/save")
"""Public archives that compute their answers, for many at a time: they are slow to begin."""
_NAMED_AFTER_MODELS = re.compile(r"(^|_)(predict|prediction|inference|completions?)_(url|uri|route|path|endpoint)$", re.IGNORECASE)
_NAMED_AFTER_QUERIES = re.compile(r"sparql|(^|_)(query|update)_(endpoint|service)", re.IGNORECASE)
_SERVER_OF_MODELS = ":11434"  # ollama's port
_LOOK_UP = re.compile(r"/(tags|ps|show|version|models|delete|copy)\b")
_OF_MODELS = (
    {"inputs"}, {"messages", "model"}, {"messages", "max_tokens"}, {"prompt", "max_tokens"}, {"prompt", "max_length"}, {"prompt", "max_new_tokens"},
    {"prompt", "n_predict"}, {"prompt", "model"}, {"prompt", "temperature"},
)  # fmt: skip
"""Keys that together identify a request to a language model."""
_WAITS = re.compile(r"(long_?)?poll(ing)?(_?time(out)?)?|timeout|wait|wait_?(time|for|seconds)|duration|block", re.IGNORECASE)
_WAITS_IN_ADDRESS = re.compile(r"[?&](timeout|wait|duration|poll)=(\d*)")
_SUFFIX = re.compile(r"_?(secs?|seconds|ms)$|_s$")
_LONG_CALLS = re.compile(r"Profil|Wait|Run|Exec|Train|Fit|Benchmark|Backup|Restore|Migrat|Build|Compile|Install|Start|Launch|Deploy|Drain|Compact")
_MODEL_CALLS = re.compile(r"Generate|Complet|Predict|Infer|Embed|Chat|Transcri|Synthes")
_LARGE_CALLS = re.compile(r"Export|Import|Upload|Download|Batch|Bulk|Query|Search|Match|Scan|Sync|Dump|Load")
_SEGMENTS = 3  # the maximum number of steps from an address to its text


def request_kind(node: ast.Call, scope: Scope) -> str:
    """Return `completion`, `upload`, `download` or `network`, the names of rows of `[tool.par-lint.timeouts]`."""
    address = _address(node, scope)
    names = [last_name(inner) for inner in _parts(node, scope) if isinstance(inner, (ast.Name, ast.Attribute))]
    if any(map(_NAMED_AFTER_MODELS.search, names)):
        return "completion"
    if _COMPLETION.search(address) or _SERVER_OF_MODELS in address and not _LOOK_UP.search(address):
        return "completion"
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    sent = request_body(node, scope)
    if any(isinstance(one, ast.Name) and _is_sent_to_model(one.id, node, scope) for one in sent):
        return "completion"
    if any(_is_model_request(value, scope, _SEGMENTS) for value in sent):
        return "completion"
    if "files" in named and not _is_nothing(named["files"]) or "data" in named and _is_of_file(named["data"], scope, _SEGMENTS):
        return "upload"
    stream = named.get("stream")
    is_slow = _QUERY.search(address) is not None or any(map(_NAMED_AFTER_QUERIES.search, names))
    return "download" if isinstance(stream, ast.Constant) and stream.value is True or is_slow else "network"


def is_local_file(node: ast.Call, scope: Scope) -> bool:
    """Return whether a request reads a file of this machine: its address starts with `file:`, or is made from a path."""
    for address in _addresses(node)[:1]:
        for value in (address, *(one.value for _, one in _bound(address, scope))):
            if isinstance(value, ast.Call) and last_name(value.func) == "Request" and value.args:
                value = value.args[0]
            if isinstance(value, ast.Call) and last_name(value.func) == "as_uri" or value is not None and _first_text(value).startswith("file:"):
                return True
    return False


def _first_text(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.BinOp(left=left):
            return _first_text(left)
        case ast.JoinedStr(values=[first, *_]):
            return _first_text(first)
        case ast.Call(func=ast.Attribute(value=value, attr="format")):
            return _first_text(value)
        case ast.Call(func=func, args=[first, *_]) if last_name(func) == "urljoin":
            return _first_text(first)
        case _:
            return ""


def remote_kind(method: str) -> str | None:
    """Return the row of the limits for a method of a gRPC service; None where it takes as long as what it starts."""
    if _LONG_CALLS.search(method):
        return None
    return "completion" if _MODEL_CALLS.search(method) else "download" if _LARGE_CALLS.search(method) else "network"


def server_wait_seconds(node: ast.Call, scope: Scope) -> int | None:
    """Return how many seconds a request asks the server to wait before it answers: 0 if it does not, None if the file does not show it.

    `requests.get(url, params={"timeout": 100})` is a long poll.
    """
    shown = _WAITS_IN_ADDRESS.search(_address(node, scope))
    if shown is not None:
        return int(shown[2]) if shown[2] else None
    for name, value in _parameters(node, scope):
        if _WAITS.fullmatch(_SUFFIX.sub("", name)):
            number = value.value if isinstance(value, ast.Constant) else None
            if isinstance(number, bool) or value is None or isinstance(value, ast.Constant) and not isinstance(number, (int, float)):
                continue
            return int(number) // (1000 if name.lower().endswith("ms") else 1) if isinstance(number, (int, float)) else None
    return 0


def _parameters(node: ast.Call, scope: Scope) -> list[tuple[str, ast.expr]]:
    """What a request sends by name: the parameters of its address, its record, the message that a remote call is given."""
    sent = [keyword.value for keyword in node.keywords if keyword.arg in ("params", "json", "data")] + request_body(node, scope)
    values = [one.value for value in sent for _, one in _bound(value, scope) if one.value is not None]
    found: list[tuple[str, ast.expr]] = []
    for value in (*sent, *values):
        if isinstance(value, ast.Dict):
            pairs = zip(value.keys, value.values, strict=True)
            found += [(key.value, item) for key, item in pairs if isinstance(key, ast.Constant) and isinstance(key.value, str)]
        elif isinstance(value, ast.Call) and last_name(value.func) == "dict":
            found += [(keyword.arg, keyword.value) for keyword in value.keywords if keyword.arg is not None]
    for arg in node.args[:1]:
        if isinstance(arg, ast.Call) and last_name(arg.func)[:1].isupper():
            found += [(keyword.arg, keyword.value) for keyword in arg.keywords if keyword.arg is not None]
    return found


def _is_sent_to_model(name: str, node: ast.Call, scope: Scope) -> bool:
    """Whether another request of a function sends the same to a language model, as one that was redirected does."""
    for site in scope.calls:
        given = {keyword.value.id for keyword in site.node.keywords if keyword.arg in ("json", "data") and isinstance(keyword.value, ast.Name)}
        if site.node is not node and name in given and _COMPLETION.search(_address(site.node, scope)):
            return True
    return False


def _address(node: ast.Call, scope: Scope) -> str:
    """All texts that the address of a request is made of."""
    return " ".join(text for address in _addresses(node) for text in _texts(address, scope, _SEGMENTS))


def _parts(node: ast.Call, scope: Scope) -> list[ast.AST]:
    """The nodes of the address of a request, and of the value of a name that it is."""
    found = [*_addresses(node)[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "url")]
    return [inner for one in found for value in (one, *(bound.value for _, bound in _bound(one, scope))) if value is not None for inner in ast.walk(value)]


def _addresses(node: ast.Call) -> list[ast.expr]:
    return [*node.args[:2], *(keyword.value for keyword in node.keywords if keyword.arg == "url")]


def request_body(node: ast.Call, scope: Scope) -> list[ast.expr]:
    """What a request sends, itself or by the `Request` that it is given."""
    sent = [keyword.value for keyword in node.keywords if keyword.arg in ("json", "data")]
    for made in (value for address in _addresses(node) for value in (address, *(one.value for _, one in _bound(address, scope)))):
        if isinstance(made, ast.Call) and last_name(made.func) == "Request":
            sent += [*made.args[1:2], *(keyword.value for keyword in made.keywords if keyword.arg == "data")]
    return sent + (node.args[1:2] if last_name(node.func) == "urlopen" else [])


def _is_nothing(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _texts(node: ast.expr, scope: Scope, depth: int) -> list[str]:
    """Yield the strings in the expression of an address."""
    found = []
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            found.append(inner.value)
        elif isinstance(inner, (ast.Name, ast.Attribute)) and depth:
            values = [one.value for _, one in _bound(inner, scope) if one.value is not None]
            shown = [value for value in values if not isinstance(value, ast.Call) or last_name(value.func) in ("Request", "format", "get", "getenv")]
            found += [text for value in shown for text in _texts(value, scope, depth - 1)]
    return found


def _bound(node: ast.expr, scope: Scope) -> list[tuple[Scope, Assigned]]:
    """Return the value of a name, or of an attribute of `self` or `cls`."""
    home: Scope | None = scope
    bindings: list[tuple[Scope, Binding]] = []
    match node:
        case ast.Name(id=name):
            found = scope.find(name)
            bindings = [(found[0], one) for one in found[1]] if found is not None else []
        case ast.Attribute(value=ast.Name("self" | "cls"), attr=name):
            while home is not None and not (isinstance(home, Function) and home.owner is not None):
                home = home.parent
            if isinstance(home, Function) and home.owner is not None:
                owner = home.owner
                bindings = [*owner.attributes.get(name, ()), *((owner, one) for one in owner.bindings.get(name, ()))]
        case _:
            pass
    return [(place, one) for place, one in bindings if isinstance(one, Assigned)]


def _is_model_request(node: ast.expr, scope: Scope, depth: int) -> bool:
    """Whether the sent data has the keys of a request to a language model."""
    match node:
        case ast.Dict(keys=keys):
            given = {key.value for key in keys if isinstance(key, ast.Constant)}
            return any(together <= given for together in _OF_MODELS)
        case ast.Call(func=ast.Attribute(attr="dumps" | "encode") as func, args=args):
            return any(_is_model_request(value, scope, depth) for value in (*args[:1], func.value))
        case ast.Name() if depth:
            return any(_is_model_request(one.value, place, depth - 1) for place, one in _bound(node, scope) if one.value is not None)
        case _:
            return False


def _is_of_file(node: ast.expr, scope: Scope, depth: int) -> bool:
    """Whether the sent data is an open file, its contents, or an object around one, such as a reader with a progress bar."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr="read"), args=[]):
            return _is_of_file(value, scope, depth)
        case ast.Call(func=func, args=args):
            name = last_name(func)
            return name in ("open", "read_bytes") or name[:1].isupper() and any(_is_of_file(arg, scope, depth) for arg in args if isinstance(arg, ast.Name))
        case ast.Name() if depth:
            made = [value for _, one in _bound(node, scope) for value in (one.value, one.entered)]
            return any(isinstance(value, ast.Call) and _is_of_file(value, scope, depth - 1) for value in made)
        case _:
            return False
