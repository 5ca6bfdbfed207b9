"""What goes wrong with pools: one test for each hazard of peers that the runtime must not have."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import io
import itertools
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from par_lint import parallel
from par_lint.parallel import batch_map, run_parallel, run_together

MODES = [False, True]
POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and fork of POSIX")
HERE = parallel.__name__  # the tests also run on a copy


def nap(_: object) -> None:
    time.sleep(0.01)


def run_code(code: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a program in another process."""
    header = f"import os, sys, threading, time\nfrom {HERE} import run_parallel\n"
    return subprocess.run([sys.executable, "-c", header + code], capture_output=True, text=True, timeout=timeout, check=False)


# Exceptions ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", MODES)
@pytest.mark.parametrize("workers", [1, 2, 50])
@pytest.mark.parametrize("kind", [SystemExit, GeneratorExit, KeyboardInterrupt, asyncio.CancelledError])
@pytest.mark.parametrize("place", [0, 7])
def test_what_is_no_exception_stops_everything_and_is_raised(kind: type[BaseException], workers: int, place: int, stream: bool) -> None:
    started = []

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.005)
        if number == place:
            raise kind("stop")

    with pytest.raises(kind):
        list(run_parallel(work, range(400), workers, stream=stream))
    assert len(started) < 400


@POSIX
@pytest.mark.parametrize("stream", MODES)
def test_ctrl_c_leaves_at_once_starts_nothing_more_and_does_not_block_the_exit(stream: bool) -> None:
    code = f"""
from {HERE} import run_parallel
import os, signal, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is started to ignore it
def work(number):
    os.write(1, b"started\\n")  # in one piece, as print is not
    time.sleep(0.05 if number < 4 else 600)
try:
    list(run_parallel(work, range(1000), 8, stream={stream}))
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            lines = [process.stdout.readline() for _ in range(8)]
            process.send_signal(signal.SIGINT)
            rest, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    assert lines == ["started\n"] * 8
    assert "interrupted" in rest
    assert process.returncode == 0
    assert rest.count("started") < 20


def test_an_input_that_raises_gives_the_outcomes_before_it() -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone") as caught:
        run_parallel(lambda n: n * 2, items())
    assert caught.value.partial == [(n, n * 2, None) for n in range(5)]  # type: ignore[attr-defined]


def test_an_error_of_an_item_comes_before_one_of_the_input() -> None:
    def items() -> Iterator[int]:
        yield 0
        raise OSError

    with pytest.raises(ZeroDivisionError):
        run_parallel(lambda n: 1 // n, items(), fail_fast=True)


@pytest.mark.parametrize("stream", MODES)
def test_an_exception_that_is_returned_is_a_result(stream: bool) -> None:
    error = ValueError("a value")
    assert list(run_parallel(lambda _: error, [1], stream=stream)) == [(1, error, None)]


@pytest.mark.parametrize("stream", MODES)
def test_items_are_opaque(stream: bool) -> None:
    items: list[Any] = [(n for n in ()), None, (1, 2), [], {}, float("nan"), None]
    outcomes = list(run_parallel(lambda item: item, items, stream=stream))
    assert all(outcome.item is item and outcome.result is item for outcome, item in zip(outcomes, items))


@pytest.mark.parametrize("stream", MODES)
def test_a_traceback_begins_in_the_function_of_the_user(stream: bool) -> None:
    def fails(number: int) -> None:
        time.sleep(0.003)
        raise ValueError(number)

    for outcome in run_parallel(fails, range(10), 4, stream=stream):
        assert [frame.name for frame in traceback.extract_tb(outcome.error.__traceback__)] == ["fails"]  # type: ignore[union-attr]


@pytest.mark.parametrize("stream", MODES)
def test_fail_fast_shows_the_function_of_the_user_last(stream: bool) -> None:
    def fails(number: int) -> None:
        raise ValueError(number)

    with pytest.raises(ValueError) as caught:
        list(run_parallel(fails, range(10), 4, stream=stream, fail_fast=True))
    assert "raise ValueError(number)" in "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
    assert traceback.extract_tb(caught.tb)[-1].name == "fails"


@pytest.mark.parametrize("stream", MODES)
def test_an_error_of_the_last_item_started_stops_the_rest_though_the_first_still_runs(stream: bool) -> None:
    first_may_end = threading.Event()
    started = []

    def work(number: int) -> None:
        started.append(number)
        if number == 0:
            assert first_may_end.wait(60)
        time.sleep(0.005)
        if number == 3:
            threading.Timer(0.3, first_may_end.set).start()
            raise ValueError("late")

    with pytest.raises(ValueError, match="late"):
        list(run_parallel(work, range(1000), 4, fail_fast=True, stream=stream))
    assert len(started) < 100  # 180 and more if they went on


# Inputs and arguments -----------------------------------------------------------------------------------------------


def test_a_stream_takes_no_more_than_its_window_from_an_endless_input() -> None:
    taken = 0

    def endless() -> Iterator[int]:
        nonlocal taken
        for taken in itertools.count(1):
            yield taken

    outcomes = run_parallel(nap, endless(), 5, stream=True)
    for handed_out, _ in enumerate(itertools.islice(outcomes, 50)):
        assert taken - handed_out <= 2 * 5 + 1
    outcomes.close()


def test_a_slow_input_does_not_keep_the_first_outcome_waiting() -> None:
    taken = []

    def slow() -> Iterator[int]:
        for number in range(1000):
            time.sleep(0.002)
            taken.append(number)
            yield number

    outcomes = run_parallel(lambda n: n, slow(), stream=True)
    assert next(outcomes).item == 0
    assert len(taken) < 20
    outcomes.close()


def test_a_slow_input_and_slow_work_overlap() -> None:
    def slow() -> Iterator[int]:
        for number in range(30):
            time.sleep(0.005)
            yield number

    threads = {outcome.result for outcome in run_parallel(lambda _: time.sleep(0.05) or threading.get_ident(), slow(), 20, stream=True)}
    assert len(threads) > 3


@pytest.mark.parametrize(("workers", "error"), [(0, ValueError), (-1, ValueError), (False, ValueError), (2.0, TypeError), ("2", TypeError)])
def test_wrong_numbers_of_workers_are_refused(workers: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        run_parallel(nap, [1], workers)


def test_none_is_the_default_number_of_workers() -> None:
    assert batch_map(lambda n: n, [1], None) == [1]


def test_a_huge_number_of_workers_starts_no_more_threads_than_items() -> None:
    before = threading.active_count()
    most = max(batch_map(lambda _: time.sleep(0.02) or threading.active_count(), range(20), 10**6))
    assert most - before <= 20 + 1


def test_what_cannot_be_called_is_refused_before_the_input_is_touched() -> None:
    items = iter([1])
    with pytest.raises(TypeError, match="func"):
        run_parallel(None, items)  # type: ignore[arg-type, call-overload]
    assert next(items) == 1


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 60), st.booleans(), st.booleans())
def test_outcomes_are_those_of_a_loop(items: list[int], workers: int, waits: bool, stream: bool) -> None:
    def work(number: int) -> float:
        if waits:
            time.sleep(number / 1000)
        return 1 / number

    def loop(number: int) -> float | None:
        return 1 / number if number else None

    outcomes = list(run_parallel(work, items, workers, stream=stream))
    assert [(outcome.item, outcome.result) for outcome in outcomes] == [(item, loop(item)) for item in items]
    assert all(isinstance(outcome.error, ZeroDivisionError) == (outcome.item == 0) for outcome in outcomes)


@pytest.mark.parametrize("stream", MODES)
def test_one_item_needs_no_thread(stream: bool) -> None:
    here = threading.get_ident()
    assert [o.result for o in run_parallel(lambda _: time.sleep(0.02) or threading.get_ident(), [1], stream=stream)] == [here]


# Threads ------------------------------------------------------------------------------------------------------------


def test_runs_within_runs_within_runs_end() -> None:
    def level(depth: int) -> int:
        if not depth:
            time.sleep(0.003)
            return 1
        return sum(batch_map(level, [depth - 1] * 5, 5))

    assert level(3) == 125


def test_runs_within_runs_have_one_limit_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = threading.active_count() + 12
    monkeypatch.setattr(parallel, "_MAX_THREADS", limit)
    seen = []

    def inner(_: int) -> None:
        time.sleep(0.005)
        seen.append(threading.active_count())

    run_parallel(lambda _: run_parallel(inner, range(20), 20), range(20), 20)
    assert len(seen) == 400
    assert max(seen) <= limit + 3  # threads that start at the same moment may pass it by a few


def test_it_can_be_called_from_many_threads_at_once() -> None:
    results: dict[int, list[int]] = {}

    def call(number: int) -> None:
        results[number] = batch_map(lambda n: time.sleep(0.002) or n * number, range(30), 5)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert results == {number: [n * number for n in range(30)] for number in range(8)}


def test_it_can_be_called_in_an_event_loop() -> None:
    async def main() -> list[int]:
        return batch_map(lambda n: time.sleep(0.005) or n, range(20), 5)

    assert asyncio.run(main()) == list(range(20))


@pytest.mark.parametrize("stream", MODES)
def test_without_threads_to_be_had_it_goes_on_alone(stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    def refuse_raw(*arguments: object) -> None:
        raise RuntimeError("can't start new thread")

    parallel._watchdog.end()
    monkeypatch.setattr("_thread.start_new_thread", refuse_raw)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert [o.result for o in run_parallel(lambda n: time.sleep(0.002) or n, range(30), stream=stream)] == list(range(30))
    assert [o.result for o in run_parallel(lambda n: n, range(30), stream=stream, timeout=30)] == list(range(30))


@pytest.mark.parametrize("stream", MODES)
def test_with_a_few_threads_to_be_had_it_uses_those(stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    batch_map(nap, range(3))  # the watchdog runs
    start, left = threading.Thread.start, [3]

    def refuse(self: threading.Thread) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    threads = {o.result for o in run_parallel(lambda _: time.sleep(0.005) or threading.get_ident(), range(60), stream=stream)}
    assert 2 <= len(threads) <= 4


def test_at_exit_of_the_interpreter_the_work_is_done() -> None:
    done = run_code(
        "import atexit\n"
        "def work(n):\n    time.sleep(0.002)\n    return n\n"
        "atexit.register(lambda: print(sum(o.result for o in run_parallel(work, range(50)))))\n"
    )
    assert (done.stdout, done.stderr) == (f"{sum(range(50))}\n", "")


def test_after_the_end_of_the_main_thread_the_work_is_done() -> None:
    done = run_code(
        "def work(n):\n    time.sleep(0.002)\n    return n\n"
        "def later():\n    time.sleep(0.2)\n    print(sum(o.result for o in run_parallel(work, range(50))))\n"
        "threading.Thread(target=later).start()\n"
    )
    assert (done.stdout, done.stderr) == (f"{sum(range(50))}\n", "")


@POSIX
@pytest.mark.parametrize("place", ["after a run", "in a worker"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_has_helpers_again(place: str) -> None:
    forking = (
        "def child():\n"
        "    threads = {o.result for o in run_parallel(lambda _: time.sleep(0.02) or threading.get_ident(), range(40))}\n"
        "    os._exit(0 if len(threads) > 3 else 3)\n"
        "def fork(_):\n"
        "    pid = os.fork()\n"
        "    if not pid:\n        child()\n"
        "    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])\n"
        "run_parallel(lambda _: time.sleep(0.01), range(20))\n"
    )
    call = "print(fork(0))" if place == "after a run" else "print(*{o.result for o in run_parallel(fork, range(4))})"
    assert run_code(forking + call).stdout == "0\n"


def test_a_late_item_does_not_block_the_exit() -> None:
    done = run_code("print(run_parallel(lambda _: time.sleep(600), range(3), timeout=0.2)[0].error)")
    assert "in time" in done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("stream", MODES)
@pytest.mark.parametrize("waits", [False, True])
def test_every_item_has_its_own_copy_of_the_context(stream: bool, waits: bool) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="default")
    variable.set("caller")

    def work(number: int) -> str:
        seen = variable.get()
        variable.set(str(number))
        if waits:
            time.sleep(0.005)
        return seen

    assert {outcome.result for outcome in run_parallel(work, range(30), 5, stream=stream)} == {"caller"}
    assert variable.get() == "caller"


# Time limits --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stream", MODES)
def test_what_is_not_finished_in_time_carries_a_timeout_error(stream: bool) -> None:
    never = threading.Event()

    def work(number: int) -> int:
        if number % 3 == 2:
            never.wait(60)
        return number

    started = time.monotonic()
    outcomes = list(run_parallel(work, range(30), 4, timeout=0.5, stream=stream))
    assert time.monotonic() - started < 30
    never.set()
    assert [outcome.item for outcome in outcomes] == list(range(30))
    assert outcomes[0] == (0, 0, None)
    assert outcomes[1] == (1, 1, None)
    assert {type(outcome.error) for outcome in outcomes[-10:]} == {TimeoutError}


@pytest.mark.parametrize("stream", MODES)
def test_what_is_finished_in_time_is_as_ever(stream: bool) -> None:
    outcomes = list(run_parallel(lambda n: time.sleep(0.002) or n, range(50), 5, timeout=60, stream=stream))
    assert outcomes == [(n, n, None) for n in range(50)]


def test_with_a_time_limit_no_more_run_at_once_than_asked() -> None:
    lock, running, most = threading.Lock(), 0, 0

    def work(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    outcomes = run_parallel(work, range(60), 6, timeout=60)
    assert 2 <= most <= 6
    assert outcomes.summary.workers <= 6


def test_fail_fast_raises_the_time_out() -> None:
    with pytest.raises(TimeoutError):
        run_parallel(lambda _: time.sleep(5), range(3), timeout=0.1, fail_fast=True)


# Leaks --------------------------------------------------------------------------------------------------------------


class Big:
    """Something that must not live on."""


@pytest.mark.parametrize("stream", MODES)
@pytest.mark.parametrize("waits", [False, True])
def test_errors_leave_no_frames_behind(stream: bool, waits: bool) -> None:
    alive: list[weakref.ref[Big]] = []

    def fails(_: int) -> None:
        big = Big()
        alive.append(weakref.ref(big))
        if waits:
            time.sleep(0.005)
        raise ValueError

    gc.collect()
    gc.disable()
    try:
        outcomes = list(run_parallel(fails, range(20), 4, stream=stream))
        assert len(alive) == len(outcomes) == 20
        del outcomes
        deadline = time.monotonic() + 60
        while any(ref() is not None for ref in alive) and time.monotonic() < deadline:
            time.sleep(0.01)  # helpers are on their way out
        assert sum(ref() is not None for ref in alive) == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("stream", MODES)
def test_items_and_results_live_no_longer_than_the_outcomes(stream: bool) -> None:
    items = [Big() for _ in range(20)]
    alive = [weakref.ref(item) for item in items]
    outcomes = list(run_parallel(lambda item: time.sleep(0.005) or item, items, 4, stream=stream))
    del items, outcomes
    deadline = time.monotonic() + 60
    while any(ref() is not None for ref in alive) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sum(ref() is not None for ref in alive) == 0


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="Linux")
def test_no_threads_and_no_files_are_left() -> None:
    batch_map(nap, range(10))
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for stream in MODES:
        list(run_parallel(nap, range(50), 10, stream=stream))
        assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) == files


@pytest.mark.parametrize("stream", MODES)
def test_a_program_counts_its_own_threads_only(stream: bool) -> None:
    done = run_code(
        "import threading, time\n"
        "from par_lint.parallel import run_parallel\n"
        f"print(len(list(run_parallel(lambda n: time.sleep(0.01), range(20), 10, stream={stream}))), threading.active_count())\n"
        "time.sleep(0.3)\n"
        "import os\n"
        "print(len(os.listdir('/proc/self/task')) if os.path.isdir('/proc/self/task') else 1)\n"
    )
    assert done.stdout.split() == ["20", "1", "1"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("stream", MODES)
def test_forking_after_a_run_forks_one_thread(stream: bool) -> None:
    done = run_code(  # Python 3.12 and later warn of forks with several threads
        "import os, time, warnings\n"
        "from par_lint.parallel import run_parallel\n"
        "warnings.simplefilter('error')\n"
        "for round in range(20):\n"
        f"    list(run_parallel(lambda n: time.sleep(0.002 * (round % 2)), range(8), 4, stream={stream}))\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        f"        os._exit(len(list(run_parallel(lambda n: time.sleep(0.002), range(8), 4, stream={stream}))))\n"
        "    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 8\n"
        "print('done')\n"
    )
    assert done.stdout == "done\n", done.stderr


def test_a_stream_that_is_thrown_away_leaves_no_thread_behind() -> None:
    batch_map(nap, range(10))
    before = threading.active_count()
    outcomes = run_parallel(nap, range(100), 8, stream=True)
    for _ in range(10):
        next(outcomes)
    del outcomes
    gc.collect()
    deadline = time.monotonic() + 60  # what runs ends by itself
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.005)
    assert threading.active_count() <= before


@pytest.mark.parametrize("options", [{}, {"ordered": False}, {"timeout": 60}, {"per_second": 10_000}, {"limit_by": (id, 5)}])
def test_closing_a_stream_waits_for_what_runs_and_starts_nothing_more(options: dict[str, Any]) -> None:
    started, ended = [], []

    def work(number: int) -> None:
        started.append(number)
        time.sleep(0.02)
        ended.append(number)

    others = set(threading.enumerate())  # of items that other tests left behind
    outcomes = run_parallel(work, range(500), 5, stream=True, **options)
    for _ in itertools.islice(outcomes, 10):
        pass
    outcomes.close()
    count = len(started)
    assert sorted(started) == sorted(ended)
    assert set(threading.enumerate()) <= others
    time.sleep(0.1)
    assert len(started) == count < 40


# Progress -----------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """A stderr that is a terminal."""

    def isatty(self) -> bool:
        return True


class Broken(Terminal):
    """A terminal that went away."""

    def write(self, text: str) -> int:
        raise OSError("gone")


@pytest.mark.parametrize("stream", MODES)
def test_progress_is_shown_on_a_terminal(stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    list(run_parallel(nap, range(40), 4, desc="Napping", stream=stream))
    shown = sys.stderr.getvalue()  # type: ignore[attr-defined]
    assert "Napping" in shown
    assert "40/40" in shown
    assert shown.endswith("\n")
    assert not any(f"{number}/40" in shown for number in range(41, 60))


@pytest.mark.parametrize("stderr", [io.StringIO(), None, Broken(), object()])
@pytest.mark.parametrize("stream", MODES)
def test_progress_elsewhere_is_silent_and_never_raises(stderr: Any, stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", stderr)
    assert len(list(run_parallel(nap, range(20), 4, desc="Napping", stream=stream))) == 20
    if isinstance(stderr, io.StringIO) and not isinstance(stderr, Broken):
        assert stderr.getvalue() == ""


def test_progress_to_a_closed_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Terminal()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    assert len(run_parallel(nap, range(5), desc="Napping")) == 5


# Waiting and computing ----------------------------------------------------------------------------------------------


class Looks:
    """A monitor of a run of 100 items by at most 50 workers, with clocks that go as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, state: str = "S") -> None:
        self.now, self.used, self.claimed, self.state = 100.0, 5.0, 1, state
        runs: list[Any] = []
        with monkeypatch.context() as patch:
            patch.setattr(parallel._ListRun, "outcomes", lambda run: runs.append(run) or [])
            run_parallel(nap, range(100), 50)  # it is made, and does not begin
        [self.run] = runs
        monkeypatch.setattr(parallel, "_now", lambda: self.now)
        monkeypatch.setattr(parallel, "_processors", lambda: 4)
        monkeypatch.setattr(parallel, "open", self.read, raising=False)
        self.monitor = parallel._Monitor(self.run)
        monkeypatch.setattr(parallel, "_HAS_THREAD_CLOCKS", True)
        self.monitor._clock = lambda: self.used
        self.monitor._used = self.monitor._used_at_progress = self.used
        self.monitor._claimed = self.claimed

    def read(self, path: str, *_: object, **__: object) -> io.BytesIO:
        """Open the file in which Linux tells the state of the thread that is looked at."""
        assert path == f"/proc/self/task/{threading.get_native_id()}/stat"
        return io.BytesIO(f"1 (a (thread) R) {self.state} 1 1".encode())

    def look(self, wall: float, computed: float, finished: int = 0, is_late: bool = False) -> int:
        """Return how many helpers are wanted after some time, in which the thread computed and finished items."""
        self.now, self.used, self.claimed = self.now + wall, self.used + computed, self.claimed + finished
        return self.monitor.helpers_wanted(self.run, parallel._Counts(100 - self.claimed, self.claimed, self.claimed), is_late)


@pytest.mark.parametrize(("state", "wanted"), [("S", 49), ("D", 49), ("R", 0)])
def test_queueing_for_the_gil_or_a_processor_is_not_blocking(state: str, wanted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch, state)
    assert [looks.look(0.005, 0.0005, is_late=True) for _ in range(2)] == [0, wanted]


def test_one_look_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch)
    assert looks.look(0.002, 0.0) == 0
    assert looks.look(0.002, 0.002, is_late=True) == 0  # pure Python
    assert looks.look(0.002, 0.0) == 0
    assert looks.look(0.002, 0.0) == 49


@pytest.mark.parametrize(("finished", "wanted"), [(100, 0), (15, 0), (5, 3), (2, 3), (1, 49), (0, 49)])
def test_short_waits_start_no_helpers_and_longer_ones_more(finished: int, wanted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch)
    assert [looks.look(0.001, 0.0001, finished) for _ in range(2)] == [0, wanted]


def test_a_little_waiting_is_not_worth_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch)
    assert [looks.look(0.01, 0.008, is_late=True) for _ in range(4)] == [0, 0, 0, 0]
    assert looks.look(0.01, 0.0) + looks.look(0.01, 0.0) == 49  # the items did go on


@pytest.mark.parametrize(("is_late", "finished", "wanted"), [(False, 1, 3), (False, 5, 3), (False, 50, 0), (True, 1, 0), (True, 5, 0)])
def test_computing_starts_helpers_where_the_gil_is_free(is_late: bool, finished: int, wanted: int, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch, "R")
    assert [looks.look(0.002, 0.0019, finished, is_late) for _ in range(2)] == [0, wanted]


@pytest.mark.parametrize("stream", MODES)
def test_work_that_computes_stays_on_the_calling_thread(stream: bool) -> None:
    def compute(number: int) -> int:
        sum(range(20_000))
        return threading.get_ident()

    assert {o.result for o in run_parallel(compute, range(200), stream=stream)} == {threading.get_ident()}


def test_one_slow_item_does_not_hold_up_the_others() -> None:
    others_are_done = threading.Event()
    left = 300

    def work(number: int) -> bool:
        nonlocal left
        if number == 0:
            return others_are_done.wait(30)
        left -= 1
        if not left:
            others_are_done.set()
        return True

    for call in (lambda: run_parallel(work, range(301), 8), lambda: run_parallel(work, range(301), 8, timeout=60)):
        left = 300
        others_are_done.clear()
        assert all(outcome.result for outcome in call())


# A few calls at once ------------------------------------------------------------------------------------------------


def test_calls_run_together_meet() -> None:
    barrier = threading.Barrier(3)

    def meet() -> int:
        return int(barrier.wait(30) >= 0)

    assert run_together(meet, meet, meet) == (1, 1, 1)
    assert run_together(a=meet, b=meet, c=meet) == {"a": 1, "b": 1, "c": 1}


def test_the_first_error_in_order_is_raised_when_all_have_ended() -> None:
    ended = []

    def fails(name: str, seconds: float) -> None:
        time.sleep(seconds)
        ended.append(name)
        raise ValueError(name)

    with pytest.raises(ValueError, match="first"):
        run_together(lambda: fails("first", 0.2), lambda: fails("second", 0.1), lambda: fails("third", 0.15))
    assert sorted(ended) == ["first", "second", "third"]


def test_no_calls_give_nothing() -> None:
    assert run_together() == ()


@pytest.mark.parametrize("calls", [((nap, 3), {}), ((), {"a": 3}), ((nap,), {"a": nap})])
def test_what_is_no_call_is_refused(calls: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    with pytest.raises(TypeError, match="functions"):
        run_together(*calls[0], **calls[1])


# The summary --------------------------------------------------------------------------------------------------------


def test_the_summary_says_what_the_run_cost() -> None:
    def work(number: int) -> None:
        time.sleep(0.02)
        if number % 10 == 0:
            raise ValueError

    summary = run_parallel(work, range(60), 6).summary
    assert (summary.successes, summary.failures) == (54, 6)
    assert 2 <= summary.workers <= 6
    assert summary.item_seconds >= 60 * 0.02
    assert summary.speed_up == pytest.approx(summary.item_seconds / summary.wall_seconds)
    assert "60 items, 6 failed" in str(summary)


@pytest.mark.parametrize("timeout", [None, 60])
def test_the_summary_of_nothing(timeout: float | None) -> None:
    summary = run_parallel(nap, [], timeout=timeout).summary
    assert (summary.successes, summary.failures, summary.item_seconds) == (0, 0, pytest.approx(0, abs=0.1))
    assert str(summary)


# Processors ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("groups", "files", "quotas"),
    [
        ("0::/a/b\n", {"a/b/cpu.max": "150000 100000\n", "a/cpu.max": "max 100000\n"}, [1.5]),
        ("0::/a/b\n", {"a/cpu.max": "50000 100000\n"}, [0.5]),
        ("0::/\n", {"cpu.max": "200000 100000\n"}, [2.0]),
        ("4:cpu,cpuacct:/c\n1:name=x:/\n", {"cpu/c/cpu.cfs_quota_us": "300000\n", "cpu/c/cpu.cfs_period_us": "100000\n"}, [3.0]),
        ("4:cpu:/\n", {"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, []),
        ("5:memory:/\n", {}, []),
        ("", {}, []),
    ],
)
def test_quotas_of_cgroups_are_found(groups: str, files: dict[str, str], quotas: list[float], tmp_path: Any) -> None:
    (tmp_path / "cgroup").write_text(groups)
    for name, text in files.items():
        (tmp_path / "fs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fs" / name).write_text(text)
    found = parallel._cgroup_quotas(str(tmp_path / "cgroup"), str(tmp_path / "fs"))
    assert [quota for quota in found if quota != float("inf")] == quotas


def test_a_quota_is_rounded_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    monkeypatch.setattr(parallel, "_cgroup_quotas", lambda: iter([2.5, float("inf")]))
    assert parallel.optimal_workers(100, io_bound=False) == 3
    assert parallel.optimal_workers(2, io_bound=False) == 2
    monkeypatch.setattr(parallel, "_cgroup_quotas", lambda: iter([]))
    assert parallel.optimal_workers(100, io_bound=False) == 8
