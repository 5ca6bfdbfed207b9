"""The runtime: order, errors, streams, and what it costs when nothing waits."""

from __future__ import annotations

import contextvars
import itertools
import subprocess
import sys
import threading
import time
import traceback

import pytest

from par_lint.parallel import Outcome, batch_map, optimal_workers, run_parallel

MODES = [False, True]


def slow_double(number: int) -> int:
    time.sleep(0.01)
    return number * 2


def fail_on_three(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return slow_double(number)


@pytest.mark.parametrize("stream", MODES)
def test_gives_item_result_error_in_input_order(stream: bool) -> None:
    outcomes = list(run_parallel(slow_double, range(40), max_workers=8, stream=stream))
    assert outcomes == [(n, n * 2, None) for n in range(40)]
    assert all(isinstance(outcome, Outcome) for outcome in outcomes)


@pytest.mark.parametrize("stream", MODES)
def test_waiting_work_runs_at_once_but_never_more_than_asked(stream: bool) -> None:
    lock, running, most = threading.Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1

    list(run_parallel(work, range(30), max_workers=5, stream=stream))
    assert 4 <= most <= 5


def test_work_that_never_waits_stays_on_the_calling_thread() -> None:
    names = {outcome.result for outcome in run_parallel(lambda _: threading.current_thread(), range(100))}
    assert names == {threading.current_thread()}


@pytest.mark.parametrize("stream", MODES)
def test_errors_are_given_beside_their_items(stream: bool) -> None:
    outcomes = list(run_parallel(fail_on_three, range(6), max_workers=3, stream=stream))
    assert [outcome.result for outcome in outcomes] == [0, 2, 4, None, 8, 10]
    assert isinstance(outcomes[3].error, ValueError)


@pytest.mark.parametrize("stream", MODES)
def test_fail_fast_raises_with_the_frames_of_the_function(stream: bool) -> None:
    with pytest.raises(ValueError, match="three") as caught:
        list(run_parallel(fail_on_three, range(6), max_workers=3, fail_fast=True, stream=stream))
    assert "fail_on_three" in {frame.name for frame in traceback.extract_tb(caught.value.__traceback__)}


@pytest.mark.parametrize("stream", MODES)
def test_fail_fast_starts_nothing_new_after_the_first_error(stream: bool) -> None:
    started = []

    def work(number: int) -> None:
        started.append(number)
        if number == 4:
            raise KeyError(number)
        time.sleep(0.03)

    with pytest.raises(KeyError):
        list(run_parallel(work, range(200), max_workers=4, fail_fast=True, stream=stream))
    assert len(started) < 20


@pytest.mark.parametrize("stream", MODES)
def test_fail_fast_raises_the_earliest_of_several_errors(stream: bool) -> None:
    def work(number: int) -> None:
        time.sleep(0.05 if number == 1 else 0.01)
        if number in (1, 2, 3):
            raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        list(run_parallel(work, range(20), max_workers=8, fail_fast=True, stream=stream))


def test_a_stream_fails_where_the_loop_would_have() -> None:
    seen = []
    with pytest.raises(ValueError):
        for item, _, _ in run_parallel(fail_on_three, range(10), max_workers=8, fail_fast=True, stream=True):
            seen.append(item)
    assert seen == [0, 1, 2]


def test_a_stream_holds_a_bounded_window_of_an_endless_input() -> None:
    taken = 0

    def endless() -> itertools.count[int]:
        nonlocal taken
        for number in itertools.count():
            taken += 1
            yield number

    outcomes = run_parallel(slow_double, endless(), max_workers=4, stream=True)
    first = list(itertools.islice(outcomes, 10))
    assert [outcome.result for outcome in first] == [n * 2 for n in range(10)]
    assert taken <= 10 + 2 * 4
    outcomes.close()


@pytest.mark.parametrize("stream", MODES)
def test_an_error_of_the_input_comes_after_the_items_before_it(stream: bool) -> None:
    def broken():
        yield from range(5)
        raise OSError("gone")

    seen = []
    with pytest.raises(OSError, match="gone"):
        for outcome in run_parallel(slow_double, broken(), max_workers=3, stream=stream):
            seen.append(outcome.item)
    assert seen == ([0, 1, 2, 3, 4] if stream else [])


def test_leaving_a_stream_early_leaves_no_thread_behind() -> None:
    before = threading.active_count()
    for item, _, _ in run_parallel(slow_double, range(100), max_workers=4, stream=True):
        if item == 5:
            break
    deadline = time.monotonic() + 60
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.005)
    assert threading.active_count() <= before


def test_the_input_is_taken_by_the_calling_thread_alone() -> None:
    threads = set()

    def items():
        for number in range(50):
            threads.add(threading.current_thread())
            yield number

    list(run_parallel(slow_double, items(), max_workers=4, stream=True))
    assert threads == {threading.current_thread()}


@pytest.mark.parametrize("stream", MODES)
def test_runs_inside_runs_do_not_deadlock(stream: bool) -> None:
    def outer(number: int) -> list[int]:
        return batch_map(slow_double, range(number), max_workers=2)

    results = [o.result for o in run_parallel(outer, range(6), max_workers=2, stream=stream)]
    assert results == [[n * 2 for n in range(number)] for number in range(6)]


def test_workers_see_the_context_variables_of_the_caller() -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("here")

    def read(_: int) -> str:
        time.sleep(0.01)
        return variable.get()

    assert set(batch_map(read, range(10))) == {"here"}


def test_exceptions_that_are_no_errors_are_always_raised() -> None:
    def leave(number: int) -> None:
        time.sleep(0.01)
        if number == 2:
            raise SystemExit(3)

    with pytest.raises(SystemExit):
        run_parallel(leave, range(8), max_workers=4)


def test_a_stop_iteration_of_the_function_does_not_end_the_loop_in_silence() -> None:
    def stop(number: int) -> None:
        raise StopIteration

    with pytest.raises((StopIteration, RuntimeError)):
        for _ in run_parallel(stop, range(4), fail_fast=True, stream=True):
            pass


@pytest.mark.parametrize("items", [[], (), {}, iter([])])
def test_no_items_give_no_outcomes(items: object) -> None:
    assert run_parallel(slow_double, items) == []  # type: ignore[call-overload]


@pytest.mark.parametrize("workers", [0, -1])
def test_too_few_workers_are_refused_at_the_call(workers: int) -> None:
    with pytest.raises(ValueError, match="max_workers"):
        run_parallel(slow_double, [1], max_workers=workers, stream=True)


def test_what_cannot_be_called_is_refused_at_the_call() -> None:
    with pytest.raises(TypeError, match="callable"):
        run_parallel(3, [1], stream=True)  # type: ignore[call-overload]


@pytest.mark.parametrize("stream", MODES)
def test_one_worker_is_the_loop_itself(stream: bool) -> None:
    threads = {o.result for o in run_parallel(lambda _: threading.current_thread(), range(3), max_workers=1, stream=stream)}
    assert threads == {threading.current_thread()}


def test_batch_map_gives_only_what_came() -> None:
    assert batch_map(fail_on_three, range(5), max_workers=2) == [0, 2, 4, 8]


def test_optimal_workers() -> None:
    import os

    assert optimal_workers(7) == 7
    assert optimal_workers(1000) == 100
    assert 1 <= optimal_workers(1000, io_bound=False) <= (os.cpu_count() or 1)
    assert optimal_workers(0) == 1


def test_the_quick_reference_of_the_guide_runs() -> None:
    items, handled, used = [1, 2, 3, 4], [], []
    results = run_parallel(fail_on_three, items, max_workers=50, desc="Processing")
    workers = optimal_workers(len(items), io_bound=True)
    assert run_parallel(slow_double, items, max_workers=workers) == [(n, n * 2, None) for n in items]
    for item, result, error in results:
        if error:
            handled.append((item, error))
        else:
            used.append(result)
    assert used == [2, 4, 8]
    assert [item for item, _ in handled] == [3]


def test_importing_it_imports_neither_libcst_nor_flake8_nor_the_rest() -> None:
    code = (
        "import sys, par_lint.parallel; bad = [m for m in sys.modules if m.split('.')[0] in ('libcst', 'flake8') "
        "or m.startswith('par_lint.') and m != 'par_lint.parallel']; sys.exit(repr(bad) if bad else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)


def test_ctrl_c_ends_a_run_that_waits() -> None:
    code = (
        "import _thread, signal, threading, time; from par_lint.parallel import run_parallel\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background is started to ignore it
        "threading.Timer(0.3, _thread.interrupt_main).start()\n"
        "try:\n    run_parallel(lambda n: time.sleep(0.2 if n else 60), range(1, 400), max_workers=2)\n"
        "except KeyboardInterrupt:\n    print('interrupted')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, timeout=30, capture_output=True, text=True)
    assert done.stdout == "interrupted\n"
