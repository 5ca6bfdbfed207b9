"""How runs end before their time: errors, Ctrl-C and other signals, streams that are left, and what they leave behind.

What could hang runs in another process: a function of this file, which asserts there.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import itertools
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

from par_lint import parallel
from par_lint.parallel import run_parallel, run_parallel_async, run_together

HAS_GIL = getattr(sys, "_is_gil_enabled", lambda: True)()
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and fork of POSIX")

LISTS: dict[str, dict[str, Any]] = {
    "list": {},
    "timed list": {"timeout": 60},
    "paced list": {"per_second": 1e5},
    "limited list": {"limit_by": (hash, 1)},
    "list on threads": {"executor": ThreadPoolExecutor},
}
STREAMS: dict[str, dict[str, Any]] = {
    "stream": {"stream": True},
    "unordered stream": {"stream": True, "ordered": False},
    "timed stream": {"stream": True, "timeout": 60},
    "timed unordered stream": {"stream": True, "ordered": False, "timeout": 60},
    "paced stream": {"stream": True, "per_second": 1e5},
    "limited stream": {"stream": True, "limit_by": (hash, 1)},
    "stream on threads": {"stream": True, "executor": ThreadPoolExecutor},
    "unordered stream on threads": {"stream": True, "ordered": False, "executor": ThreadPoolExecutor},
}
FORMS = {**LISTS, **STREAMS}
GROUPS_OF_STREAMS = [[form for form in STREAMS if "unordered" not in form], [form for form in STREAMS if "unordered" in form]]
GROUPS = [list(LISTS), *GROUPS_OF_STREAMS]  # a process for each


@functools.lru_cache(None)
def pool_of(workers: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(workers)


def run_form(form: str, func: Callable[[Any], Any], items: Any, workers: int, **options: Any) -> Any:
    """Call `run_parallel` in one of the forms."""
    options = {**FORMS[form], **options}
    if options.get("executor") is ThreadPoolExecutor:
        options["executor"] = pool_of(workers)
    return run_parallel(func, items, workers, **options)


def wait_until(condition: Callable[[], object], seconds: float = 60) -> bool:
    """Wait for what others do; return whether it came about."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.002)
    return bool(condition())


def wait_until_settled(started: list[Any], least: int) -> None:
    """Wait until so many items have been started, and no more are."""
    assert wait_until(lambda: len(started) >= least), f"only {len(started)} items were started"
    count = -1
    while count != len(started):
        count = len(started)
        time.sleep(0.02)


def helpers_left() -> int:
    return sum(thread.name == "run_parallel" for thread in threading.enumerate())


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What items wait for."""
    event = threading.Event()
    yield event
    event.set()


def in_a_process(program: Callable[[Any], None], cases: list[Any]) -> None:
    """Run a function of this file in another process, for one case after the other. Who is not woken there waits for ever."""
    seconds = 100
    code = (
        "import faulthandler, os, sys, traceback\n"
        f"faulthandler.dump_traceback_later({seconds}, exit=True)\n"
        f"sys.path[:] = {sys.path!r}\n"
        f"import {__name__} as tests\n"
        "tests.gc.freeze()\n"  # so that collections are quick
        "tests.parallel._RECHECK_SECONDS = 3600 if tests.HAS_GIL else 0.5\n"
        "try:\n"
        f"    for case in {cases!r}:\n        print(case, flush=True)\n        tests.{program.__name__}(case)\n"
        "except BaseException:\n    traceback.print_exc()\n    os._exit(1)\n"  # not waiting for threads
    )
    with tempfile.TemporaryFile("w+") as output:
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True) as process:
            try:
                failure = process.wait(2 * seconds)
            except BaseException:
                process.kill()
                raise
        if failure and os.name != "nt":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what it has forked
        output.seek(0)
        assert not failure, output.read()


ENDS: dict[str, type[BaseException] | None] = {"returns": None, "fails": ConnectionError, "exits": SystemExit}


# Errors -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("forms", GROUPS)
def test_when_many_items_fail_at_the_same_time_the_first_in_order_is_raised(forms: list[str]) -> None:
    places = [(2, 0), (8, 0), (8, 20), (50, 20)]
    in_a_process(fail_at_the_same_time, list(itertools.product(forms, places, ("fails", "exits"), (0.0, 0.003))))


def fail_at_the_same_time(case: tuple[str, tuple[int, int], str, float]) -> None:
    form, (workers, first), end, spread = case
    rng, kind, seen = random.Random(repr(case)), ENDS[end] or Exception, []

    def work(number: int) -> int:
        time.sleep(0.002 + rng.uniform(0, spread))
        if number >= first:
            raise kind(number)
        return number

    try:
        for outcome in run_form(form, work, range(60), workers, fail_fast=end == "fails"):
            seen.append(outcome.item)
        raise AssertionError("nothing was raised")
    except kind as error:
        number = error.args[0]
    if "unordered" in form:
        assert number >= first > max(seen, default=-1), (number, seen)
    else:
        assert seen == (list(range(first)) if "stream" in form else []), seen
        assert number == first or end == "exits" and form in LISTS, number
    assert wait_until(lambda: not helpers_left())


@pytest.mark.parametrize("kind", [ConnectionError, SystemExit])
@pytest.mark.parametrize("form", ["list", "stream", "unordered stream", "limited stream", "paced list", "stream on threads"])
def test_items_that_fail_after_the_time_limit_leave_no_thread_behind(form: str, kind: type[BaseException], release: threading.Event) -> None:
    ended = []

    def work(number: int) -> None:
        assert release.wait(60)
        ended.append(number)
        raise kind(number)

    outcomes = list(run_form(form, work, range(20), 8, timeout=0.05))
    assert [type(outcome.error) for outcome in outcomes] == [TimeoutError] * 20
    release.set()
    assert wait_until(lambda: not helpers_left() and ended)
    time.sleep(0.02)
    assert 1 <= len(ended) <= 8  # as many as had begun by then: on a busy machine, a helper may start late


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", [SystemExit, GeneratorExit, KeyboardInterrupt, asyncio.CancelledError])
def test_what_is_no_exception_stops_every_form(form: str, kind: type[BaseException]) -> None:
    started = []

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.003)
        if number == 7:
            raise kind("stop")

    with pytest.raises(kind, match="stop"):
        list(run_form(form, work, range(400), 4))
    assert len(started) < 200
    assert wait_until(lambda: not helpers_left())


@pytest.mark.parametrize("kind", [ValueError, SystemExit])
@pytest.mark.parametrize("place", ["initializer", "progress", "limit_by"])
@pytest.mark.parametrize("form", ["list", "stream", "unordered stream", "timed list", "timed stream", "paced stream"])
def test_an_error_beside_the_items_ends_the_run(form: str, place: str, kind: type[BaseException]) -> None:
    started: list[int] = []

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.003)

    def fail(*values: Any) -> Any:
        if place == "initializer" or values[0] == 5:
            raise kind("beside")
        return values[0]

    with pytest.raises(kind, match="beside"):
        list(run_form(form, work, range(400), 4, **{place: (fail, 2) if place == "limit_by" else fail}))
    assert wait_until(lambda: not helpers_left())
    assert len(started) < 200


# Streams that are left ----------------------------------------------------------------------------------------------


WAYS = ["break", "error", "thrown away", *(["Ctrl-C in the body", "Ctrl-C while it waits"] if os.name != "nt" else [])]


@pytest.mark.parametrize("forms", GROUPS_OF_STREAMS)
def test_a_stream_that_is_left_waits_for_nothing_and_starts_nothing_more(forms: list[str]) -> None:
    ends = itertools.cycle(("returns", "fails", "exits"))
    in_a_process(leave_a_stream, [(form, way, end) for (form, way), end in zip(itertools.product(forms, WAYS), ends)])


def leave_a_stream(case: tuple[str, str, str]) -> None:
    """What runs then ends later, in its own way."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    form, way, end = case
    release, started = threading.Event(), []

    def work(number: int) -> None:
        started.append(number)
        if number == 0:  # while it waits, helpers come
            wait_until(lambda: len(started) > 3)
        time.sleep(0.01)
        if number >= 3:
            release.wait(60)
            raise_if(ENDS[end], number)

    def begin() -> Any:
        return run_form(form, work, itertools.count(), 8, fail_fast=True)

    def wait_for_items() -> None:  # on threads the body keeps the caller from sending more than the first
        wait_until_settled(started, 8 if "threads" in form and "it waits" not in way else 3 + 7)

    if way == "Ctrl-C while it waits":
        interrupt_after(wait_for_items)
    try:
        if way == "thrown away":
            stream = begin()
            next(stream)
            wait_for_items()
            del stream
        else:
            leave(begin, way, wait_for_items)
    except (KeyboardInterrupt, ZeroDivisionError):
        assert way not in ("break", "thrown away")
    assert not release.is_set()
    count = len(started)
    release.set()
    assert wait_until(lambda: not helpers_left())
    time.sleep(0.02)
    assert len(started) == count < 20


def raise_if(kind: type[BaseException] | None, number: int) -> None:
    if kind is not None:
        raise kind(number)


def interrupt_after(wait: Callable[[], None]) -> None:
    """Press Ctrl-C when something has come about."""

    def interrupt() -> None:
        wait()
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()


def leave(make: Callable[[], Iterator[Any]], way: str, wait: Callable[[], None]) -> None:
    for _ in make():  # the loop alone holds it, as usual
        if way == "Ctrl-C while it waits":
            continue
        wait()
        if way == "break":
            break
        if way == "Ctrl-C in the body":
            signal.raise_signal(signal.SIGINT)
        raise ZeroDivisionError


@pytest.mark.parametrize("form", STREAMS)
@pytest.mark.parametrize("workers", [1, 8])
def test_close_waits_for_what_runs(form: str, workers: int) -> None:
    started, ended = [], []

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.02)
        ended.append(number)

    stream = run_form(form, work, itertools.count(), workers)
    next(stream)
    stream.close()
    assert sorted(started) == sorted(ended)
    assert list(stream) == []
    assert not helpers_left()
    count = len(started)
    time.sleep(0.03)
    assert len(started) == count <= 1 + 2 * workers


@pytest.mark.parametrize("form", STREAMS)
def test_a_stream_that_was_never_begun_closes(form: str) -> None:
    taken: list[int] = []
    stream = run_form(form, abs, (taken.append(number) for number in range(3)), 4)
    stream.close()
    assert list(stream) == taken == []
    assert not helpers_left()


@pytest.mark.parametrize("form", STREAMS)
def test_another_thread_may_close_a_stream(form: str, release: threading.Event) -> None:
    stream = run_form(form, lambda number: number < 2 or release.wait(60), itertools.count(), 4)
    assert [next(stream).item in range(4) for _ in range(2)] == [True, True]
    closing = threading.Thread(target=stream.close)
    closing.start()
    release.set()
    closing.join(60)
    assert not closing.is_alive()
    assert list(stream) == []
    assert wait_until(lambda: not helpers_left())


@pytest.mark.parametrize("form", [form for form in STREAMS if "unordered" not in form])
def test_a_stream_goes_on_when_the_thread_that_began_it_has_ended(form: str) -> None:
    stream = run_form(form, lambda _: time.sleep(0.005) or threading.get_ident(), range(60), 8)
    first: list[Any] = []
    thread = threading.Thread(target=lambda: first.append(next(stream)))
    thread.start()
    thread.join()
    outcomes = first + list(stream)
    assert [outcome.item for outcome in outcomes] == list(range(60))
    assert len({outcome.result for outcome in outcomes[1:]}) > 2


@pytest.mark.parametrize("forms", GROUPS_OF_STREAMS)
def test_a_stream_that_the_collector_finds_delays_nobody(forms: list[str]) -> None:
    in_a_process(collect_in_the_watchdog, forms)


def collect_in_the_watchdog(form: str) -> None:
    """The collector may run in any thread, at any time: also in the watchdog, which must not wait for items then."""
    gc.disable()
    release = threading.Event()

    def look_and_collect(self: Any) -> None:
        gc.collect()
        look(self)

    look = parallel._Run.look
    parallel._ListRun.look = look_and_collect  # type: ignore[method-assign]
    started: list[int] = []

    def work(number: int) -> None:
        started.append(number)
        if number == 3:  # while it waits, helpers come
            wait_until(lambda: len(started) > 4)
        elif number < 3:
            time.sleep(0.01)
        else:
            release.wait(60)

    holder: dict[str, Any] = {}
    holder["me"] = holder
    holder["stream"] = run_form(form, work, itertools.count(), 4)
    for _ in range(4):
        next(holder["stream"])
    wait_until_settled(started, 5)
    has_gone = weakref.ref(holder["stream"])
    del holder
    threads = {outcome.result for outcome in run_parallel(lambda _: time.sleep(0.02) or threading.get_ident(), range(40), 8)}
    assert not release.is_set()
    assert has_gone() is None
    assert len(threads) > 2
    release.set()
    assert wait_until(lambda: not helpers_left())


@pytest.mark.parametrize("forms", GROUPS_OF_STREAMS)
def test_streams_that_are_collected_inside_items_end(forms: list[str]) -> None:
    in_a_process(abandon_streams_inside_items, forms)


def abandon_streams_inside_items(form: str) -> None:
    rng = random.Random(form)

    def item(number: int) -> None:
        if number % 5 == 0:
            holder: dict[str, Any] = {}
            holder["me"] = holder
            holder["stream"] = run_form(form, lambda _: time.sleep(0.002), range(100), 6)
            for _ in range(rng.randrange(1, 12)):
                next(holder["stream"])
        if number % 3 == 0:
            gc.collect()
        time.sleep(0.001)

    for _ in range(2):
        run_parallel(item, range(30), 8)
        list(run_parallel(item, range(30), 8, stream=True))
    gc.collect()
    assert wait_until(lambda: not helpers_left() and not parallel._watchdog.runs)


# Signals ------------------------------------------------------------------------------------------------------------


@POSIX
@pytest.mark.parametrize("forms", GROUPS)
def test_after_ctrl_c_nothing_starts(forms: list[str]) -> None:
    ends = [("returns", 2), ("fails", 4), ("exits", 4)]
    in_a_process(interrupt_a_run, [(form, *end) for form in forms for end in ends])


def interrupt_a_run(case: tuple[str, str, int]) -> None:
    """The items that run at Ctrl-C end later, in their own way."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    form, end, workers = case
    release, started = threading.Event(), []

    def work(number: int) -> None:
        started.append(number)
        release.wait(60)
        raise_if(ENDS[end], number)

    interrupt_after(lambda: wait_until_settled(started, workers))
    with pytest.raises(KeyboardInterrupt) as caught:
        list(run_form(form, work, range(100), workers, fail_fast=end == "fails"))
    assert caught.value.args == ()  # not that of an item
    assert not release.is_set()
    release.set()
    assert wait_until(lambda: not helpers_left())
    time.sleep(0.02)
    assert len(started) == workers, started


@POSIX
def test_ctrl_c_reaches_the_caller_through_runs_inside_runs() -> None:
    inner = ("list", "stream", "timed list", "paced stream", "unordered stream")
    in_a_process(interrupt_nested_runs, list(itertools.product(("list", "stream", "timed list"), inner)))


def interrupt_nested_runs(case: tuple[str, str]) -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    outer, inner = case
    release, started = threading.Event(), []

    def work(number: int) -> None:
        started.append(number)
        release.wait(60)

    interrupt_after(lambda: wait_until_settled(started, 4))
    with pytest.raises(KeyboardInterrupt):
        list(run_form(outer, lambda _: list(run_form(inner, work, range(20), 2)), range(20), 2))
    assert not release.is_set()
    assert len(started) == 4
    release.set()
    assert wait_until(lambda: not helpers_left())
    runs = 2 if outer == "timed list" else 1  # those of helpers know of nothing: they go on
    assert len(started) <= 2 + 20 * runs


class Late(Exception):
    """What a handler raises: a soft time limit."""


def ring(*_: object) -> None:
    raise Late


def ring_elsewhere(*_: object) -> None:
    ring()


class Alarm:
    """Handlers of all kinds."""

    def ring(self, *_: object) -> None:
        raise Late

    @classmethod
    def ring_of_class(cls, *_: object) -> None:
        raise Late

    def __call__(self, *_: object) -> None:
        raise Late


def ring_once(*_: object) -> None:
    """Raise, and let the next signal end the process."""
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    raise Late


HANDLERS: dict[str, Callable[..., None]] = {
    "function": ring,
    "partial": functools.partial(ring, 1),
    "method": Alarm().ring,
    "partial of a method": functools.partial(functools.partial(Alarm().ring, 1), 2),
    "class method": Alarm.ring_of_class,
    "object": Alarm(),
    "one that calls another": ring_elsewhere,
    "one that takes itself away": ring_once,
}
PLACES = {
    "item": ["list", "stream"],  # the calling thread runs items of these only
    "nested item": ["list", "stream"],
    "source": list(FORMS),
    "body": list(STREAMS),
    "progress": ["stream", "unordered stream", "timed stream", "stream on threads"],
    "waiting": list(FORMS),
    "submit": ["list on threads", "stream on threads", "unordered stream on threads"],
}


class BusyPool(ThreadPoolExecutor):
    """Calls something with the number of calls before each."""

    def __init__(self, workers: int, before: Callable[[int], object]) -> None:
        super().__init__(workers)
        self.before, self.numbers = before, itertools.count()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.before(next(self.numbers))
        return super().submit(fn, *args, **kwargs)


@POSIX
@pytest.mark.parametrize("place", PLACES)
def test_an_exception_of_a_signal_handler_reaches_the_caller(place: str) -> None:
    few = ["method", "one that takes itself away"]
    cases = [(form, place, handler) for form in PLACES[place] for handler in (HANDLERS if form in ("list", "stream") else few)]
    in_a_process(raise_in_a_handler, cases)


def raise_in_a_handler(case: tuple[str, str, str]) -> None:
    form, place, handler = case
    has_rung = False

    def ring_here(number: int, here: str) -> int:
        nonlocal has_rung
        if place == here and number == 3 and not has_rung:
            has_rung = True
            if here == "waiting":
                os.kill(os.getpid(), signal.SIGUSR1)
            else:
                assert threading.current_thread() is threading.main_thread()
                signal.raise_signal(signal.SIGUSR1)
        return number

    def work(number: int) -> None:
        if "item" in place and threading.current_thread() is threading.main_thread():
            list(run_parallel(lambda inside: ring_here(inside, "nested item"), [3], stream=number % 2 > 0))
            ring_here(3, "item")
        ring_here(number, "waiting")
        time.sleep(0.002)

    signal.signal(signal.SIGUSR1, HANDLERS[handler])
    options: dict[str, Any] = {}
    if place == "progress":
        options["progress"] = lambda number, _: ring_here(number, "progress")
    if place == "submit":
        options["executor"] = BusyPool(4, lambda number: ring_here(number, "submit"))
    seen: list[Any] = []
    items = (ring_here(number, "source") for number in range(400))
    with pytest.raises(Late) as caught:
        for outcome in run_form(form, work, items, 4, **options):
            assert outcome.error is None, outcome
            ring_here(len(seen), "body")
            seen.append(outcome)
    assert wait_until(lambda: not helpers_left())
    assert len(seen) < 100
    assert not hasattr(caught.value, "partial")  # what an error of the source has, and then the items before it are run


@POSIX
def test_an_exception_of_a_handler_that_an_item_deals_with_is_its_own_affair() -> None:
    def work(_: int) -> str:
        try:
            signal.raise_signal(signal.SIGUSR1)
        except Late:
            return "in time"
        return "never"

    old = signal.signal(signal.SIGUSR1, ring)
    try:
        assert [outcome.result for outcome in run_parallel(work, range(3), 1)] == ["in time"] * 3
    finally:
        signal.signal(signal.SIGUSR1, old)


@POSIX
def test_a_signal_handler_may_run_it() -> None:
    in_a_process(run_in_a_handler, ["list", "stream", "unordered stream", "timed list", "timed stream"])


def run_in_a_handler(form: str) -> None:
    hits = calls = depth = 0

    def handler(*_: object) -> None:
        nonlocal hits, depth
        if depth > 3:
            return  # the machine is busy
        hits, depth = hits + 1, depth + 1
        assert [outcome.result for outcome in run_form(form, abs, range(3), 4)] == [0, 1, 2]
        depth -= 1

    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.002, 0.0023)
    deadline = time.monotonic() + 0.3
    while time.monotonic() < deadline:
        calls += 1
        assert [outcome.result for outcome in run_form(form, abs, range(3), 4)] == [0, 1, 2]
    signal.setitimer(signal.ITIMER_REAL, 0)
    assert hits > 5
    assert calls > 5


def test_a_finalizer_may_run_it() -> None:
    in_a_process(run_in_finalizers, ["list", "stream"])


def run_in_finalizers(form: str) -> None:
    """The collector, and so a finalizer, may run inside any part of the runtime that makes objects."""
    results: list[int] = []

    class Final:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            results.append(sum(outcome.result for outcome in run_form(form, abs, range(3), 4)))

    gc.set_threshold(40)
    for number in range(80):
        Final()
        assert len(list(run_parallel(lambda _: time.sleep(0.0004), range(8), 4, stream=number % 2 > 0))) == 8
    gc.collect()
    assert results == [3] * 80, results
    assert wait_until(lambda: not helpers_left() and not parallel._watchdog.runs)


@POSIX
def test_ctrl_c_at_any_moment_leaves_nothing_behind() -> None:
    in_a_process(interrupt_at_random, [1, 2])


def interrupt_at_random(seed: int) -> None:
    rng, calls = random.Random(seed), 0

    def nap(number: int) -> None:
        nonlocal calls
        calls += 1
        time.sleep(0.002 if number < 100 else 0)

    def fail(number: int) -> None:
        nap(number)
        if number % 7 == 3:
            raise ValueError(number)

    def nest(_: int) -> None:
        run_parallel(nap, range(6), 4)

    forms = [form for form in FORMS if "threads" not in form]  # the standard library's pools cannot bear it
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    for _ in range(30):
        form, work, count = rng.choice(forms), rng.choice([nap, fail, nest]), rng.choice([20, 60, 600])
        with contextlib.suppress(KeyboardInterrupt, ValueError):
            try:
                signal.setitimer(signal.ITIMER_REAL, rng.uniform(2e-5, 0.02))
                for _ in itertools.islice(run_form(form, work, range(count), 8, fail_fast=rng.random() < 0.3), rng.choice([10, 1000])):
                    pass
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        assert wait_until(lambda: not helpers_left()), (form, work.__name__)
        assert not parallel._watchdog.runs, (form, work.__name__)
        before = calls
        time.sleep(0.005)
        assert calls == before, (form, work.__name__)
    threads = {outcome.result for outcome in run_parallel(lambda _: time.sleep(0.01) or threading.get_ident(), range(24), 8)}
    assert len(threads) > 2


# Cycles -------------------------------------------------------------------------------------------------------------


class Big:
    """Something that must not live on."""


def fail_with(kind: type[BaseException]) -> Callable[[object], None]:
    def fail(_: object) -> None:
        time.sleep(0.001)
        raise kind("on purpose")

    return fail


async def give(item: object) -> object:
    await asyncio.sleep(0)
    return item


def look_at(outcomes: Any) -> None:
    """Iterate, as a stream wants it."""
    for _ in outcomes:
        pass


def break_off(outcomes: Any) -> None:
    for _ in outcomes:
        break


def raise_in_body(outcomes: Any) -> None:
    for _ in outcomes:
        raise ValueError("the body")


def break_source(items: Iterator[Big]) -> Iterator[Big]:
    yield from items
    raise OSError("gone")


def raise_alarm(_: object) -> None:
    if threading.current_thread() is threading.main_thread():
        signal.raise_signal(signal.SIGUSR1)
    time.sleep(0.001)


CAUSES: dict[str, Callable[[Any, Iterator[Big]], object]] = {
    "an error of the source": lambda run, items: look_at(run(give_back, break_source(items))),
    "an error": lambda run, items: look_at(run(fail_with(ValueError), items, fail_fast=True)),
    "errors that are given": lambda run, items: look_at(run(fail_with(ValueError), items)),
    "an exit": lambda run, items: look_at(run(fail_with(SystemExit), items)),
    "late items": lambda run, items: look_at(run(lambda _: time.sleep(0.2), items, fail_fast=True, timeout=0.1)),
    "coroutines": lambda run, items: look_at(run(lambda item: give(item), items)),
    "progress": lambda run, items: look_at(run(give_back, items, progress=lambda *_: 1 / 0)),
    "a signal": lambda run, items: look_at(run(raise_alarm, items)),
    "a stop": lambda run, items: break_off(run(give_back, items)),
    "the body": lambda run, items: raise_in_body(run(give_back, items)),
}


def give_back(item: Big) -> Big:
    time.sleep(0.001)
    return item


FORMS_OF_CAUSES: dict[str, Any] = {"a stop": STREAMS, "the body": STREAMS, "a signal": PLACES["item"] if os.name != "nt" else []}


@pytest.mark.parametrize(("cause", "form"), [(cause, form) for cause in CAUSES for form in FORMS_OF_CAUSES.get(cause, FORMS)])
def test_what_ends_a_run_makes_no_cycles(cause: str, form: str) -> None:
    handler = signal.signal(signal.SIGUSR1, ring) if os.name != "nt" else None
    try:
        assert_no_cycles(lambda items: CAUSES[cause](lambda func, items, **options: run_form(form, func, items, 4, **options), items))
    finally:
        if handler is not None:
            signal.signal(signal.SIGUSR1, handler)


@pytest.mark.parametrize("options", [{}, {"stream": True}, {"stream": True, "ordered": False}, {"per_second": 5}, {"limit_by": (str, 1)}])
def test_time_that_is_up_before_the_first_item_makes_no_cycles(options: dict[str, Any]) -> None:
    assert_no_cycles(lambda items: look_at(run_parallel(give_back, items, 4, fail_fast=True, timeout=0, **options)), seconds=1)


@pytest.mark.parametrize("form", LISTS)
def test_raising_the_errors_makes_no_cycles(form: str) -> None:
    assert_no_cycles(lambda items: run_form(form, fail_with(ValueError), items, 4).raise_errors())


@pytest.mark.parametrize("form", ["list", "timed list", "timed stream", "paced stream"])
def test_an_error_of_the_initializer_makes_no_cycles(form: str) -> None:
    assert_no_cycles(lambda items: look_at(run_form(form, give_back, items, 4, initializer=lambda: 1 / 0)))


@pytest.mark.parametrize("options", [{}, {"stream": True}, {"stream": True, "ordered": False}, {"timeout": 60}])
@pytest.mark.parametrize("cause", ["an error", "an error of the source", "an exit", "errors that are given"])
def test_what_ends_an_asynchronous_run_makes_no_cycles(cause: str, options: dict[str, Any]) -> None:
    async def fail(_: object) -> None:
        await asyncio.sleep(0.001)
        raise SystemExit if cause == "an exit" else ValueError

    async def call(items: Iterator[Big]) -> None:
        is_of_source = cause == "an error of the source"
        source = break_source(items) if is_of_source else items
        try:  # here, as asyncio itself makes a cycle of an error that ends its loop
            outcomes: Any = run_parallel_async(give if is_of_source else fail, source, 3, fail_fast=cause == "an error", **options)
            if "stream" in options:
                async for _ in outcomes:
                    pass
            else:
                look_at(await outcomes)
        except (ValueError, OSError, SystemExit):
            assert cause != "errors that are given"

    assert_no_cycles(lambda items: asyncio.run(call(items)))


def test_a_first_error_of_calls_that_run_together_makes_no_cycles() -> None:
    def calls(items: Iterator[Big]) -> None:
        run_together(*(functools.partial(fail_with(ValueError), item) for item in items))

    assert_no_cycles(calls)


def assert_no_cycles(call: Callable[[Iterator[Big]], object], seconds: float = 60) -> None:
    """Assert that items live no longer than a call, the collector being off."""
    alive: list[weakref.ref[Big]] = []

    def items() -> Iterator[Big]:
        for _ in range(5):
            item = Big()
            alive.append(weakref.ref(item))
            yield item

    gc.disable()
    try:
        try:
            call(items())
        except (Exception, SystemExit) as error:
            assert not isinstance(error, AssertionError), error
        assert alive
        assert wait_until(lambda: not any(ref() for ref in alive), seconds), f"{sum(ref() is not None for ref in alive)} items live"
    finally:
        gc.enable()


# Executors that fork ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"stream": True}, {"timeout": 60}, {"stream": True, "ordered": False}, {"fail_fast": True}])
def test_the_calling_thread_alone_sends_to_an_executor(options: dict[str, Any]) -> None:
    """A fork in another thread would copy locks that the calling thread holds."""
    senders = set()

    def items() -> Iterator[int]:
        for number in range(100):
            time.sleep(0.001 if number % 9 == 0 else 0)
            yield number

    with BusyPool(3, lambda _: senders.add(threading.current_thread())) as executor:
        outcomes = list(run_parallel(lambda number: time.sleep(0.001 * (number % 3)), items(), 6, executor=executor, **options))
    assert len(outcomes) == 100
    assert senders == {threading.current_thread()}


LOCK = threading.Lock()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_pool_that_forks_copies_no_lock_of_the_source() -> None:
    in_a_process(fork_while_a_lock_is_held, ["list", "stream", "unordered stream", "timed list", "timed stream"])


def fork_while_a_lock_is_held(form: str) -> None:
    with ProcessPoolExecutor(4, mp_context=multiprocessing.get_context("fork")) as pool:
        outcomes = list(run_form(form, take_the_lock, hold_the_lock(), 8, executor=pool))
    assert sorted(outcome.result for outcome in outcomes) == list(range(20))


def hold_the_lock() -> Iterator[int]:
    for number in range(20):
        with LOCK:
            time.sleep(0.005)
        yield number


def take_the_lock(number: int) -> int:
    with LOCK:
        return number
