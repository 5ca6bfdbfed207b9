"""`as_loop`: what comes of it is what a loop would do, whatever the items are, whatever happens to them, and wherever it stands."""

from __future__ import annotations

import array
import collections
import contextlib
import errno
import gc
import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import types
import weakref
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from par_lint import parallel
from par_lint.parallel import run_parallel

Body = Callable[[Any, Any, Any], None]


class Walk(list):  # type: ignore[type-arg]
    """A list that says when an item is taken."""

    def __init__(self, items: Iterable[Any], log: list[Any]) -> None:
        super().__init__(items)
        self.log = log

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self.log.append(("taken", item))
            yield item


def plain(func: Callable[[Any], Any], items: Any) -> Iterator[tuple[Any, Any, None]]:
    """What `as_loop` stands for."""
    for item in items:
        yield item, func(item), None


def ahead(func: Callable[[Any], Any], items: Any) -> Any:
    return run_parallel(func, items, max_workers=4, as_loop=True)


def trace(run: Any, make: Callable[[], Any], body: Body, func: Callable[[Any], Any]) -> list[Any]:
    """Run a loop with a body; return what the body saw, and how the loop ended."""
    items, seen = make(), []
    try:
        for item, result, _ in run(func, items):
            seen.append((item, result))
            body(items, item, seen)
    except BaseException as error:  # noqa: B036 - it is compared
        seen.append((type(error), error.args))
    left = list(items) if isinstance(items, Iterator) else None
    return [*seen, left]


def nap(item: Any) -> Any:
    time.sleep(0.003)
    return ("result", item)


def fail_at(*bad: Any, kind: type[BaseException] = ValueError) -> Callable[[Any], Any]:
    def work(item: Any) -> Any:
        time.sleep(0.003)
        if item in bad:
            raise kind(item)
        return item
    return work


def nothing(items: Any, item: Any, seen: Any) -> None:
    pass


SOURCES: dict[str, Callable[[], Any]] = {
    "list": lambda: list(range(12)),
    "tuple": lambda: tuple(range(12)),
    "dict": lambda: dict.fromkeys(range(12)),
    "keys": lambda: dict.fromkeys(range(12)).keys(),
    "values": lambda: dict(enumerate("abcdefghij")).values(),
    "items": lambda: dict(enumerate("abcdefghij")).items(),
    "set": lambda: set(range(12)),
    "frozenset": lambda: frozenset(range(12)),
    "range": lambda: range(1000, 1012),
    "huge range": lambda: range(10**15),
    "str": lambda: "äöüabcdefg",
    "bytes": lambda: bytes(range(12)),
    "bytearray": lambda: bytearray(range(12)),
    "deque": lambda: collections.deque(range(12)),
    "array": lambda: array.array("d", [1000.5, float("inf"), 3, 4, 5, 6]),
    "Counter": lambda: collections.Counter("abcdefgh"),
    "OrderedDict": lambda: collections.OrderedDict.fromkeys(range(12)),
    "generator": lambda: (number for number in range(12)),
    "map": lambda: map(abs, range(-12, 0)),
    "file": lambda: iter(["a\n", "b\n", "c\n", "d\n"]),
    "count": lambda: itertools.count(),
    "empty": lambda: [],
}


def stop_after(count: int) -> Body:
    def body(items: Any, item: Any, seen: Any) -> None:
        if len(seen) >= count:
            raise LookupError("the body")
    return body


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("count", [1, 4, 9])
def test_an_error_of_the_body_leaves_the_items_where_the_loop_would(source: str, count: int) -> None:
    results = [trace(run, lambda: itertools.islice(SOURCES[source](), 50) if source == "count" else SOURCES[source](), stop_after(count), nap)
               for run in (plain, ahead)]
    assert results[0] == results[1]


@pytest.mark.parametrize("source", [source for source in SOURCES if source not in ("count", "huge range")])
@pytest.mark.parametrize("kind", [ValueError, StopIteration, KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("bad", [(), (0,), (3, 4, 5), range(2000)])
def test_errors_of_items_come_at_their_places(source: str, kind: type[BaseException], bad: Any) -> None:
    if kind is StopIteration and bad:  # a generator cannot raise it
        kind = IndexError
    results = [trace(run, SOURCES[source], nothing, fail_at(*bad, kind=kind)) for run in (plain, ahead)]
    assert results[0] == results[1]


@pytest.mark.parametrize("source", ["list", "tuple", "dict", "keys", "set", "range", "huge range", "deque", "array", "bytearray", "OrderedDict"])
def test_collections_are_read_ahead(source: str) -> None:
    threads = set()

    def work(item: Any) -> Any:
        threads.add(threading.get_ident())
        time.sleep(0.02)
        return item
    for _ in itertools.islice(ahead(work, SOURCES[source]()), 6):
        pass
    assert len(threads) > 1


@pytest.mark.parametrize("make", [lambda log: Walk(range(8), log), lambda log: map(lambda n: log.append(("taken", n)) or n, range(8))])
def test_what_is_no_collection_is_taken_in_its_turn(make: Callable[[list[Any]], Any]) -> None:
    log: list[Any] = []
    for item, _, _ in ahead(lambda item: log.append(("run", item)), make(log)):
        log.append(("body", item))
    assert log == [(what, number) for number in range(8) for what in ("taken", "run", "body")]


def grow(items: Any, item: Any, seen: Any) -> None:
    if len(seen) < 15:
        items.append(100 + len(seen))


def shrink(items: Any, item: Any, seen: Any) -> None:
    items.pop(0)


def cut(items: Any, item: Any, seen: Any) -> None:
    del items[6:]


def insert(items: Any, item: Any, seen: Any) -> None:
    if len(seen) == 3:
        items.insert(5, "new")


def replace(items: Any, item: Any, seen: Any) -> None:
    if len(seen) == 2:
        items[len(seen) + 1] = "new"


def shuffle(items: Any, item: Any, seen: Any) -> None:
    items.reverse()


def clear(items: Any, item: Any, seen: Any) -> None:
    items.clear()


@pytest.mark.parametrize("body", [grow, shrink, cut, insert, replace, shuffle, clear])
def test_a_list_that_changes_is_noticed(body: Body) -> None:
    results = [trace(run, lambda: list(range(12)), body, nap) for run in (plain, ahead)]
    assert results[0] == results[1]


def set_key(items: Any, item: Any, seen: Any) -> None:
    if len(seen) == 3:
        items["new"] = 1


def set_value(items: Any, item: Any, seen: Any) -> None:
    items[item] = "new"


def drop_key(items: Any, item: Any, seen: Any) -> None:
    if len(seen) == 4:
        del items[item]


@pytest.mark.parametrize("body", [set_key, set_value, drop_key])
@pytest.mark.parametrize("kind", [dict, collections.OrderedDict, collections.Counter])
def test_a_dict_that_changes_raises_where_the_loop_would(body: Body, kind: Any) -> None:
    results = [trace(run, lambda: kind(dict.fromkeys("abcdefgh", 0)), body, nap) for run in (plain, ahead)]
    assert results[0] == results[1]


def test_the_values_of_a_dict_that_change_are_noticed() -> None:
    def run_over(run: Any) -> list[Any]:
        table = {number: str(number) for number in range(10)}
        seen = []
        for (key, value), result, _ in run(nap, table.items()):
            seen.append((key, value, result))
            table[(key + 3) % 10] = f"new {key}"
        return seen
    assert run_over(plain) == run_over(ahead)


@pytest.mark.parametrize("change", [lambda items: items.append(9), lambda items: items.popleft(), lambda items: items.rotate(1)])
def test_a_deque_that_changes_does_as_in_a_loop(change: Callable[[Any], None]) -> None:
    results = [trace(run, lambda: collections.deque(range(8)), lambda items, item, seen: change(items), nap) for run in (plain, ahead)]
    assert results[0] == results[1]


def test_errors_come_as_outcomes_if_asked_for() -> None:
    for make in (lambda: list(range(6)), lambda: iter(range(6))):
        outcomes = list(run_parallel(fail_at(1, 4), make(), max_workers=4, as_loop=True, fail_fast=False))
        assert [outcome.item for outcome in outcomes] == list(range(6))
        assert [type(outcome.error) for outcome in outcomes if outcome.error is not None] == [ValueError, ValueError]
        with pytest.raises(SystemExit):
            list(run_parallel(fail_at(3, kind=SystemExit), make(), max_workers=4, as_loop=True, fail_fast=False))


@pytest.mark.parametrize("how", ["break", "error", "Ctrl-C", "close"])
def test_leaving_waits_for_nobody(how: str) -> None:
    release = threading.Event()

    def work(item: int) -> int:
        if item:
            release.wait(60)
        return item
    began = time.monotonic()
    stream = ahead(work, list(range(40)))
    try:
        for _ in stream:
            if how == "break":
                break
            if how == "error":
                raise ValueError
            if how == "Ctrl-C":
                raise KeyboardInterrupt
            break
    except (ValueError, KeyboardInterrupt):
        pass
    del stream
    gc.collect()
    assert time.monotonic() - began < 30
    release.set()


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timer")
def test_a_signal_handler_raises_at_once() -> None:
    def ring(*_: object) -> None:
        raise TimeoutError("rang")
    handler = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(TimeoutError, match="rang"):
            list(ahead(lambda _: time.sleep(0.3), list(range(40))))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)


class Shop:
    """Has a method that takes a lock which its caller holds."""

    def __init__(self, lock: Any) -> None:
        self.lock = lock

    def load(self, item: int) -> int:
        time.sleep(0.005)
        with self.lock:
            return -item

    def load_all(self, count: int) -> list[int]:
        with self.lock:
            return [result for _, result, _ in ahead(self.load, list(range(count)))]


LOCK = threading.RLock()


def load(item: int) -> int:
    time.sleep(0.005)
    with LOCK:
        return -item


@pytest.mark.parametrize("make", [threading.RLock, threading.Condition])
def test_a_lock_of_an_object_that_the_caller_holds_is_no_deadlock(make: Any) -> None:
    assert ends(lambda: Shop(make()).load_all(20)) == [-number for number in range(20)]


def test_a_lock_of_a_module_that_the_caller_holds_is_no_deadlock() -> None:
    def run() -> list[int]:
        with LOCK:
            return [result for _, result, _ in ahead(load, list(range(20)))]
    assert ends(run) == [-number for number in range(20)]


@pytest.mark.parametrize("levels", [1, 3])
def test_a_lock_far_below_what_an_item_looks_at_is_no_deadlock(levels: int) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells where a thread sleeps")
    lock: Any = threading.RLock()
    holder: Any = lock
    for _ in range(levels):
        holder = types.SimpleNamespace(inner=types.SimpleNamespace(held=[holder]))

    def find(holder: Any) -> Any:
        return holder if holder is lock else find(holder.inner.held[0])

    def work(item: int) -> int:
        time.sleep(0.005)
        with find(holder):
            return -item

    def run() -> list[int]:
        with lock:
            return [result for _, result, _ in ahead(work, list(range(20)))]
    assert ends(run) == [-number for number in range(20)]


@pytest.mark.parametrize("make", [multiprocessing.RLock, lambda: multiprocessing.Value("i").get_lock(), multiprocessing.Condition])
@pytest.mark.parametrize("is_told", [True, False])
def test_a_lock_of_multiprocessing_that_the_caller_holds_is_no_deadlock(make: Any, is_told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not is_told:
        monkeypatch.setattr(parallel, "open", raise_missing, raising=False)
    assert ends(lambda: Shop(make()).load_all(20)) == [-number for number in range(20)]


def raise_missing(*_: Any, **options: Any) -> Any:
    raise FileNotFoundError


@pytest.mark.parametrize("make", [threading.RLock, threading.Condition])
def test_locks_are_seen_where_the_system_does_not_tell_who_sleeps(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "open", raise_missing, raising=False)
    assert ends(lambda: Shop(make()).load_all(20)) == [-number for number in range(20)]


def compute(seconds: float) -> None:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


@pytest.mark.parametrize("work", [time.sleep, compute, lambda seconds: subprocess.run([sys.executable, "-c", f"import time; time.sleep({seconds})"], check=True)])
@pytest.mark.parametrize("make", [list, iter])
def test_slow_items_that_wait_for_no_lock_run_once(work: Callable[[float], object], make: Any) -> None:
    calls: list[int] = []

    def run(item: int) -> int:
        calls.append(item)
        work(0.7 if item in (3, 4) else 0.02)
        return item
    stream = run_parallel(run, make(range(8)), max_workers=4, as_loop=True, stream=True)
    assert [result for _, result, _ in stream] == list(range(8))
    assert sorted(calls) == list(range(8))


def test_after_a_lock_that_comes_free_it_goes_on_with_helpers() -> None:
    lock, threads = threading.Lock(), set()
    lock.acquire()
    threading.Timer(1.2, lock.release).start()

    def work(item: int) -> int:
        time.sleep(0.02)
        if item == 5:
            with lock:
                pass
        if item > 15:
            threads.add(threading.get_ident())
        return item
    assert [result for _, result, _ in ahead(work, list(range(40)))] == list(range(40))
    assert len(threads) > 1


def test_a_lock_that_another_thread_holds_is_waited_for() -> None:
    lock, calls = threading.RLock(), []
    lock.acquire()

    def work(item: int) -> int:
        calls.append(item)
        if item > 2:
            with other:
                pass
        return item
    other = threading.Lock()
    other.acquire()
    threading.Timer(1.3, other.release).start()
    lock.release()
    assert [result for _, result, _ in ahead(work, list(range(12)))] == list(range(12))
    assert sorted(calls) == list(range(12))  # none twice


def ends(run: Callable[[], Any]) -> Any:
    """Run in a thread; return what comes of it, if it ends."""
    given: list[Any] = []
    thread = threading.Thread(target=lambda: given.append(run()), daemon=True)
    thread.start()
    thread.join(30)
    assert given, "it hangs"
    return given[0]


def test_during_an_import_it_is_a_plain_loop(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text(
        f"import threading, time\nfrom {parallel.__name__} import run_parallel\n"
        "def read(number):\n"
        "    time.sleep(0.01)\n"
        "    from package import part\n"
        "    return part.VALUE + number, threading.get_ident()\n"
        "VALUES = [result for _, result, _ in run_parallel(read, [1, 2, 3, 4, 5], as_loop=True)]\n"
    )
    (tmp_path / "package" / "part.py").write_text("VALUE = 7\n")
    code = "import threading, package; print([v for v, _ in package.VALUES], {t for _, t in package.VALUES} == {threading.get_ident()})"
    root = str(Path(parallel.__file__).parents[1])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path,
                          env={"PYTHONPATH": f"{tmp_path}:{root}", "PATH": ""})
    assert done.stdout == "[8, 9, 10, 11, 12] True\n", done.stderr


@pytest.mark.parametrize("options", [
    {"timeout": 1}, {"desc": "x"}, {"window": 3}, {"ordered": False}, {"per_second": 3}, {"limit_by": (abs, 1)},
    {"progress": print}, {"initializer": print}, {"executor": types.SimpleNamespace(submit=print)},
])  # fmt: skip
def test_other_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="as_loop|ordered|executor"):
        run_parallel(abs, [1], as_loop=True, **options)


class Big:
    """An item that can be watched."""


@pytest.mark.parametrize("kind", [ValueError, SystemExit])
def test_an_error_makes_no_cycle(kind: type[BaseException]) -> None:
    def run() -> list[weakref.ref[Big]]:
        items = [Big() for _ in range(8)]
        alive = [weakref.ref(item) for item in items]

        def work(item: Big) -> None:
            time.sleep(0.002)
            raise kind(item)
        try:
            for _ in ahead(work, items):
                pass
        except kind:
            pass
        return alive
    gc.disable()
    try:
        alive = run()
        until = time.monotonic() + 10
        while any(ref() for ref in alive) and time.monotonic() < until:
            time.sleep(0.002)
        assert not any(ref() for ref in alive)
    finally:
        gc.enable()


# ---- What the loop would have had: context, files, memory, threads ----------------------------------------------------


def chain(error: BaseException | None) -> list[str]:
    names: list[str] = []
    while error is not None and len(names) < 9:
        names.append(f"{type(error).__name__} {error.args}")
        error = error.__context__
    return names


def fail_plainly(item: int) -> None:
    raise LookupError(item)


def fail_in_a_handler(item: int) -> None:
    try:
        raise KeyError(item)
    except KeyError:
        raise LookupError(item)  # noqa: B904 - its context is what this is about


def fail_with_a_cause(item: int) -> None:
    try:
        raise KeyError(item)
    except KeyError as error:
        raise LookupError(item) from error


SHARED = LookupError("shared")


def fail_again(item: int) -> None:
    raise SHARED


def after(count: int, fail: Callable[[int], None]) -> Callable[[int], int]:
    def work(item: int) -> int:
        time.sleep(0.003)
        if item >= count:
            fail(item)
        return item
    return work


@pytest.mark.parametrize("fail", [fail_plainly, fail_in_a_handler, fail_with_a_cause, fail_again])
@pytest.mark.parametrize("count", [0, 5])
def test_an_error_has_the_context_that_it_would_have_in_a_loop(fail: Callable[[int], None], count: int) -> None:
    def context(run: Any) -> list[str]:
        try:
            try:
                raise ValueError("handled")
            except ValueError:
                for _ in run(after(count, fail), list(range(12))):
                    pass
        except LookupError as error:
            return chain(error)
        return []

    def bare(run: Any) -> list[str]:
        try:
            for _ in run(after(count, fail), list(range(12))):
                pass
        except LookupError as error:
            return chain(error)
        return []

    def handling_it(run: Any) -> list[str]:
        try:
            raise SHARED
        except LookupError:
            return bare(run)
    for how in (bare, context, handling_it):
        SHARED.__context__ = None
        expected = how(plain)
        SHARED.__context__ = None
        assert how(ahead) == expected
    SHARED.__context__ = SHARED.__traceback__ = None


def wrapped(error: BaseException) -> None:
    try:
        raise error
    except BaseException:
        raise ConnectionError("wrapped")  # noqa: B904 - as urllib does


SHORTAGES: dict[str, Callable[[], BaseException]] = {
    "files": lambda: OSError(errno.EMFILE, "Too many open files"),
    "files of the system": lambda: OSError(errno.ENFILE, "Too many open files in system"),
    "memory of the system": lambda: OSError(errno.ENOMEM, "Cannot allocate memory"),
    "memory": MemoryError,
    "stack": RecursionError,
    "threads": lambda: RuntimeError("can't start new thread"),
}


@pytest.mark.parametrize("shortage", SHORTAGES)
@pytest.mark.parametrize("is_wrapped", [False, True])
@pytest.mark.parametrize("make", [list, iter])
def test_what_one_worker_at_a_time_would_have_had_is_had(shortage: str, is_wrapped: bool, make: Any) -> None:
    inside: list[int] = []

    def work(item: int) -> int:
        inside.append(item)
        try:
            time.sleep(0.01)
            if len(inside) > 2:
                wrapped(SHORTAGES[shortage]()) if is_wrapped else raise_(SHORTAGES[shortage]())
            return -item
        finally:
            inside.remove(item)
    stream = run_parallel(work, make(range(30)), max_workers=8, as_loop=True, stream=True)
    assert [(item, result) for item, result, _ in stream] == [(number, -number) for number in range(30)]


def raise_(error: BaseException) -> None:
    raise error


def test_helpers_that_wait_for_a_lock_are_not_waited_for_when_one_lacks_something() -> None:
    lock = threading.RLock()

    def run() -> list[int]:
        caller = threading.get_ident()

        def work(item: int) -> int:
            time.sleep(0.005)
            if threading.get_ident() != caller and item % 4 == 1:
                raise MemoryError
            with lock:
                return -item
        with lock:
            return [result for _, result, _ in run_parallel(work, range(20), max_workers=8, as_loop=True)]
    assert ends(run) == [-number for number in range(20)]


@pytest.mark.parametrize("shortage", SHORTAGES)
@pytest.mark.parametrize("fail_fast", [True, False])
def test_what_a_loop_would_not_have_either_is_an_error_at_its_place(shortage: str, fail_fast: bool) -> None:
    seen, calls = [], collections.Counter[int]()

    def work(item: int) -> int:
        calls[item] += 1
        time.sleep(0.005)
        if item in (4, 7):
            raise SHORTAGES[shortage]()
        return item
    expected = type(SHORTAGES[shortage]())
    try:
        for item, _, error in run_parallel(work, list(range(12)), max_workers=4, as_loop=True, fail_fast=fail_fast):
            seen.append((item, type(error)))
    except expected:
        seen.append((4, expected))
    kinds = [(item, expected if item in (4, 7) else type(None)) for item in range(12)]
    assert seen == (kinds[:5] if fail_fast else kinds)
    assert max(calls.values()) <= 2


def run_python(code: str, *args: str) -> str:
    root = str(Path(parallel.__file__).parents[1])
    done = subprocess.run([sys.executable, *args, "-c", code], capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, "PYTHONPATH": root})
    return done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no limits")
def test_files_that_are_enough_for_one_pass_are_enough(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    code = f"""
import os, resource, time
from {parallel.__name__} import run_parallel
def load(number):
    with open({str(tmp_path / "file")!r}) as one, open({str(tmp_path / "file")!r}) as other:
        time.sleep(0.01)
        return one.read() + other.read()
used = max(os.dup(0), os.dup(0)) + 1
resource.setrlimit(resource.RLIMIT_NOFILE, (used + 4, 4096))
print(len([text for _, text, _ in run_parallel(load, range(40), max_workers=20, as_loop=True) if text == "texttext"]))
"""
    assert run_python(code) == "40\n"


@pytest.mark.parametrize("size, has_helpers", [(32768, False), (2**20, False), (2**24, True), (0, True)])
def test_small_stacks_get_no_helpers(size: int, has_helpers: bool) -> None:
    code = f"""
import json, threading, time
from {parallel.__name__} import run_parallel
seen = set()
def load(number):
    time.sleep(0.02)
    seen.add(threading.get_ident())
    return len(json.loads("[" * 900 + "]" * 900))
threading.stack_size({size})
print(sum(result for _, result, _ in run_parallel(load, range(12), max_workers=4, as_loop=True)), len(seen) > 1)
"""
    assert run_python(code) == f"12 {has_helpers}\n"


@pytest.mark.parametrize("make", [list, iter])
def test_no_helper_is_left_after_the_loop(make: Any) -> None:
    before = threading.active_count()
    for _ in range(5):
        for _ in run_parallel(nap, make(range(30)), max_workers=8, as_loop=True, stream=True):
            pass
        assert threading.active_count() == before


@pytest.mark.skipif(sys.version_info < (3, 12) or not hasattr(os, "fork"), reason="no warning")
def test_a_fork_after_the_loop_is_one_of_a_process_with_one_thread() -> None:
    code = f"""
import os, time
from {parallel.__name__} import run_parallel
for _ in run_parallel(lambda _: time.sleep(0.01), range(30), max_workers=8, as_loop=True):
    pass
pid = os.fork()
if pid:
    print(os.waitpid(pid, 0)[1])
"""
    for _ in range(5):
        assert run_python(code, "-W", "error") == "0\n"


@pytest.mark.parametrize("make", [list, iter])
@pytest.mark.parametrize("seconds", [0, 0.005])
def test_results_are_let_go_where_the_loop_lets_go_of_them(make: Any, seconds: float) -> None:
    def work(item: int) -> Big:
        time.sleep(seconds)
        return Big()
    alive: list[weakref.ref[Big]] = []
    gc.disable()
    try:
        for _, result, _ in run_parallel(work, make(range(30)), max_workers=4, as_loop=True, stream=True):
            alive.append(weakref.ref(result))
            del result
            assert not any(ref() for ref in alive)
    finally:
        gc.enable()


# ---- Other iterables, read ahead ------------------------------------------------------------------------------------


def lines(count: int, error: BaseException | None = None) -> Iterator[int]:
    yield from range(count)
    if error is not None:
        raise error


@pytest.mark.parametrize("make", [lambda: lines(12), lambda: map(abs, range(12)), lambda: enumerate("abcdefgh"), lambda: zip(range(9), "abcdefghi"), dict])
def test_with_stream_other_iterables_are_read_ahead(make: Callable[[], Any]) -> None:
    threads = set()

    def work(item: Any) -> Any:
        threads.add(threading.get_ident())
        time.sleep(0.02)
        return item
    outcomes = list(run_parallel(work, make(), max_workers=4, as_loop=True, stream=True))
    assert [(item, result) for item, result, _ in outcomes] == [(item, item) for item in make()]
    assert not outcomes or len(threads) > 1


class Source:
    """An iterable that is no iterator, so that what is left of it is not looked at."""

    def __init__(self, items: Iterator[int]) -> None:
        self.items = items

    def __iter__(self) -> Iterator[int]:
        return self.items


@pytest.mark.parametrize("count", [0, 1, 5, 30])
@pytest.mark.parametrize("body", [nothing, stop_after(3)])
@pytest.mark.parametrize("kind", [OSError, SystemExit])
def test_an_error_of_the_source_comes_at_its_place(count: int, body: Body, kind: type[BaseException]) -> None:
    def run(func: Any, items: Any) -> Any:
        return run_parallel(func, items, max_workers=4, as_loop=True, stream=True)
    results = [trace(how, lambda: Source(lines(count, kind("source"))), body, nap) for how in (plain, run)]
    assert results[0] == results[1]


@pytest.mark.parametrize("shortage", [False, True])
def test_an_error_of_the_source_comes_at_its_place_when_it_goes_on_alone(shortage: bool) -> None:
    seen: list[Any] = []
    inside: list[int] = []
    lock = threading.RLock()

    def work(item: int) -> int:
        inside.append(item)
        try:
            time.sleep(0.005)
            if shortage and len(inside) > 1:
                raise MemoryError
            with contextlib.nullcontext() if shortage else lock:
                return item
        finally:
            inside.remove(item)

    def run() -> str:
        try:
            with lock:
                for item, _, _ in run_parallel(work, lines(10, OSError("source")), max_workers=4, as_loop=True, stream=True):
                    seen.append(item)
        except OSError as error:
            return str(error)
        return ""
    assert ends(run) == "source"
    assert seen == list(range(10))


WALKS: dict[str, Callable[[list[int]], Iterator[Any]]] = {
    "iter": iter,
    "reversed": reversed,
    "enumerate": lambda numbers: enumerate(numbers, start=1000),
    "zip": lambda numbers: zip(numbers, "a" * len(numbers), {number: 0 for number in numbers}),
    "zip of enumerate": lambda numbers: zip(enumerate(numbers), tuple(numbers)),
}


@pytest.mark.parametrize("walk", WALKS)
def test_walks_over_collections_are_read_ahead_and_stay_where_a_loop_leaves_them(walk: str) -> None:
    numbers = list(range(300, 340))
    expected = [*WALKS[walk](numbers)]
    source = WALKS[walk](numbers)
    threads = set()

    def wait(item: Any) -> Any:
        threads.add(threading.get_ident())
        time.sleep(0.02)
        return item

    found = []
    for item, result, _ in run_parallel(wait, source, max_workers=8, as_loop=True):
        assert result == item
        found.append(item)
        if len(found) == 30:
            break
    assert found == expected[:30]
    assert next(source) == expected[30]
    assert len(threads) > 1


@pytest.mark.parametrize("lazy", [lambda numbers: map(str, numbers), lambda numbers: zip(numbers, (number for number in numbers)), lambda numbers: zip()])
def test_walks_that_run_code_are_taken_in_their_turn(lazy: Callable[[list[int]], Iterator[Any]]) -> None:
    events: list[Any] = []
    numbers = [1, 2, 3, 4, 5]
    source = (events.append(item) or item for item in lazy(numbers))
    for _, result, _ in run_parallel(lambda item: item, zip(source, numbers), max_workers=4, as_loop=True):
        assert events[-1] == result[0]
    assert len(events) in (0, 5)


@pytest.mark.parametrize("paired", [lambda one: zip(one, one), lambda one: enumerate(zip(one, one)), lambda one: zip(enumerate(one), one)])
def test_one_iterator_that_a_walk_takes_from_twice_is_taken_from_in_turn(paired: Callable[[Iterator[int]], Iterator[Any]]) -> None:
    numbers = list(range(40))
    found = [result for _, result, _ in run_parallel(lambda item: (time.sleep(0.002), item)[1], paired(iter(numbers)), max_workers=8, as_loop=True)]
    assert found == list(paired(iter(numbers)))


def test_a_list_that_changes_under_a_walk_is_noticed() -> None:
    numbers = list(range(30))
    found = []
    for (place, number), result, _ in run_parallel(lambda item: (time.sleep(0.005), item[1])[1], enumerate(numbers), max_workers=8, as_loop=True):
        found.append(result)
        if place == 4:
            numbers[6] = 600
            numbers.append(700)
    assert found == [*range(6), 600, *range(7, 30), 700]
