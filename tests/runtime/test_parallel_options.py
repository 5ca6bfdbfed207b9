"""The options of the runtime, one by one: order, window, pace, limits, initializers, progress; and what it says of mistakes."""

from __future__ import annotations

import collections
import contextlib
import copy
import functools
import gc
import importlib
import itertools
import logging
import pickle
import signal
import sys
import threading
import time
import warnings
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from par_lint import parallel
from par_lint.parallel import Outcome, Outcomes, batch_map, run_parallel, run_together

FORMS = ["list", "stream", "unordered", "timed", "timed stream", "limited", "paced"]
OPTIONS: dict[str, dict[str, Any]] = {
    "list": {}, "stream": {"stream": True}, "unordered": {"stream": True, "ordered": False}, "timed": {"timeout": 60},
    "timed stream": {"stream": True, "timeout": 60}, "limited": {"limit_by": (lambda _: 0, 50)}, "paced": {"per_second": 10_000},
}  # fmt: skip
HANG = 60  # seconds; whatever takes longer will never end
SOON = 8.0  # seconds, instead of 20 or more

in_all_forms = pytest.mark.parametrize("form", FORMS)
in_main_forms = pytest.mark.parametrize("form", ["list", "stream", "unordered", "timed"])


def is_stream(form: str) -> bool:
    return "stream" in OPTIONS[form]


def gather(form: str, func: Callable[[Any], Any], items: Iterable[Any], max_workers: int = 50, **options: Any) -> list[Outcome[Any, Any]]:
    """All outcomes by one of the forms, in the order of items that are numbers."""
    outcomes = list(run_parallel(func, items, max_workers, **{**OPTIONS[form], **options}))
    return sorted(outcomes, key=lambda outcome: outcome.item) if form == "unordered" else outcomes


def in_time(work: Callable[[], Any]) -> Any:
    """Return what a function returns. A hang is a failure."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(work()), daemon=True)
    thread.start()
    thread.join(HANG)
    assert not thread.is_alive(), "it hangs"
    return results[0]


def nap(_: object) -> None:
    time.sleep(0.003)


def fail_on_three(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    time.sleep(0.001)
    return number * 2


def wait_for_the_end_of_helpers() -> None:
    deadline = time.perf_counter() + SOON
    while any(thread.name == "run_parallel" for thread in threading.enumerate()):
        assert time.perf_counter() < deadline, "helpers are left behind"
        time.sleep(0.001)


def refuse_threads(monkeypatch: pytest.MonkeyPatch, with_watchdog: bool = False) -> None:
    """Let no thread start any more, and no helper either if there is a watchdog already."""
    def refuse(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    if not with_watchdog:
        parallel._watchdog.end()
        monkeypatch.setattr("_thread.start_new_thread", refuse)
    monkeypatch.setattr(threading.Thread, "start", refuse)


# Order and window -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"timeout": 60}, {"limit_by": (bool, 3)}, {"per_second": 10_000}, {"window": 4}])
def test_an_unordered_stream_hands_out_as_items_finish(options: dict[str, Any]) -> None:
    others_are_handed, seen = threading.Event(), []
    for item, result, error in run_parallel(
        lambda n: others_are_handed.wait(60) if n == 0 else nap(n), range(20), 3, stream=True, ordered=False, **options
    ):
        seen.append(item)
        assert (result, error) == (None if item else True, None)
        if len(seen) == 19:
            others_are_handed.set()
    assert sorted(seen) == list(range(20))
    assert seen[-1] == 0


@pytest.mark.parametrize("options", [{}, {"timeout": 60}, {"limit_by": (bool, 3)}, {"per_second": 10_000}])
def test_an_ordered_stream_hands_out_in_order_though_items_finish_otherwise(options: dict[str, Any]) -> None:
    others_are_done, done = threading.Event(), []

    def work(number: int) -> bool:
        if number == 0:
            return others_are_done.wait(60)
        done.append(number)
        if len(done) == 5:
            others_are_done.set()
        return True

    outcomes = list(run_parallel(work, range(20), 3, stream=True, **options))
    assert outcomes == [(n, True, None) for n in range(20)]


def test_an_unordered_stream_with_fail_fast_raises_the_first_error() -> None:
    fails, seen = threading.Event(), []

    def work(number: int) -> int:
        if number < 2:
            fails.wait(60)
            time.sleep(0.1)  # the run waits for what runs
        elif number == 3:
            fails.set()
        return fail_on_three(number)

    with pytest.raises(ValueError, match="three"):
        for outcome in run_parallel(work, range(100), 5, stream=True, ordered=False, fail_fast=True):
            seen.append(outcome.item)
    assert not {0, 1, 3} & set(seen)
    assert len(seen) < 20


@pytest.mark.parametrize("window", [None, 1])
def test_an_unordered_stream_hands_out_each_item_once_when_time_is_up(window: int | None) -> None:
    outcomes = []

    def work(number: int) -> int:
        time.sleep(0.15 if number % 3 == 0 else 0)
        return number

    for outcome in run_parallel(work, range(30), 4, stream=True, ordered=False, timeout=0.1, window=window):
        outcomes.append(outcome)
        time.sleep(0.01)  # meanwhile late items finish
    assert sorted(outcome.item for outcome in outcomes) == list(range(30))
    assert {type(outcome.error) for outcome in outcomes if outcome.error} == {TimeoutError}
    assert all(outcome.result == outcome.item for outcome in outcomes if not outcome.error)


@pytest.mark.parametrize("window", [None, 1, 2, 5, 40])
@pytest.mark.parametrize("options", [{}, {"ordered": False}, {"timeout": 60}, {"limit_by": (bool, 3)}, {"per_second": 10_000}])
def test_a_stream_takes_no_more_than_its_window_from_an_endless_source(window: int | None, options: dict[str, Any]) -> None:
    taken = handed = most_ahead = 0

    def endless() -> Iterator[int]:
        nonlocal taken, most_ahead
        while True:
            taken += 1
            most_ahead = max(most_ahead, taken - handed)
            yield taken - 1

    stream = run_parallel(lambda n: nap(n) if n % 5 == 0 else None, endless(), 4, stream=True, window=window, **options)
    for item, _, error in stream:
        assert error is None
        assert "ordered" in options or item == handed
        handed += 1
        if handed == 60:
            break
    assert most_ahead <= (window or 8)
    assert most_ahead > (window or 8) // 2


@pytest.mark.parametrize("options", [{}, {"ordered": False}, {"timeout": 60}, {"limit_by": (lambda _: 0, 9)}, {"per_second": 10_000}])
def test_a_large_window_keeps_workers_busy_behind_a_slow_item(options: dict[str, Any]) -> None:
    others_are_done, done = threading.Event(), []

    def work(number: int) -> bool:
        if number == 0:
            return others_are_done.wait(60)
        done.append(number)
        if len(done) == 29:
            others_are_done.set()
        return True

    outcomes = run_parallel(work, range(60), 2, stream=True, window=30, **options)
    assert all(outcome.result for outcome in outcomes)


# Pace -----------------------------------------------------------------------------------------------------------------


def assert_paced(starts_of: Callable[[], list[float]], per_second: float) -> None:
    """Of any so many starts, the last comes as late after the first as it must, but for a little.

    It is so in one of a few runs: where others use the processor, a start may be noted late, and the next seems to come too soon.
    """
    too_soon: list[str] = []
    for _ in range(5):
        starts = sorted(starts_of())
        spans = [(span, min(late - early for early, late in zip(starts, starts[span:]))) for span in range(1, len(starts)) if span / per_second >= 0.2]
        assert spans
        too_soon = [f"{span + 1} starts in {seconds:.3f} s" for span, seconds in spans if seconds <= 0.8 * span / per_second]
        if not too_soon:
            return
    raise AssertionError(too_soon)


@pytest.mark.parametrize("form", ["list", "unordered", "limited"])
def test_no_more_items_start_in_a_second_than_asked(form: str) -> None:
    def starts() -> list[float]:
        times, threads = [], set()

        def work(_: int) -> None:
            times.append(time.perf_counter())
            threads.add(threading.get_ident())
            time.sleep(0.08)

        gather(form, work, range(30), 20, per_second=80)
        assert len(threads) > 1
        assert len(times) == 30
        return times

    assert_paced(starts, 80)


def test_a_pause_of_the_caller_is_not_made_up_for() -> None:
    def starts() -> list[float]:
        times: list[float] = []
        for item, _, _ in run_parallel(lambda _: times.append(time.perf_counter()), range(24), 3, stream=True, window=2, per_second=80):
            if item == 5:
                time.sleep(0.3)
        return times

    assert_paced(starts, 80)


def test_without_threads_to_be_had_the_pace_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def starts() -> list[float]:
        times: list[float] = []
        run_parallel(lambda _: times.append(time.perf_counter()), range(25), per_second=80)
        assert len(times) == 25
        return times

    refuse_threads(monkeypatch)
    assert_paced(starts, 80)


@pytest.mark.parametrize("workers", [1, 8])
@pytest.mark.parametrize("way", ["close", "break", "fail_fast", "unordered fail_fast", "timeout", "progress", "SystemExit"])
def test_a_wait_for_the_pace_ends_at_once(way: str, workers: int) -> None:
    def work(number: int) -> None:
        if "fail_fast" in way:
            raise ValueError(number)
        if way == "SystemExit":
            raise SystemExit
        started.append(number)

    def progress(*_: object) -> None:
        raise KeyError

    started: list[int] = []
    began, options = time.perf_counter(), {"per_second": 0.05, "max_workers": workers}
    if way == "close":
        stream = run_parallel(work, range(9), stream=True, **options)  # type: ignore[call-overload]
        next(stream)
        stream.close()
    elif way == "break":
        for _ in run_parallel(work, range(9), stream=True, **options):  # type: ignore[call-overload]
            break
    elif way == "unordered fail_fast":
        with pytest.raises(ValueError):
            list(run_parallel(work, range(9), stream=True, ordered=False, fail_fast=True, **options))  # type: ignore[call-overload]
    elif way == "timeout":
        outcomes = run_parallel(work, range(9), timeout=0.1, **options)  # type: ignore[call-overload]
        assert [type(outcome.error) for outcome in outcomes] == [type(None)] + [TimeoutError] * 8
    elif way == "progress":
        with pytest.raises(KeyError):
            run_parallel(work, range(9), progress=progress, **options)  # type: ignore[call-overload]
    else:
        with pytest.raises((ValueError, SystemExit)):
            run_parallel(work, range(9), fail_fast=True, **options)  # type: ignore[call-overload]
    assert time.perf_counter() - began < SOON
    wait_for_the_end_of_helpers()
    assert len(started) <= 1


# Limits ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["list", "stream", "unordered", "timed", "timed stream", "paced"])
@pytest.mark.parametrize("most", [1, 2])
def test_never_more_of_one_key_run_at_once_than_asked(form: str, most: int) -> None:
    lock = threading.Lock()
    running: collections.Counter[int] = collections.Counter()
    peaks: collections.Counter[int] = collections.Counter()
    total = 0

    def work(number: int) -> int:
        nonlocal total
        key = number % 3
        with lock:
            running[key] += 1
            peaks[key] = max(peaks[key], running[key])
            total = max(total, sum(running.values()))
        time.sleep(0.005)
        with lock:
            running[key] -= 1
        if number == 5:
            raise ValueError(number)
        return number * 2

    outcomes = gather(form, work, range(36), 10, limit_by=(lambda number: number % 3, most))
    assert [outcome.result for outcome in outcomes] == [None if n == 5 else n * 2 for n in range(36)]
    assert max(peaks.values()) == most
    assert most < total <= 3 * most


@pytest.mark.parametrize("form", ["list", "stream", "unordered", "timed"])
def test_other_keys_go_on_while_one_is_held_back(form: str) -> None:
    others_are_done, done = threading.Event(), []

    def work(number: int) -> bool:
        if number < 5:
            return others_are_done.wait(60)
        done.append(number)
        if len(done) == 5:
            others_are_done.set()
        return True

    outcomes = gather(form, work, range(10), 5, limit_by=(lambda number: number < 5, 1))
    assert [outcome.result for outcome in outcomes] == [True] * 10


@pytest.mark.parametrize("form", ["list", "stream"])
def test_items_of_one_key_run_in_their_order(form: str) -> None:
    started: list[int] = []
    gather(form, lambda n: started.append(n) or nap(n), range(40), 8, limit_by=(lambda n: n % 4, 1))  # type: ignore[func-returns-value]
    assert [[n for n in started if n % 4 == key] for key in range(4)] == [list(range(key, 40, 4)) for key in range(4)]


@pytest.mark.parametrize("form", ["list", "stream", "unordered", "timed"])
@pytest.mark.parametrize("key", [lambda number: 1 / (number - 7), lambda number: [number]])
def test_an_error_of_the_key_is_raised(form: str, key: Callable[[int], Any]) -> None:
    with pytest.raises((ZeroDivisionError, TypeError)):
        gather(form, nap, range(20), 3, limit_by=(key, 1))


@pytest.mark.parametrize("form", ["list", "stream"])
def test_fail_fast_with_a_limit_starts_nothing_behind_the_failed_item(form: str) -> None:
    started, has_failed = [], threading.Event()

    def work(number: int) -> None:
        started.append(number)
        if number == 0:
            has_failed.wait(60)
            time.sleep(0.02)
        elif number == 1:
            has_failed.set()
            raise ValueError("one")

    with pytest.raises(ValueError, match="one"):
        gather(form, work, range(100), 2, limit_by=(bool, 1), fail_fast=True)
    assert sorted(started) == [0, 1]


def test_a_stream_keeps_no_keys_of_what_is_over() -> None:
    class Key:
        pass

    alive: weakref.WeakSet[Key] = weakref.WeakSet()
    keys = [Key()]

    def new_key(number: int) -> Key:  # two items in a row have the same, so that one is held back
        if number % 2 == 0:
            keys[0] = Key()
            alive.add(keys[0])
        return keys[0]

    stream = run_parallel(lambda _: time.sleep(0.0002), itertools.count(), 4, stream=True, limit_by=(new_key, 1))
    for _ in itertools.islice(stream, 400):
        pass
    assert len(alive) < 50
    stream.close()


# Initializers ---------------------------------------------------------------------------------------------------------


@in_all_forms
def test_an_initializer_is_called_once_in_each_thread_before_its_first_item(form: str) -> None:
    calls: list[threading.Thread] = []
    local = threading.local()

    def initialize() -> None:
        calls.append(threading.current_thread())
        local.session = object()

    def work(_: int) -> tuple[threading.Thread, Any]:
        time.sleep(0.005)
        return threading.current_thread(), local.session

    outcomes = gather(form, work, range(40), 6, initializer=initialize)
    assert not [outcome.error for outcome in outcomes if outcome.error]
    threads = {outcome.result[0] for outcome in outcomes}
    assert 2 <= len(threads) <= 7  # the caller runs only the first items of a stream
    assert len(calls) == len(set(calls)) <= 7
    assert threads <= set(calls)
    assert len({outcome.result for outcome in outcomes}) == len(threads)  # one session in each thread


@pytest.mark.parametrize("form", ["list", "stream", "unordered"])
def test_an_initializer_is_called_in_a_thread_that_works_alone(form: str) -> None:
    calls: list[int] = []
    outcomes = gather(form, lambda _: len(calls), range(50), 1, initializer=lambda: calls.append(threading.get_ident()))
    assert len(calls) == 1
    assert {outcome.result for outcome in outcomes} == {1}


@in_all_forms
def test_an_error_of_an_initializer_is_raised_and_no_item_runs(form: str) -> None:
    started: list[int] = []

    def initialize() -> None:
        raise OSError("no session")

    with pytest.raises(OSError, match="no session"):
        gather(form, started.append, range(100), 3, initializer=initialize)
    assert not started


@in_all_forms
@pytest.mark.parametrize("kind", [OSError, SystemExit])
def test_an_error_of_an_initializer_in_a_helper_ends_the_run(form: str, kind: type[BaseException]) -> None:
    caller, started = threading.get_ident(), []

    def initialize() -> None:
        if threading.get_ident() != caller:
            raise kind("no session")

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.01)

    with pytest.raises(kind, match="no session"):
        gather(form, work, range(300), 3, initializer=initialize)
    assert len(started) < 60


@in_all_forms
@pytest.mark.parametrize("with_watchdog", [False, True])
def test_without_threads_to_be_had_the_caller_is_initialized(form: str, with_watchdog: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    refuse_threads(monkeypatch, with_watchdog)
    outcomes = gather(form, lambda _: len(calls), range(5), initializer=lambda: calls.append(threading.get_ident()))
    assert calls == [threading.get_ident()]
    assert {outcome.result for outcome in outcomes} == {1}


# Progress -------------------------------------------------------------------------------------------------------------


@in_all_forms
@pytest.mark.parametrize("workers", [1, 5])
@pytest.mark.parametrize("is_sized", [False, True])
def test_progress_counts_up_by_one_to_the_total_and_never_overlaps(form: str, workers: int, is_sized: bool) -> None:
    calls: list[tuple[int, int | None]] = []
    lock = threading.Lock()

    def progress(count: int, total: int | None) -> None:
        assert lock.acquire(blocking=False)
        calls.append((count, total))
        time.sleep(0.0005)
        lock.release()

    gather(form, fail_on_three, range(20) if is_sized else iter(range(20)), workers, progress=progress)
    assert [count for count, _ in calls] == list(range(1, 21))
    assert {total for _, total in calls} == {20 if is_sized or not is_stream(form) else None}


@pytest.mark.parametrize("form", [form for form in FORMS if not is_stream(form)])
def test_progress_of_a_list_counts_what_is_finished_behind_a_slow_item(form: str) -> None:
    calls: list[int] = []
    others_are_counted = threading.Event()

    def progress(count: int, _: int | None) -> None:
        calls.append(count)
        if count == 19:
            others_are_counted.set()

    outcomes = gather(form, lambda n: others_are_counted.wait(60) if n == 0 else nap(n), range(20), 4, progress=progress)
    assert outcomes[0].result is True


@in_all_forms
@pytest.mark.parametrize("kind", [KeyError, SystemExit])
def test_an_error_of_progress_ends_the_run(form: str, kind: type[BaseException]) -> None:
    started: list[int] = []

    def progress(count: int, _: int | None) -> None:
        if count == 3:
            raise kind("progress")

    with pytest.raises(kind, match="progress"):
        gather(form, lambda n: started.append(n) or nap(n), range(500), 4, progress=progress)  # type: ignore[func-returns-value]
    count = len(started)
    time.sleep(0.02)
    assert len(started) == count < 250


@pytest.mark.parametrize("form", ["timed", "timed stream"])
def test_progress_is_not_called_after_the_end(form: str) -> None:
    calls: list[int] = []
    is_over = threading.Event()
    gather(form, lambda n: is_over.wait(60) if n else nap(n), range(5), 3, timeout=0.1, progress=lambda count, _: calls.append(count))
    count = len(calls)
    is_over.set()
    wait_for_the_end_of_helpers()
    assert len(calls) == count


@pytest.mark.parametrize("form", [form for form in FORMS if form.startswith("timed")])
def test_progress_counts_what_is_late_once(form: str) -> None:
    calls: list[tuple[int, int | None]] = []

    def progress(*call: Any) -> None:
        calls.append(call)
        time.sleep(0.005)  # meanwhile late items finish

    gather(form, lambda _: time.sleep(0.08), range(20), 4, timeout=0.05, progress=progress, **({"window": 20} if is_stream(form) else {}))
    assert calls == [(count, 20) for count in range(1, len(calls) + 1)]
    assert len(calls) == 20 or not is_stream(form) and len(calls) < 20


def test_progress_counts_an_item_that_needs_long_to_make_room_for_another() -> None:
    class Key:
        """A key that threads other than the caller's need long to look up."""

        def __init__(self, number: int) -> None:
            self._number = number

        def __hash__(self) -> int:
            if threading.get_ident() != caller:
                time.sleep(0.01)
            return hash(self._number)

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Key) and self._number == other._number

    caller, calls = threading.get_ident(), []
    run_parallel(lambda n: n, range(5), 3, limit_by=(Key, 1), progress=lambda count, _: calls.append(count))
    assert calls == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("inner", [{}, {"timeout": 60}, {"limit_by": (lambda _: 0, 3)}, {"stream": True, "timeout": 60}])
@pytest.mark.parametrize("form", ["list", "stream", "timed", "limited"])
def test_a_run_inside_progress_ends(form: str, inner: dict[str, Any]) -> None:
    lengths: list[int] = []

    def progress(*_: object) -> None:
        time.sleep(0.005)
        lengths.append(len(list(run_parallel(nap, range(3), **inner))))

    in_time(lambda: gather(form, lambda n: n, range(3), progress=progress))
    assert lengths == [3, 3, 3]


def test_a_slow_progress_does_not_keep_helpers_from_other_runs() -> None:
    is_inside, is_over = threading.Event(), threading.Event()

    def progress(count: int, _: int | None) -> None:
        if count == 1:
            is_inside.set()
            is_over.wait(60)

    thread = threading.Thread(target=run_parallel, args=(lambda n: n, range(50), 4), kwargs={"progress": progress})
    thread.start()
    is_inside.wait(60)
    time.sleep(0.02)  # the watchdog takes the callback for a reason to start helpers
    workers = collections.Counter[int]()

    def work(_: int) -> None:
        workers[threading.get_ident()] += 1
        time.sleep(0.02)

    run_parallel(work, range(200), 50)
    is_over.set()
    thread.join()
    assert workers[threading.get_ident()] < 200 / 5  # the calling thread does a small part


# What it costs --------------------------------------------------------------------------------------------------------


@in_all_forms
@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_to_wait_for_an_item_takes_no_processor(form: str, is_elsewhere: bool) -> None:
    if is_elsewhere and form in ("limited", "paced"):
        pytest.skip("executors refuse it")

    def seconds() -> float:
        used = time.process_time()
        gather(form, lambda n: time.sleep(0.01 if n else 0.15), range(4), 4, executor=executor if is_elsewhere else None)
        return time.process_time() - used

    with ThreadPoolExecutor(4) as executor:
        assert any(seconds() < 0.05 for _ in range(3))  # the process has other threads, too


@in_all_forms
@pytest.mark.parametrize("with_watchdog", [False, True])
def test_without_threads_to_be_had_no_time_is_lost(form: str, with_watchdog: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds() -> float:
        began = time.perf_counter()
        assert [outcome.result for outcome in gather(form, lambda n: n, range(10))] == list(range(10))
        return time.perf_counter() - began

    refuse_threads(monkeypatch, with_watchdog)
    assert any(seconds() < 0.4 for _ in range(3))  # others may use the processor for a while


@in_all_forms
@pytest.mark.parametrize("options", [{}, {"fail_fast": True}])
def test_what_is_no_exception_ends_the_run_soon(form: str, options: dict[str, Any]) -> None:
    started: list[int] = []

    def work(number: int) -> None:
        started.append(number)
        if number == 3:
            raise SystemExit
        time.sleep(0.01)

    with pytest.raises(SystemExit):
        gather(form, work, range(100), 3, **options)
    assert len(started) < 20


# Mistakes -------------------------------------------------------------------------------------------------------------


async def coroutine_function(number: int) -> int:
    return number


async def asynchronous_generator(number: int) -> AsyncIterator[int]:
    yield number


async def of_two(first: int, second: int) -> int:
    return first + second


class Client:
    async def fetch(self, number: int) -> int:
        return number

    @classmethod
    async def of_the_class(cls, number: int) -> int:
        return number

    @staticmethod
    async def of_none(number: int) -> int:
        return number

    async def __call__(self, number: int) -> int:
        return number


COROUTINE_FUNCTIONS = [
    coroutine_function, asynchronous_generator, Client().fetch, Client.of_the_class, Client.of_none, Client(), functools.partial(of_two, 1),
    functools.partial(functools.partial(Client().fetch)), functools.partial(Client()), functools.partial(asynchronous_generator), mock.AsyncMock(),
]  # fmt: skip


@pytest.mark.parametrize("form", ["list", "stream", "timed"])
@pytest.mark.parametrize("func", COROUTINE_FUNCTIONS)
def test_coroutine_functions_are_refused_at_the_call(func: Any, form: str) -> None:
    taken: list[int] = []
    items = (taken.append(number) for number in range(3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(TypeError, match="run_parallel_async"):
            run_parallel(func, items, **OPTIONS[form])
        with pytest.raises(TypeError, match="run_parallel_async"):
            batch_map(func, items)
        with ThreadPoolExecutor(1) as executor, pytest.raises(TypeError, match="run_parallel_async"):
            run_parallel(func, items, executor=executor, **OPTIONS[form])
    assert not taken


@functools.lru_cache(None)
def cached(number: int) -> Any:
    return coroutine_function(number)


@in_all_forms
@pytest.mark.parametrize("count", [1, 30])
@pytest.mark.parametrize("waits", [False, True])
def test_functions_that_return_coroutines_are_a_type_error(form: str, count: int, waits: bool) -> None:
    seen = []

    def work(number: int) -> Any:
        if waits:
            time.sleep(0.002)
        return coroutine_function(number)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(TypeError, match="run_parallel_async"):
            for outcome in run_parallel(work, range(count), **OPTIONS[form]):
                seen.append(outcome)
        gc.collect()
    assert not seen
    assert form != "list" or not caught  # of a coroutine that was never awaited


def test_calls_that_return_coroutines_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="run_parallel_async"):
        batch_map(cached, [1])
    with pytest.raises(TypeError, match="run_parallel_async"):
        run_together(lambda: 1, lambda: coroutine_function(1))


def test_objects_that_answer_to_any_name_are_functions() -> None:
    class Proxy:
        def __getattr__(self, name: str) -> Proxy:
            return Proxy()

        def __call__(self, number: int) -> int:
            return number * 2

    assert [outcome.result for outcome in run_parallel(Proxy(), range(3))] == [0, 2, 4]
    assert batch_map(mock.Mock(return_value=7), range(3)) == batch_map(mock.MagicMock(return_value=7), range(3)) == [7] * 3
    assert batch_map(str, range(3)) == ["0", "1", "2"]


@pytest.mark.parametrize("executor", [ProcessPoolExecutor, 4, 0, False, object(), "processes", ThreadPoolExecutor, max])
@pytest.mark.parametrize("form", ["list", "stream"])
def test_what_is_no_executor_is_a_type_error(executor: Any, form: str) -> None:
    with pytest.raises(TypeError, match="executor"):
        run_parallel(len, [], executor=executor, **OPTIONS[form])


@pytest.mark.parametrize("form", ["list", "stream"])
@pytest.mark.parametrize("option", [{"limit_by": (len, 1)}, {"per_second": 5}, {"initializer": print}])
def test_executors_refuse_what_is_for_threads(option: dict[str, Any], form: str) -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match=next(iter(option))):
        run_parallel(len, [], executor=executor, **option, **OPTIONS[form])


@pytest.mark.parametrize("form", ["list", "stream"])
@pytest.mark.parametrize(("options", "error"), [
    ({"timeout": float("nan")}, ValueError),
    ({"timeout": "soon"}, TypeError),
    ({"per_second": 0}, ValueError),
    ({"per_second": -3}, ValueError),
    ({"per_second": float("nan")}, ValueError),
    ({"per_second": "many"}, TypeError),
    ({"limit_by": (len, 0)}, ValueError),
    ({"limit_by": (len, -1)}, ValueError),
    ({"limit_by": (len, 1.5)}, TypeError),
    ({"limit_by": (5, 5)}, TypeError),
    ({"limit_by": len}, TypeError),
    ({"max_workers": 0}, ValueError),
    ({"max_workers": "8"}, TypeError),
    ({"unknown": 1}, TypeError),
])  # fmt: skip
def test_options_that_make_no_sense_are_refused_at_the_call(options: dict[str, Any], error: type[Exception], form: str) -> None:
    taken: list[int] = []
    with pytest.raises(error):
        run_parallel(len, (taken.append(number) for number in range(3)), **options, **OPTIONS[form])
    assert not taken


@pytest.mark.parametrize("options", [{"ordered": False}, {"window": 5}])
@pytest.mark.parametrize("others", [{}, {"timeout": 5}, {"per_second": 5}, {"limit_by": (len, 2)}])
def test_options_of_streams_are_refused_for_lists(options: dict[str, Any], others: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="stream"):
        run_parallel(len, [], **options, **others)


@pytest.mark.parametrize(("window", "error"), [(0, ValueError), (-1, ValueError), (2.5, TypeError), (float("inf"), TypeError)])
def test_wrong_windows_are_refused_at_the_call(window: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        run_parallel(len, [], stream=True, window=window)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of POSIX")
@in_all_forms
def test_an_error_of_a_signal_handler_is_raised_even_at_the_last_item(form: str) -> None:
    class Alarm(Exception):
        pass

    came: list[int] = []

    def handler(number: int, _: object) -> None:
        came.append(number)
        raise Alarm

    def work(_: int) -> None:
        deadline = time.perf_counter() + 60
        while not came and time.perf_counter() < deadline:
            time.sleep(0)  # CPython may forget a signal until the thread gives the GIL away (bpo-40010)

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        with pytest.raises(Alarm):
            gather(form, work, [1], 1)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Errors of outcomes ---------------------------------------------------------------------------------------------------


def test_errors_are_the_outcomes_that_failed() -> None:
    outcomes = run_parallel(fail_on_three, [1, 3, 5, 3])
    assert outcomes.errors == [outcomes[1], outcomes[3]]
    assert [type(outcome.error) for outcome in outcomes.errors] == [ValueError] * 2
    assert run_parallel(fail_on_three, [1]).errors == []


def test_no_errors_raise_nothing() -> None:
    run_parallel(fail_on_three, [1, 2]).raise_errors()
    Outcomes().raise_errors()


def test_errors_are_raised_together() -> None:
    outcomes = run_parallel(lambda n: fail_on_three(3) if n % 2 else fail_on_three(n) / 0, range(4))
    errors = [outcome.error for outcome in outcomes.errors]
    assert len(errors) == 4
    if sys.version_info >= (3, 11):
        with pytest.raises(ExceptionGroup, match="4 of 4 items failed") as caught:
            outcomes.raise_errors()
        assert list(caught.value.exceptions) == errors
    else:
        with pytest.raises(ZeroDivisionError) as raised:
            outcomes.raise_errors()
        assert raised.value is errors[0]
        assert raised.value.__notes__ == ["4 of 4 items failed"]


def test_raising_errors_leaves_no_frames_behind() -> None:
    class Item:
        pass

    alive: list[weakref.ref[Item]] = []

    def new_item() -> Item:
        item = Item()
        alive.append(weakref.ref(item))
        return item

    def fail(item: Item) -> None:
        raise ValueError

    gc.collect()
    gc.disable()
    try:
        with contextlib.suppress(Exception):
            run_parallel(fail, [new_item(), new_item()]).raise_errors()
        assert [item() for item in alive] == [None, None]
    finally:
        gc.enable()


# The log of errors that nobody looked at ------------------------------------------------------------------------------


@pytest.fixture
def vendored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A copy of the runtime in the package of somebody else."""
    vendor = pytest.importorskip("par_lint.engine.runtime_module.vendored_copy")
    folder = tmp_path / "shop_of_somebody"
    folder.mkdir()
    (folder / "__init__.py").touch()
    vendor.vendor(folder)
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("shop_of_somebody.parallel")
    for name in [name for name in sys.modules if name.startswith("shop_of_somebody")]:
        del sys.modules[name]


def assert_logged_once(caplog: pytest.LogCaptureFixture, name: str) -> None:
    record, = caplog.records
    assert (record.name, record.levelno) == (name, logging.ERROR)
    assert "1 of 5 items failed" in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)
    assert "fail_on_three" in caplog.text  # the traceback


@pytest.mark.parametrize("form", [form for form in FORMS if not is_stream(form)])
def test_errors_that_nobody_looks_at_are_logged_once(form: str, caplog: pytest.LogCaptureFixture) -> None:
    run_parallel(fail_on_three, range(5), **OPTIONS[form])
    assert_logged_once(caplog, parallel.__name__)


def test_a_vendored_copy_logs_by_its_own_name(vendored: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert vendored.__name__ == "shop_of_somebody.parallel"
    vendored.run_parallel(fail_on_three, range(5))
    assert_logged_once(caplog, "shop_of_somebody.parallel")


def test_errors_are_logged_when_the_outcomes_go_and_not_before(caplog: pytest.LogCaptureFixture) -> None:
    outcomes = run_parallel(fail_on_three, range(5))
    gc.collect()
    assert not caplog.records
    del outcomes
    assert_logged_once(caplog, parallel.__name__)


def test_the_first_error_in_order_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def work(number: int) -> None:
        time.sleep(0.01 * (3 - number))
        raise ValueError(number)

    run_parallel(work, range(3))
    exc_info = caplog.records[0].exc_info
    assert exc_info is not None
    assert exc_info[1] is not None
    assert exc_info[1].args == (0,)
    assert "3 of 3 items failed" in caplog.text


def take_two(outcomes: Any) -> None:
    first, second, *_ = outcomes
    del first, second


def look_for_errors(outcomes: Any) -> None:
    with contextlib.suppress(Exception):
        outcomes.raise_errors()


def match(outcomes: Any) -> None:
    for _, _, error in reversed(outcomes):
        if error:
            break


LOOKS: dict[str, Callable[[Any], object]] = {
    "iterated": lambda outcomes: [error for _, _, error in outcomes], "indexed": lambda outcomes: outcomes[0],
    "sliced": lambda outcomes: outcomes[1:], "compared": lambda outcomes: outcomes == [], "compared otherwise": lambda outcomes: outcomes != [],
    "compared from the left": lambda outcomes: [] == outcomes, "unpacked": take_two, "made a tuple": tuple, "made a list": list,
    "unpacked in a list": lambda outcomes: [*outcomes], "given as arguments": lambda outcomes: (lambda *_: None)(*outcomes),
    "sorted": lambda outcomes: sorted(outcomes, key=id), "zipped": lambda outcomes: list(zip(outcomes, outcomes)), "reversed": match,
    "asked for errors": lambda outcomes: outcomes.errors, "asked to raise": look_for_errors, "asked for the summary": lambda outcomes: outcomes.summary,
    "pickled": pickle.dumps, "copied": copy.copy, "copied as a list": lambda outcomes: outcomes.copy(), "copied deeply": copy.deepcopy,
    "printed": str, "shown": repr, "formatted": lambda outcomes: f"{outcomes}", "searched": lambda outcomes: None in outcomes,
    "popped": lambda outcomes: outcomes.pop(), "added to": lambda outcomes: outcomes + [], "added": lambda outcomes: [] + outcomes,
    "appended to others": lambda outcomes: [].extend(outcomes), "made a dictionary": lambda outcomes: {item: result for item, result, _ in outcomes},
    "counted by a function": lambda outcomes: sum(1 for outcome in outcomes if outcome.error), "counted": lambda outcomes: outcomes.count(None),
    "sorted in place": lambda outcomes: outcomes.sort(key=lambda outcome: outcome.error is None),
}  # fmt: skip


@pytest.mark.parametrize("look", LOOKS)
def test_errors_of_outcomes_that_were_looked_at_are_not_logged(look: str, caplog: pytest.LogCaptureFixture) -> None:
    LOOKS[look](run_parallel(fail_on_three, range(5)))
    assert not caplog.records


@pytest.mark.parametrize("glance", [len, bool, id, type, lambda outcomes: None])
def test_a_glance_is_no_look(glance: Callable[[Any], object], caplog: pytest.LogCaptureFixture) -> None:
    glance(run_parallel(fail_on_three, range(5)))
    assert_logged_once(caplog, parallel.__name__)


def test_a_pickled_copy_is_the_same_and_logs_nothing(caplog: pytest.LogCaptureFixture) -> None:
    outcomes = run_parallel(fail_on_three, range(5))
    loaded = pickle.loads(pickle.dumps(outcomes))
    assert type(loaded) is Outcomes
    assert [outcome[:2] for outcome in loaded] == [outcome[:2] for outcome in outcomes]
    assert loaded.summary == outcomes.summary
    del outcomes, loaded
    assert not caplog.records


def test_what_nobody_needs_to_look_at_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    run_parallel(nap, range(5))
    batch_map(fail_on_three, range(5))
    list(run_parallel(fail_on_three, range(5), stream=True))
    with pytest.raises(ValueError):
        run_parallel(fail_on_three, range(5), fail_fast=True)
    with pytest.raises(ValueError):
        run_together(lambda: fail_on_three(3), lambda: fail_on_three(1))
    assert not caplog.records


def test_a_log_that_fails_does_no_harm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(logging.Logger, "error", fail)
    run_parallel(fail_on_three, range(5))
    assert "Exception ignored" not in capsys.readouterr().err
