"""What the watchdog does: when helpers come, when they do not, and what the summary says of it.

Nothing here asserts how long something takes. Machines are busy at times: where helpers are to come soon, one run of several has to show it.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from par_lint import parallel
from par_lint.parallel import run_parallel, run_together

STREAM: list[dict[str, Any]] = [{}, {"stream": True}]
FORMS: list[dict[str, Any]] = [{}, {"stream": True}, {"stream": True, "ordered": False}, {"timeout": 60}, {"stream": True, "timeout": 60}]
BLOB = bytes(1 << 20)
NEEDS_TWO = pytest.mark.skipif(parallel.optimal_workers(2, io_bound=False) < 2, reason="one processor")


def threads_of(func: Callable[[Any], object], items: Any, workers: int = 50, **options: Any) -> int:
    """Return how many threads ran items."""
    threads = set()

    def work(item: Any) -> None:
        threads.add(threading.get_ident())
        func(item)

    for outcome in run_parallel(work, items, workers, **options):
        assert outcome.error is None, outcome
    return len(threads)


def most_at_once(func: Callable[[Any], object], items: Any, **options: Any) -> int:
    """Return how many items ran at the same time at most."""
    lock, running, most = threading.Lock(), 0, 0

    def work(item: Any) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        func(item)
        with lock:
            running -= 1

    for _ in run_parallel(work, items, **options):
        pass
    return most


def one_of(count: int, is_so: Callable[[], bool]) -> bool:
    """Return whether something is so in one of a few tries."""
    if any(is_so() for _ in range(count)):
        return True
    skip_where_others_take_the_processors()
    return False


def often(is_so: Callable[[], bool], count: int = 3) -> bool:
    """Return whether something is so in some of a few tries: while others use the machine, the clocks may show waiting where there is none."""
    tries = (is_so() for _ in range(5 * count))
    if sum(itertools.islice(filter(None, tries), count)) == count:
        return True
    skip_where_others_take_the_processors()
    return False


def skip_where_others_take_the_processors() -> None:
    """Skip what cannot be seen on a machine that is far busier than the tests make it: threads that do not get a processor seem to wait."""
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > 2 * (os.cpu_count() or 1):
        pytest.skip("the machine is too busy")


def nap(seconds: float) -> Callable[[object], None]:
    return lambda _: time.sleep(seconds)


def compute_without_gil(size: int = 1 << 20) -> Callable[[object], object]:
    return lambda _: hashlib.sha256(BLOB[:size]).digest()


@contextlib.contextmanager
def others(kind: str, count: int = 2) -> Iterator[None]:
    """Keep other threads of the process busy: at nothing, at pure Python, or at what needs no GIL."""
    is_over = threading.Event()

    def burn() -> None:
        while not is_over.is_set():
            if kind == "hashing":
                hashlib.sha256(BLOB).digest()
            else:
                sum(range(1000))

    threads = [threading.Thread(target=burn) for _ in range(0 if kind == "nothing" else count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


# Work that waits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", STREAM)
@pytest.mark.parametrize(("count", "least"), [(2, 2), (3, 3), (4, 4), (10, 5), (50, 20)])
def test_few_items_that_wait_get_helpers(count: int, least: int, options: dict[str, Any]) -> None:
    """How soon they come is what the benchmark of the runtime measures."""
    arrived: set[int] = set()
    are_enough = threading.Event()

    def wait_for_others(_: object) -> None:
        arrived.add(threading.get_ident())
        if len(arrived) >= least:
            are_enough.set()
        assert are_enough.wait(60)

    assert threads_of(wait_for_others, range(count), **options) >= least


@pytest.mark.parametrize("options", STREAM)
def test_short_waits_get_many_helpers(options: dict[str, Any]) -> None:
    assert one_of(6, lambda: threads_of(nap(0.0007), range(400), **options) > 8)


@pytest.mark.parametrize("options", FORMS)
def test_what_begins_to_wait_late_gets_helpers(options: dict[str, Any]) -> None:
    assert one_of(4, lambda: threads_of(lambda number: time.sleep(0.01 * (number > 500)), range(540), 8, **options) > 4)


@pytest.mark.parametrize("options", STREAM)
@pytest.mark.parametrize("kind", ["nothing", "hashing"])
def test_helpers_come_though_other_threads_compute(kind: str, options: dict[str, Any]) -> None:
    with others(kind):
        assert one_of(4, lambda: threads_of(nap(0.01), range(60), 20, **options) > 15)
        assert often(lambda: threads_of(nap(0.0007), range(600), **options) > 8, 5)


@pytest.fixture(params=["macOS", "Windows"])
def no_clocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the only clock that of the process, in which others may compute, too; that of Windows is coarse."""
    monkeypatch.setattr(parallel, "_HAS_THREAD_CLOCKS", False)
    for name in ("_FIRST_LOOK", "_SECOND_LOOK", "_THIRD_LOOK") if request.param == "Windows" else ():
        monkeypatch.setattr(parallel, name, 0.02)


@pytest.mark.parametrize("options", STREAM)
@pytest.mark.parametrize("kind", ["nothing", "hashing"])
def test_helpers_come_where_threads_have_no_clocks(kind: str, options: dict[str, Any], no_clocks: None) -> None:
    with others(kind):
        assert one_of(4, lambda: threads_of(nap(0.02), range(40), 10, **options) > 4)


@pytest.mark.parametrize("options", [{}, {"stream": True}, {"timeout": 60}])
def test_items_meet_whatever_the_clocks_say(options: dict[str, Any], no_clocks: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that says that the thread computes all the time, as where others of the process do."""
    monkeypatch.setattr(parallel, "_process_time", lambda: 2 * time.perf_counter())
    barrier = threading.Barrier(3)
    assert [outcome.error for outcome in run_parallel(lambda _: barrier.wait(20) and None, range(3), 3, **options)] == [None] * 3


def test_a_run_that_needs_no_helpers_starts_none() -> None:
    before = threading.active_count()
    seen = []
    for outcome in run_parallel(lambda _: threading.active_count(), range(2000)):
        seen.append(outcome.result)
    assert set(seen) == {before}


# Work without the GIL -----------------------------------------------------------------------------------------------


@NEEDS_TWO
@pytest.mark.parametrize("options", STREAM)
@pytest.mark.parametrize("processors", [2, 3])
def test_work_without_the_gil_uses_the_processors_and_no_more(processors: int, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_processors", lambda: processors)
    counts = []

    def is_right() -> bool:
        counts.append(most_at_once(compute_without_gil(), range(60), **options))
        return counts[-1] <= processors

    assert often(is_right, 4), counts
    assert max(counts) >= 2 or one_of(20, lambda: most_at_once(compute_without_gil(), range(60), **options) >= 2)


@pytest.mark.parametrize("options", STREAM)
def test_work_without_the_gil_runs_one_by_one_on_one_processor(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_processors", lambda: 1)
    assert often(lambda: most_at_once(compute_without_gil(), range(40), **options) == 1)


@pytest.mark.parametrize("options", STREAM)
def test_hashing_a_little_is_not_worth_a_thread(options: dict[str, Any]) -> None:
    assert often(lambda: threads_of(compute_without_gil(1 << 12), range(2000), **options) == 1)


# Pure Python --------------------------------------------------------------------------------------------------------


DOCUMENT: dict[str, Any] = {"numbers": list(range(2000)), "texts": ["some text"] * 500}
TEXT = json.dumps(DOCUMENT)
PURE = {
    "a loop": lambda _: [number * 2 for number in range(3000)],
    "json": lambda _: json.loads(TEXT),
    "json written": lambda _: json.dumps(DOCUMENT),
    "re": lambda _: re.findall(r"(\d+),", TEXT),
    "sorting": lambda _: sorted(DOCUMENT["numbers"], key=lambda number: -number),
    "nothing": lambda _: None,
}


@pytest.mark.parametrize("options", STREAM)
@pytest.mark.parametrize("kind", PURE)
def test_pure_python_stays_on_the_calling_thread(kind: str, options: dict[str, Any]) -> None:
    assert often(lambda: threads_of(PURE[kind], range(100), **options) == 1, 2)


@pytest.mark.parametrize("options", FORMS)
def test_cached_files_are_read_by_one_thread(options: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(bytes(4096))
    assert often(lambda: threads_of(lambda _: file.read_bytes(), range(1000), **options) == 1)


@pytest.mark.parametrize("options", [{"timeout": 60}, {"stream": True, "timeout": 60}, {"per_second": 1e6}, {"limit_by": (hash, 1)}])
@pytest.mark.parametrize("count", [1, 50, 3000])
def test_quick_work_that_the_caller_only_waits_for_has_one_thread(count: int, options: dict[str, Any]) -> None:
    assert often(lambda: threads_of(abs, range(count), **options) == 1)


# Items that wait for one another ------------------------------------------------------------------------------------


def poll_with(pause: float | None) -> Callable[[Callable[[], bool]], bool]:
    def poll(is_set: Callable[[], bool]) -> bool:
        deadline = time.monotonic() + 20
        while not is_set():
            if time.monotonic() > deadline:
                return False
            if pause is not None:
                time.sleep(pause)
        return True

    return poll


POLLS = {"spin": poll_with(None), "sleep 0": poll_with(0), "poll": poll_with(5e-5), "poll slowly": poll_with(0.003)}


@pytest.mark.parametrize("options", FORMS)
@pytest.mark.parametrize("kind", POLLS)
def test_items_that_poll_for_what_others_do_meet(kind: str, options: dict[str, Any]) -> None:
    arrived: set[int] = set()
    count = 3

    def meet(number: int) -> bool:
        arrived.add(number)
        return POLLS[kind](lambda: len(arrived) == count)

    assert all(outcome.result for outcome in run_parallel(meet, range(count), count, **options))


@pytest.mark.parametrize("kind", POLLS)
def test_calls_that_poll_for_one_another_meet(kind: str) -> None:
    flag = threading.Event()
    assert run_together(lambda: POLLS[kind](flag.is_set), lambda: flag.set() is None) == (True, True)


@pytest.mark.parametrize("options", FORMS)
@pytest.mark.parametrize("kind", ["nothing", "hashing", "Python"])
@pytest.mark.parametrize("quick", [0, 100])
def test_items_that_wait_for_one_another_meet(quick: int, kind: str, options: dict[str, Any]) -> None:
    """First come waits that are worth few helpers."""
    with others(kind, 1):
        assert_meet(12, quick // 5 if kind == "Python" else quick, options)


@pytest.mark.parametrize("options", [{}, {"stream": True}, {"timeout": 60}])
@pytest.mark.parametrize("kind", ["nothing", "Python"])
def test_items_meet_where_threads_have_no_clocks(kind: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_HAS_THREAD_CLOCKS", False)
    with others(kind, 1):
        assert_meet(5, 20, options)


def assert_meet(count: int, quick: int, options: dict[str, Any]) -> None:
    barrier = threading.Barrier(count)

    def work(number: int) -> None:
        if number < quick:
            time.sleep(0.00012)
        else:
            barrier.wait(20)

    outcomes = list(run_parallel(work, range(quick + count), count if not quick else 30, **options))
    assert [outcome.error for outcome in outcomes] == [None] * (quick + count)


# The watchdog itself ------------------------------------------------------------------------------------------------


def is_watchdog() -> bool:
    """Return whether this is the watchdog's thread, which `threading` does not know."""
    return threading.get_ident() not in {thread.ident for thread in threading.enumerate()}


@pytest.mark.parametrize("options", FORMS)
@pytest.mark.parametrize("kind", [MemoryError, KeyboardInterrupt])
def test_a_watchdog_that_died_is_replaced(kind: type[BaseException], options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    deaths: list[object] = []
    wait = parallel._wait

    def fail_once(*arguments: Any) -> bool:
        if is_watchdog() and not deaths:
            deaths.append(None)
            raise kind
        return wait(*arguments)

    monkeypatch.setattr(sys, "unraisablehook", deaths.append)
    monkeypatch.setattr(parallel, "_wait", fail_once)
    for _ in range(3):  # while it dies, and afterwards
        assert len(list(run_parallel(nap(0.005), range(20), 8, **options))) == 20
    assert deaths
    assert one_of(4, lambda: threads_of(nap(0.01), range(20), 8, **options) > 4)


@pytest.mark.parametrize("options", FORMS)
def test_a_look_that_fails_costs_no_helpers(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[object] = []
    look = parallel._Monitor.helpers_wanted

    def fail_once(self: Any, *arguments: Any) -> int:
        if not failures:
            failures.append(self)
            raise MemoryError
        return look(self, *arguments)

    monkeypatch.setattr(parallel._Monitor, "helpers_wanted", fail_once)
    barrier = threading.Barrier(3)
    assert [outcome.error for outcome in run_parallel(lambda _: barrier.wait(20) and None, range(3), 3, **options)] == [None] * 3
    assert failures


def test_a_run_that_fails_to_be_looked_at_harms_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    look = parallel._ListRun.look

    def look_or_fail(self: Any) -> None:
        if self.options.max_workers == 7:
            raise MemoryError
        look(self)

    monkeypatch.setattr(parallel._ListRun, "look", look_or_fail)
    with ThreadPoolExecutor(1) as pool:
        ill = pool.submit(run_parallel, nap(0.005), range(40), 7)
        assert one_of(4, lambda: threads_of(nap(0.01), range(20), 8) > 4)
        assert len(ill.result(30)) == 40


def test_the_watchdog_ends_soon_and_is_one() -> None:
    folder = Path("/proc/self/task")
    if not folder.is_dir():
        pytest.skip("Linux")
    code = (
        "import os, time, threading\n"
        f"from {parallel.__name__} import run_parallel\n"
        "tasks = lambda: len(os.listdir('/proc/self/task')) - threading.active_count()\n"
        "runs = [threading.Thread(target=run_parallel, args=(lambda _: time.sleep(0.002), range(50), 3)) for _ in range(4)]\n"
        "for run in runs: run.start()\n"
        "most = 0\n"
        "while any(run.is_alive() for run in runs): most = max(most, tasks())\n"
        "deadline = time.monotonic() + 10\n"
        "while tasks() and time.monotonic() < deadline: time.sleep(0.01)\n"
        "print(most > 0, tasks())\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "True 0\n"


# Live sources -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [0, 0.003])
@pytest.mark.parametrize("options", [{}, {"ordered": False}, {"timeout": 60}, {"ordered": False, "timeout": 60}])
@pytest.mark.parametrize("workers", [1, 8])
def test_an_outcome_is_handed_out_before_a_live_source_is_asked_again(workers: int, options: dict[str, Any], seconds: float) -> None:
    events: list[tuple[str, int]] = []

    def source() -> Iterator[int]:
        for number in range(4):
            events.append(("asked for", number))
            time.sleep(0.02)
            yield number

    for outcome in run_parallel(nap(seconds), source(), workers, stream=True, **options):
        events.append(("handed out", outcome.item))
    assert events == [event for number in range(4) for event in (("asked for", number), ("handed out", number))]


@pytest.mark.parametrize("options", [{}, {"ordered": False}, {"timeout": 60}])
def test_a_source_that_becomes_live_is_asked_only_when_nothing_is_due(options: dict[str, Any]) -> None:
    events: list[tuple[str, int]] = []

    def source() -> Iterator[int]:
        for number in range(12):
            events.append(("asked for", number))
            time.sleep(0.002 if number < 6 else 0.05)
            yield number

    for outcome in run_parallel(nap(0.02), source(), 8, stream=True, **options):
        events.append(("handed out", outcome.item))
    live = events[events.index(("asked for", 8)):]
    assert [live.index(("handed out", number)) < live.index(("asked for", number + 1)) for number in range(8, 11)] == [True] * 3


@pytest.mark.parametrize("options", [{}, {"ordered": False}, {"timeout": 60}])
def test_work_that_is_slower_than_a_live_source_runs_beside_it(options: dict[str, Any]) -> None:
    def source() -> Iterator[int]:
        for number in range(20):
            time.sleep(0.005)
            yield number

    assert one_of(4, lambda: threads_of(nap(0.05), source(), 8, stream=True, **options) > 3)


@pytest.mark.parametrize("count", [1, 5])
def test_an_executor_hands_out_before_a_live_source_is_asked_again(count: int) -> None:
    events: list[tuple[str, int]] = []

    def source() -> Iterator[int]:
        for number in range(count):
            events.append(("asked for", number))
            time.sleep(0.05)
            yield number

    with ThreadPoolExecutor(2) as pool:
        for outcome in run_parallel(abs, source(), stream=True, executor=pool):
            events.append(("handed out", outcome.item))
    assert events == [event for number in range(count) for event in (("asked for", number), ("handed out", number))]


# The summary --------------------------------------------------------------------------------------------------------


def wait_and_compute(_: object) -> None:
    """Most of it is Python, for which threads queue."""
    time.sleep(0.002)
    end = time.thread_time() + 0.004
    while time.thread_time() < end:
        pass


@pytest.mark.parametrize("options", [{}, {"timeout": 60}, {"per_second": 1e6}])
def test_the_summary_claims_no_speed_up_where_threads_queued(options: dict[str, Any]) -> None:
    for _ in range(15):  # where other processes take the processors from it, it cannot tell
        summary = run_parallel(wait_and_compute, range(60), 20, **options).summary
        if summary.loop_seconds is None:
            break
    else:
        skip_where_others_take_the_processors()
    assert summary.workers > 1
    assert summary.loop_seconds is summary.speed_up is None
    assert "loop" not in str(summary)
    assert summary.computing_seconds >= 60 * 0.004


@pytest.mark.parametrize("options", [{}, {"timeout": 60}, {"per_second": 1e6}])
def test_the_summary_claims_a_speed_up_where_threads_waited(options: dict[str, Any]) -> None:
    summaries = [run_parallel(nap(0.03), range(60), 20, **options).summary for _ in range(4)]
    summary = max(summaries, key=lambda summary: summary.speed_up or 0)  # the one that others disturbed least
    assert summary.speed_up is not None
    assert summary.loop_seconds is not None
    assert 60 * 0.03 <= summary.loop_seconds < 60 * 0.03 * 5
    assert summary.speed_up == pytest.approx(summary.loop_seconds / summary.wall_seconds)
    assert summary.speed_up > 3
    assert "times as fast as a loop" in str(summary)
    assert summary.waiting_seconds >= 60 * 0.03
    assert summary.computing_seconds < 60 * 0.03 / 5


def test_the_summary_of_a_loop_claims_no_more_than_a_loop() -> None:
    def claims_no_more() -> bool:
        summary = run_parallel(PURE["a loop"], range(200)).summary
        assert summary.speed_up is not None
        return summary.workers == 1 and summary.speed_up < 1.2

    assert often(claims_no_more)


def test_the_summary_counts_what_each_worker_did(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = run_parallel(lambda number: time.sleep(0.005) or 1 // (number % 10), range(50), 5)
    summary = outcomes.summary
    assert (summary.successes, summary.failures, len(outcomes.errors)) == (45, 5, 5)
    assert 2 <= summary.workers <= 5
    assert summary.item_seconds == summary.waiting_seconds + summary.computing_seconds >= 50 * 0.005


def test_late_items_do_not_make_the_summary_wrong() -> None:
    release = threading.Event()
    summary = run_parallel(lambda number: number < 5 or release.wait(60), range(10), 4, timeout=0.5).summary
    release.set()
    assert (summary.successes, summary.failures) == (5, 5)
    assert summary.item_seconds >= 0
    assert list(itertools.islice(summary, 1)) == [summary.wall_seconds]
    assert str(summary)
