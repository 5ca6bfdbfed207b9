"""Names that suggest what an awaited call does, if neither the file nor the catalogue shows it.

A coroutine usually waits for something: awaiting a method `download` of the item, or any method of a `client`, waits for a file or the
network. The list is short and conservative; it excludes names for work in memory and for ordered operations.
"""

from __future__ import annotations

import functools
import re

_TRANSFERS = frozenset({"download", "upload", "fetch", "scrape", "crawl", "request", "embedding", "embed", "aembed", "acompletion", "ainvoke", "agenerate"})
"""Verbs for blocking work on any receiver."""
_ITEM_VERBS = _TRANSFERS | {"remove", "delete", "retrieve", "store", "touch", "unlink", "send", "archive", "pull", "push", "upsert"}
"""Verbs for blocking work on the item itself."""
_STORE_VERBS = _TRANSFERS | {"upsert", "delete", "retrieve", "insert", "acreate", "create", "put", "get"}
_CLIENTS = frozenset({"client", "clients", "api", "http", "openai", "anthropic", "s3", "llm", "embeddings", "sdk"})
"""Receivers all of whose methods are requests."""
_STORES = frozenset({"collection", "bucket", "storage", "blob"})
CLIENT_CLASSES = frozenset({"client", "api", "sdk", "openai", "anthropic", "llm", "embeddings", "embedder", "bucket", "redis", "valkey"})
"""Words of classes whose objects ask something elsewhere."""
STORE_CLASSES = frozenset({"storage", "store"})
"""Words of classes whose objects keep files here or elsewhere: only a transfer is one by its name."""
_REDIS = frozenset(
    "hset hget hmset hmget hgetall hdel hincrby hkeys hvals hexists sadd srem smembers sismember scard zadd zrem zrange zrangebyscore zscore zcard zincrby"
    " lpush rpush lpop rpop llen lrange lrem ltrim expire expireat pexpire ttl incr incrby decr decrby setex setnx getset getdel mget mset xadd xack xdel xlen"
    " xread xreadgroup xrange xtrim xclaim xautoclaim xpending xgroup_create xgroup_destroy xgroup_delconsumer xgroup_setid xinfo_stream xinfo_groups"
    " xinfo_consumers".split()
)  # fmt: skip
"""Commands of Redis whose names nothing else has."""
_REQUEST_VERBS = _TRANSFERS | frozenset(
    "get list describe show search query scan head read find lookup select count create delete update put patch post send insert upsert remove copy publish"
    " submit replace resolve invoke generate complete completion completions chat predict apredict acomplete achat stream embeddings translate summarize"
    " transcribe moderate rerank check load save export import store retrieve add set info status run execute call ask tell answer".split()
)  # fmt: skip
"""Verbs of requests, for methods of a class that is called a client."""
_UNMISTAKABLE = frozenset({"download", "upload", "fetch", "scrape", "crawl"})
_FILE_VERBS = _UNMISTAKABLE | {"retrieve", "remove", "delete", "unlink", "touch", "archive", "store"}
_EMBEDDING = frozenset({"embed", "aembed"})
_GENERIC = frozenset({"item", "items", "node", "nodes", "element", "entry", "obj", "object", "writer", "value", "x", "it"})
"""Names of items that say nothing of what they are."""
_CONNECTIONS = frozenset({
    "conn", "connection", "db", "database", "session", "cursor", "ws", "websocket", "socket", "page", "browser", "channel", "stream", "pipe",
    "transaction", "tx", "tg", "protocol", "transport", "reader", "writer", "queue", "lock", "cache", "loop", "pool", "bus", "event", "events",
    "test", "mock", "table",
})  # fmt: skip
_MANAGING = frozenset({
    "close", "aclose", "connect", "disconnect", "start", "stop", "wait", "sleep", "subscribe", "unsubscribe", "login", "logout", "publish", "init",
    "initialize", "setup", "shutdown", "release", "acquire", "join", "cancel", "drain", "flush", "notify", "emit", "dispatch", "register", "process",
    "handle", "on", "enqueue", "trigger", "refresh", "db", "database", "sql",
})  # fmt: skip
"""Verbs of a life cycle or of events: done once, or in order. Names for databases are here because they share one session."""
_ORDERED = frozenset({"send", "write", "set", "press", "command", "type", "click", "turn", "move"})
"""Verbs of a conversation with one partner, which must stay in order."""
_PARTS = frozenset({"entity", "entities", "task", "tasks", "timer", "listener", "handler", "callback", "plugin", "plugins", "cog", "extension", "module",
                    "service", "hook", "widget", "widgets", "button", "dialog", "panel", "toast", "popup", "modal", "tab", "spinner", "label", "overlay",
                    "screen", "window", "menu"})  # fmt: skip
"""Items that are parts of the running program or of its user interface, not external files or resources."""
SERIAL_DEVICES = frozenset({"bleak", "bluetooth", "serial", "modbus", "pymodbus", "usb", "zigpy", "telnetlib", "smbus", "gatt", "can"})
"""Words in the names of modules for serial devices: a "client" in a file that imports them is a single connection."""


@functools.lru_cache(maxsize=4096)
def words(name: str) -> frozenset[str]:
    """Return the words of a name in lower case, for `aembed_documents` as well as `sendJson`."""
    return frozenset(part.lower() for part in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name))


_PARTNERS = frozenset({"ws", "websocket", "websockets", "socket", "client", "connection", "conn", "peer", "subscriber", "viewer"})
_FRAMES = frozenset({"send_text", "send_json", "send_str", "send_bytes"})


def is_broadcast(receiver: str, method: str) -> bool:
    """Whether an item is a websocket that something is sent to: the methods are those of the web frameworks."""
    return method in _FRAMES and bool(words(receiver) & _PARTNERS)


def is_certainly_io(receiver: str, method: str, *, is_item: bool, is_imported: bool) -> bool:
    """Return whether the names alone show that a call does I/O: an imported function that downloads, an item that is a file and is removed.

    Args:
        receiver: The name of the receiver; empty for a function.
        is_item: Whether the receiver is the item of a loop.
        is_imported: Whether the function is imported.
    """
    verb, owner = words(method), words(receiver)
    if not receiver:
        return is_imported and bool(verb & _UNMISTAKABLE)
    return is_item and bool(verb & (_FILE_VERBS | _EMBEDDING)) and not owner & (_PARTS | _CONNECTIONS | _GENERIC | {"part", "parts"})


def is_request(receiver: str, method: str) -> bool:
    """Return whether a method of a client class is a request, judged by its verb, and the client is not a connection, judged by its name."""
    verb = words(method)
    is_asking = bool(verb & _REQUEST_VERBS) and not verb & (_MANAGING | _ORDERED)
    return (is_asking or method.lower() in _REDIS) and not words(receiver) & _CONNECTIONS


def is_request_of(owner: str, method: str) -> bool:
    """Whether the class in a qualified name is one of clients by its name, or one of stores to and from which a method transfers something.

    A client's attributes are the groups of its requests: `WorkClient.tools.delete`.
    """
    cls = next((part for part in reversed(owner.split(".")) if part[:1].isupper()), "")
    kind = words(cls)
    return not cls.isupper() and bool(kind & CLIENT_CLASSES or kind & STORE_CLASSES and words(method) & _UNMISTAKABLE)


def suggests_io(receiver: str, method: str, *, is_item: bool) -> bool:
    """Return whether awaiting `receiver.method(...)` waits for a file or the network, judged by names; `is_item`: the receiver is the item."""
    verb, owner = words(method), words(receiver)
    if verb & _MANAGING or owner & _CONNECTIONS and not is_item:
        return False
    if is_item:
        return bool(verb & _ITEM_VERBS) and not owner & _PARTS
    if verb & _ORDERED:
        return False
    if owner & _CLIENTS or owner & _STORES and verb & _STORE_VERBS:
        return True
    return bool(verb & _TRANSFERS)
