"""The edges of the runtime: what a helper does when the run is over, what others put into its way, what stays behind."""

from __future__ import annotations

import dataclasses
import io
import os
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from par_lint import parallel
from par_lint.parallel import run_parallel

MODES = [False, True]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run_code(code: str) -> subprocess.CompletedProcess[str]:
    root = str(Path(parallel.__file__).parents[parallel.__name__.count(".")])
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "PYTHONPATH": root})


def test_what_comes_after_the_time_limit_is_not_kept() -> None:
    class Big:
        pass

    alive: list[weakref.ref[Big]] = []

    def items() -> Iterator[Big]:
        for _ in range(3000):
            item = Big()
            alive.append(weakref.ref(item))
            yield item
    most = 0
    for options in ({}, {"limit_by": (lambda item: 0, 2)}):
        alive.clear()
        for number, _ in enumerate(run_parallel(lambda _: time.sleep(0.002), items(), 4, stream=True, timeout=0.02, **options)):
            if number % 500 == 499:
                most = max(most, sum(one() is not None for one in alive))
    assert most < 300


def test_an_outcome_that_is_late_and_then_comes_is_handed_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    release = parallel._KeyLimit.release

    def slow_release(limit: Any, task: Any) -> Any:  # the outcome is there, and the note of it comes after the time limit
        time.sleep(0.3 if task.number == 0 else 0)
        return release(limit, task)
    monkeypatch.setattr(parallel._KeyLimit, "release", slow_release)
    outcomes = []

    def take() -> None:
        for outcome in run_parallel(lambda n: time.sleep(n), [0, 1, 2], 3, stream=True, ordered=False, timeout=0.15, limit_by=(str, 1)):
            outcomes.append(outcome)
            time.sleep(0.5)
    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    assert [(item, type(error)) for item, _, error in outcomes] == [(0, type(None)), (1, TimeoutError), (2, TimeoutError)]


@pytest.mark.parametrize("stream", MODES)
def test_a_function_that_holds_the_frame_of_its_caller_may_fail(stream: bool) -> None:
    def work(number: int) -> int:
        caller = sys._getframe(1)
        if number == 3 and caller:
            raise ValueError(number)
        return number
    outcomes = list(run_parallel(work, range(6), 1, stream=stream))
    assert [type(outcome.error) for outcome in outcomes] == [type(None)] * 3 + [ValueError] + [type(None)] * 2


@pytest.mark.parametrize("options", [{}, {"stream": True}, {"timeout": 60}, {"per_second": 1000}])
def test_an_initializer_that_fails_in_a_late_helper_is_heard_of(options: dict[str, Any]) -> None:
    made = []

    def initialize() -> None:
        made.append(1)
        if len(made) > 1:
            time.sleep(0.05)
            raise OSError("no session")
    with pytest.raises(OSError, match="no session"):
        list(run_parallel(lambda _: time.sleep(0.02), range(4), 4, initializer=initialize, **options))
        if len(made) == 1:  # no helper came, as may be
            raise OSError("no session")


@pytest.mark.parametrize("options", [{}, {"timeout": 60}, {"stream": True}])
def test_an_error_of_progress_is_raised_at_once(options: dict[str, Any]) -> None:
    def report(done: int, total: int | None) -> None:
        raise LookupError("no display")
    others_may_end = threading.Event()

    def work(number: int) -> None:
        if number < 2:
            time.sleep(0.01)
        else:
            others_may_end.wait(60)
    began = time.monotonic()
    with pytest.raises(LookupError):
        list(run_parallel(work, range(8), 8, progress=report, **options))
    others_may_end.set()
    assert time.monotonic() - began < 30


def test_a_title_is_drawn_while_an_executor_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    with ThreadPoolExecutor(4) as pool:
        run_parallel(lambda _: time.sleep(0.03), range(40), 4, desc="Napping", executor=pool)
    assert sys.stderr.getvalue().count("\r") > 2  # type: ignore[attr-defined]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_forked_by_an_item_ends_although_another_reports() -> None:
    code = f"""
import faulthandler, os, sys, time, warnings
warnings.simplefilter("ignore")
from {parallel.__name__} import run_parallel
faulthandler.dump_traceback_later(30, exit=True)
children = []
def work(number):
    if number == 5:
        time.sleep(0.02)
        child = os.fork()
        if child:
            children.append(child)
    time.sleep(0.005)
try:
    run_parallel(work, range(12), 4, progress=lambda *_: time.sleep(0.01))
except RuntimeError:
    os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]))
"""
    done = run_code(code)
    assert done.stdout in ("0\n", "3\n"), done.stderr  # a helper, or the calling thread, went on in the child


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    number: int


def test_an_error_of_the_source_that_cannot_be_changed_is_raised() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise Frozen(7)
    with pytest.raises(Frozen):
        run_parallel(abs, items())


def test_a_finalizer_may_run_it_during_an_import() -> None:
    code = f"""
import gc
from {parallel.__name__} import run_parallel
class Final:
    def __init__(self):
        self.me = self
    def __del__(self):
        run_parallel(abs, range(3))
gc.set_threshold(1)
for _ in range(100):
    Final()
    import email.mime.text, xml.dom.minidom, csv, tarfile
print("done")
"""
    done = run_code(code)
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_a_source_that_comes_in_bursts_holds_no_outcome_back_twice() -> None:
    def bursts() -> Iterator[float]:
        for _ in range(4):
            for _ in range(3):
                yield time.monotonic()
            time.sleep(0.15)

    def late() -> int:
        stream = run_parallel(lambda item: time.sleep(0.003), bursts(), 4, stream=True)
        return sum(time.monotonic() - outcome.item > 0.1 for outcome in stream)
    assert any(late() <= 4 for _ in range(4))  # 3 of them are the first burst; others may use the processor for a while


def test_a_chunk_that_a_pool_begins_after_the_end_runs_nothing() -> None:
    class Later:
        """An executor that begins nothing before it is told to."""

        def __init__(self) -> None:
            self.calls: list[Any] = []

        def submit(self, function: Any, /, *arguments: Any) -> Future[Any]:
            future = Future[Any]()
            self.calls.append((future, function, arguments))
            return future
    ran: list[int] = []
    pool = Later()
    outcomes = run_parallel(ran.append, range(20), 4, executor=pool, timeout=0.05)
    assert {type(outcome.error) for outcome in outcomes} == {TimeoutError}
    for _, function, arguments in pool.calls:
        function(*arguments)
    assert ran == []
