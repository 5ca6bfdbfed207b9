"""Fault injection: what surrounds the runtime fails, and runs still give what a loop gives, end, and leave nothing behind.

Simulated: threads that cannot start (`threading.Thread.start` and `_thread.start_new_thread` are replaced; always, the first, the third or
every other one), looks of the watchdog that raise, a watchdog that dies of a MemoryError, clocks that jump, stand still or run double, a
/proc that cannot be read, a broken stderr, a logging that raises, the limit of threads of the process, executors that refuse.
"""

from __future__ import annotations

import _thread
import functools
import io
import itertools
import logging
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import pytest

from par_lint import parallel
from par_lint.parallel import batch_map, optimal_workers, run_parallel, run_together

Result = TypeVar("Result")

OPTIONS: dict[str, dict[str, Any]] = {
    "list": {},
    "stream": {"stream": True},
    "out of order": {"stream": True, "ordered": False},
    "small window": {"stream": True, "window": 1},
    "list, time limit": {"timeout": 1e6},
    "stream, time limit": {"stream": True, "timeout": 1e6},
    "list, limits": {"limit_by": (lambda number: number % 3, 1)},
    "stream, limits": {"stream": True, "limit_by": (lambda number: number % 3, 1)},
    "list, pace": {"per_second": 5000},
    "out of order, all of it": {
        "stream": True, "ordered": False, "timeout": 1e6, "limit_by": (lambda number: number % 3, 2), "per_second": 5000,
    },
}  # fmt: skip
KINDS = pytest.mark.parametrize("kind", list(OPTIONS))
MODES = pytest.mark.parametrize("stream", [False, True])


# ---- What the tests share --------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    assert wait_until(lambda: not parallel._watchdog._is_running)
    threads = threading.active_count()
    yield
    monkeypatch.undo()
    assert have_helpers()
    assert wait_until(lambda: threading.active_count() <= threads)
    assert wait_until(lambda: not parallel._watchdog.runs and not parallel._watchdog._is_running)


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait for something; return whether it came."""
    until = time.monotonic() + seconds
    while not is_so() and time.monotonic() < until:
        time.sleep(0.001)
    return is_so()


def ends(run: Callable[[], Result], seconds: float = 60) -> Result:
    """Return what a function returns, in a thread of its own, so that a hang fails only this test."""
    given: list[Result] = []
    raised: list[BaseException] = []

    def call() -> None:
        try:
            given.append(run())
        except BaseException as error:  # noqa: B036 - it is raised by the caller
            raised.append(error)
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), "it hangs"
    if raised:
        raise raised[0]
    return given[0]


def run_to_the_end(func: Callable[[int], object], count: int, **options: Any) -> list[Any]:
    return list(run_parallel(func, range(count), 4, **options))


def have_helpers() -> bool:
    """Return whether two items can wait for each other."""
    barrier = threading.Barrier(2)
    return not run_parallel(lambda _: barrier.wait(20), range(2), 2).errors


def check(kind: str, count: int = 40) -> None:
    """Make a run with an initializer and with progress, and check all that it gives."""
    local, reports = threading.local(), []

    def initialize() -> None:
        local.is_ready = True

    def work(number: int) -> int:
        assert local.is_ready
        time.sleep(0.001)
        if number % 10 == 7:
            raise ValueError(number)
        return -number

    def run() -> list[Any]:
        report = lambda done, total: reports.append((done, total))  # noqa: E731
        return list(run_parallel(work, range(count), 8, initializer=initialize, progress=report, **OPTIONS[kind]))
    outcomes = sorted(ends(run)) if not OPTIONS[kind].get("ordered", True) else ends(run)
    assert [(outcome.item, outcome.result) for outcome in outcomes] == [(n, None if n % 10 == 7 else -n) for n in range(count)]
    assert [repr(outcome.error) for outcome in outcomes if outcome.error] == [f"ValueError({n})" for n in range(7, count, 10)]
    assert reports == [(done, count) for done in range(1, count + 1)]


def most_at_once(seconds: float = 0.01, count: int = 40, workers: int = 8, **options: Any) -> int:
    """Return how many items that wait ran at the same time."""
    running = most = 0
    lock = threading.Lock()

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(seconds)
        with lock:
            running -= 1
    ends(lambda: list(run_parallel(work, range(count), workers, **options)))
    return most


def fail(*_: object, **__: object) -> NoReturn:
    raise OSError("injected")


# ---- Threads that cannot start ---------------------------------------------------------------------------------------

REFUSALS: dict[str, Callable[[int], bool]] = {
    "always": lambda number: True,
    "the first": lambda number: number == 1,
    "the third": lambda number: number == 3,
    "every other": lambda number: number % 2 == 0,
}


def refuse_helpers(monkeypatch: pytest.MonkeyPatch, when: str, error: type[Exception] = RuntimeError) -> None:
    """Have threads of runs not start."""
    numbers, start = itertools.count(1), threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "run_parallel" and REFUSALS[when](next(numbers)):
            raise error("can't start new thread")
        start(thread)
    monkeypatch.setattr(threading.Thread, "start", refuse)


def refuse_watchdog(monkeypatch: pytest.MonkeyPatch, times: int, error: type[Exception] = RuntimeError) -> None:
    """Have the thread of the watchdog not start for a number of times."""
    start, numbers = _thread.start_new_thread, itertools.count()

    def refuse(*arguments: Any) -> Any:
        if next(numbers) < times:
            raise error("can't start new thread")
        return start(*arguments)
    assert wait_until(lambda: not parallel._watchdog._is_running)
    monkeypatch.setattr(parallel, "_has_green_threads", lambda: False)  # which a function that is not built in looks like
    monkeypatch.setattr(_thread, "start_new_thread", refuse)


@KINDS
@pytest.mark.parametrize("when", list(REFUSALS))
@pytest.mark.parametrize("error", [RuntimeError, MemoryError])
def test_helpers_that_cannot_start_cost_no_outcome(kind: str, when: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_helpers(monkeypatch, when, error)
    check(kind)


@KINDS
@pytest.mark.parametrize("error", [RuntimeError, MemoryError])
def test_a_watchdog_that_cannot_start_costs_no_outcome(kind: str, error: type[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_watchdog(monkeypatch, sys.maxsize, error)
    check(kind)


@KINDS
def test_after_a_watchdog_that_could_not_start_the_next_run_has_one(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_watchdog(monkeypatch, 1)
    check(kind)
    assert ends(have_helpers)


def test_helpers_that_could_start_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for options in ({}, {"stream": True}, {"timeout": 1e6}):
        with monkeypatch.context() as patch:
            refuse_helpers(patch, "the third")
            assert 2 <= most_at_once(count=60, **options) <= 3


@MODES
@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_an_error_ends_a_run_without_threads(stream: bool, error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_helpers(monkeypatch, "always")
    started = []

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.001)
        if number == 5:
            raise error(number)
    for options in ({}, {"timeout": 1e6}, {"limit_by": (lambda number: 0, 2)}, {"per_second": 5000}):
        with pytest.raises(error):
            ends(functools.partial(run_to_the_end, work, 50, fail_fast=True, stream=stream, **options))
        assert max(started) == 5
        started.clear()


@MODES
def test_without_threads_the_pace_is_kept(stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_helpers(monkeypatch, "always")
    began, starts = parallel._now(), []
    ends(lambda: list(run_parallel(lambda _: starts.append(parallel._now()), range(10), 4, per_second=100, stream=stream)))
    assert all(start >= began + 0.01 * place for place, start in enumerate(starts))


@MODES
def test_without_threads_nothing_starts_after_the_time_limit(stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_helpers(monkeypatch, "always")
    started = []

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.05)
    outcomes = ends(lambda: list(run_parallel(work, range(40), 4, timeout=0.2, stream=stream)))
    assert len(outcomes) == 40
    assert 1 <= len(started) <= 6
    assert all(isinstance(outcome.error, TimeoutError) for outcome in outcomes[len(started):])


def test_calls_run_one_after_the_other_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_helpers(monkeypatch, "always")
    assert ends(lambda: run_together(lambda: 1, lambda: 2, lambda: 3)) == (1, 2, 3)
    assert ends(lambda: run_together(a=lambda: 1, b=lambda: 2)) == {"a": 1, "b": 2}
    assert ends(lambda: batch_map(lambda number: batch_map(abs, range(-number, 0)), range(4))) == [[], [1], [2, 1], [3, 2, 1]]


# ---- The watchdog fails ----------------------------------------------------------------------------------------------


def in_watchdog() -> bool:
    """Return whether this is the watchdog's thread: the only one that `threading` does not know."""
    return threading._active.get(_thread.get_ident()) is None  # type: ignore[attr-defined]


@pytest.mark.parametrize("error", [MemoryError, OSError, RuntimeError])
@pytest.mark.parametrize("times", [1, 3])
def test_a_look_that_raises_is_repeated(error: type[Exception], times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    look, numbers = parallel._Run.look, itertools.count()

    def raise_first(run: Any) -> None:
        if next(numbers) < times:
            raise error
        look(run)
    monkeypatch.setattr(parallel._Run, "look", raise_first)
    assert ends(have_helpers)


@KINDS
def test_looks_that_always_raise_cost_no_outcome(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel._Monitor, "helpers_wanted", fail)
    check(kind)


def test_a_run_whose_looks_raise_does_not_keep_helpers_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    look = parallel._Run.look

    def raise_for_naps(run: Any) -> None:
        if run.func is nap:
            raise MemoryError
        look(run)

    def nap(_: int) -> None:
        time.sleep(0.01)
    monkeypatch.setattr(parallel._Run, "look", raise_for_naps)
    other = threading.Thread(target=run_parallel, args=(nap, range(50), 4))
    other.start()
    time.sleep(0.02)
    assert ends(have_helpers)
    other.join()


@KINDS
@pytest.mark.parametrize("times", [1, 2, sys.maxsize])
def test_a_watchdog_that_dies_costs_no_outcome(kind: str, times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wait, numbers, died = parallel._wait, itertools.count(), []

    def raise_first(*arguments: Any) -> bool:
        if in_watchdog() and next(numbers) < times:
            raise MemoryError
        return wait(*arguments)
    monkeypatch.setattr(sys, "unraisablehook", lambda args: died.append(args.exc_value))
    monkeypatch.setattr(parallel, "_wait", raise_first)
    check(kind)
    if times < 10:
        assert ends(have_helpers)


# ---- Clocks and /proc ------------------------------------------------------------------------------------------------


class JumpingClock:
    """The runtime's clock, which jumps at a few of the first calls."""

    def __init__(self, seconds: float, seed: int) -> None:
        self.now, self.seconds, self.offset = parallel._now, seconds, 0.0
        self.jumps = set(random.Random(seed).sample(range(5, 200), 5))
        self.numbers = itertools.count()

    def __call__(self) -> float:
        if next(self.numbers) in self.jumps:
            self.offset += self.seconds
        return self.now() + self.offset


@KINDS
@pytest.mark.parametrize("seconds", [0.05, 1000, -0.01, -0.1])
def test_a_clock_that_jumps_costs_no_outcome(kind: str, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(3):
        monkeypatch.setattr(parallel, "_now", JumpingClock(seconds, seed))
        check(kind)
        assert ends(have_helpers)
        monkeypatch.undo()


def test_a_clock_that_jumps_ahead_may_end_the_time_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_now", JumpingClock(1000, 1))
    outcomes = ends(lambda: run_parallel(lambda _: time.sleep(0.001), range(100), 4, timeout=100))
    assert len(outcomes) == 100
    assert all(outcome.error is None or isinstance(outcome.error, TimeoutError) for outcome in outcomes)


@MODES
def test_a_clock_that_stands_still_does_not_matter_to_items_that_never_wait(stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_now", lambda: 1000.0)
    outcomes = run_parallel(abs, range(-50, 0), 4, stream=stream)
    assert [outcome.result for outcome in outcomes] == list(range(50, 0, -1))
    if isinstance(outcomes, parallel.Outcomes):
        assert "50 items" in str(outcomes.summary)


@pytest.mark.parametrize("has_thread_clocks", [True, False])
@MODES
def test_a_process_clock_that_runs_double_keeps_no_helper_away(
    has_thread_clocks: bool, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a machine with free processors, where two other threads compute without the GIL."""
    monkeypatch.setattr(parallel, "_HAS_THREAD_CLOCKS", has_thread_clocks and parallel._HAS_THREAD_CLOCKS)
    monkeypatch.setattr(parallel, "_process_time", lambda: 2 * time.perf_counter())
    assert ends(have_helpers)
    assert most_at_once(0.02, 100, 25, stream=stream) >= 15
    barrier = threading.Barrier(12)

    def meet(number: int) -> None:
        if number < 500:
            time.sleep(0.0001)
        else:
            barrier.wait(20)
    assert ends(lambda: [outcome for outcome in run_parallel(meet, range(512), 50, stream=stream) if outcome.error]) == []


@MODES
@pytest.mark.parametrize("error", [FileNotFoundError, PermissionError])
def test_a_proc_that_cannot_be_read_keeps_no_helper_away(stream: bool, error: type[OSError], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise error("/proc")
    monkeypatch.setattr(parallel, "open", refuse, raising=False)
    assert ends(have_helpers)
    assert most_at_once(0.02, stream=stream) == 8


@pytest.mark.parametrize("method", ["read_text", "exists"])
def test_cgroups_that_cannot_be_read_are_no_limit(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> NoReturn:
        raise PermissionError("/proc/self/cgroup")
    monkeypatch.setattr(Path, method, refuse)
    assert optimal_workers(1, io_bound=False) == 1
    assert optimal_workers(10**6, io_bound=False) >= 1


# ---- What shows and logs ---------------------------------------------------------------------------------------------


class BrokenTerminal(io.StringIO):
    """A terminal that raises in one of its methods, after it has worked for a number of calls."""

    def __init__(self, method: str, error: Exception, works: int = 0) -> None:
        super().__init__()
        self.method, self.error, self.works = method, error, works

    def isatty(self) -> bool:
        return self.done("isatty")

    def write(self, text: str) -> int:
        return len(text) * self.done("write")

    def flush(self) -> None:
        self.done("flush")

    def done(self, method: str) -> bool:
        """Raise, where it is broken."""
        if method == self.method:
            self.works -= 1
            if self.works < 0:
                raise self.error
        return True


@pytest.mark.parametrize("method", ["isatty", "write", "flush"])
@pytest.mark.parametrize("error", [BrokenPipeError(), ValueError("closed"), AttributeError("fileno")])
@pytest.mark.parametrize("kind", ["list", "stream", "list, time limit"])
def test_a_broken_stderr_costs_no_outcome(
    method: str, error: Exception, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", BrokenTerminal(method, error))
    monkeypatch.setitem(OPTIONS[kind], "desc", "a title")
    check(kind)


@pytest.mark.parametrize("works", [1, 2, 4, 8])
@MODES
def test_a_terminal_that_breaks_during_a_run_does_not_hold_it_up(works: int, stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", BrokenTerminal("write", BrokenPipeError(32, "Broken pipe"), works))
    outcomes = ends(lambda: list(run_parallel(lambda _: time.sleep(0.01), range(40), 4, desc="a title", stream=stream)))
    assert len(outcomes) == 40


@pytest.mark.parametrize("fails_at", ["error", "getLogger", "the import"])
def test_a_logging_that_raises_is_not_heard_of(fails_at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: unraisable.append(args.exc_value))
    with monkeypatch.context() as patch:  # which ends before pytest logs
        if fails_at == "error":
            patch.setattr(logging.Logger, "error", fail)
        elif fails_at == "getLogger":
            patch.setattr(logging, "getLogger", fail)
        else:
            patch.setitem(sys.modules, "logging", None)
        run_parallel(fail, range(3))
    assert unraisable == []


# ---- Too many threads, callbacks and executors that fail -------------------------------------------------------------


@KINDS
def test_where_no_more_threads_are_allowed_a_run_goes_on_alone(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_MAX_THREADS", 1)
    check(kind)


@pytest.mark.parametrize("options", [{}, {"stream": True}, {"timeout": 1e6}, {"limit_by": (lambda number: number, 1)}])
def test_a_run_uses_the_threads_that_are_allowed(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_MAX_THREADS", threading.active_count() + 3)  # one of which makes the run
    assert 2 <= most_at_once(**options) <= 3


def test_runs_in_runs_end_where_few_threads_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_MAX_THREADS", threading.active_count() + 6)
    most = 0

    def work(number: int, depth: int = 0) -> int:
        nonlocal most
        most = max(most, threading.active_count())
        time.sleep(0.002)
        deeper = range(4) if depth < 3 else ()
        return 1 + sum(outcome.result for outcome in run_parallel(lambda inner: work(inner, depth + 1), deeper, 4, stream=depth % 2 == 1))
    assert ends(lambda: work(0)) == 1 + 4 + 16 + 64
    assert most <= parallel._MAX_THREADS


@MODES
def test_an_error_of_a_key_ends_the_run(stream: bool) -> None:
    def key(number: int) -> int:
        if number == 12:
            raise KeyError(number)
        return number
    with pytest.raises(KeyError):
        ends(lambda: list(run_parallel(lambda _: time.sleep(0.002), range(50), 4, limit_by=(key, 1), stream=stream)))


@KINDS
@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_error_of_an_initializer_is_raised(kind: str, number: int) -> None:
    made = 0

    def initialize() -> None:
        nonlocal made
        made += 1  # only ever too low by a race, and then no error is awaited
        if made == number:
            raise LookupError("injected")
    for _ in range(20):
        made, is_raised = 0, False
        try:
            ends(lambda: list(run_parallel(lambda _: time.sleep(0.005), range(30), 8, initializer=initialize, **OPTIONS[kind])))
        except LookupError:
            is_raised = True
        assert is_raised or made < number
        if is_raised:
            break


class Refusing:
    """An executor that runs calls at once, but refuses some, and never finishes others."""

    def __init__(self, refused: set[int], unfinished: set[int]) -> None:
        self.refused, self.unfinished, self.numbers = refused, unfinished, itertools.count(1)

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Run a call."""
        number, future = next(self.numbers), Future[Any]()
        if number in self.refused:
            raise RuntimeError("cannot schedule new futures")
        if number not in self.unfinished:
            future.set_result(function(*arguments))
        return future


@MODES
@pytest.mark.parametrize("refused", [{1}, {2, 3}, set(range(1, 10**3))])
def test_what_an_executor_refuses_is_an_error_of_the_items(stream: bool, refused: set[int]) -> None:
    outcomes = ends(lambda: list(run_parallel(abs, range(50), 4, executor=Refusing(refused, set()), stream=stream)))
    assert [outcome.item for outcome in outcomes] == list(range(50))
    assert {type(outcome.error) for outcome in outcomes if outcome.error is not None} == {RuntimeError}


@MODES
def test_what_an_executor_never_finishes_ends_with_the_time(stream: bool) -> None:
    outcomes = ends(lambda: list(run_parallel(abs, range(50), 4, executor=Refusing(set(), {2}), stream=stream, timeout=0.2)))
    assert [outcome.item for outcome in outcomes] == list(range(50))
    assert {type(outcome.error) for outcome in outcomes if outcome.error is not None} == {TimeoutError}
