"""Where the runtime may find itself: green threads, frozen clocks, builds without the GIL, other systems, Jupyter, subinterpreters, forks.

Real: gevent and eventlet (each in a process of its own, patched before and after the import), freezegun, subinterpreters, forks; the
free-threaded build where these tests run on it. Simulated: patched clocks (`unittest.mock`), a build without the GIL (`_HAS_GIL` False:
the careful ways are taken, though the GIL is there), macOS and Windows (no clocks of threads, coarse looks), a terminal, Jupyter's stderr
(by the name of its module), threads with other numbers (a patched `threading.get_ident`).
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
import types
import warnings
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from par_lint import parallel
from par_lint.parallel import run_parallel, run_together

HERE = parallel.__name__  # the tests also run on a copy
MODES = pytest.mark.parametrize("stream", [False, True])
OPTIONS: dict[str, dict[str, Any]] = {
    "list": {},
    "stream": {"stream": True},
    "out of order": {"stream": True, "ordered": False},
    "time limit": {"timeout": 1000},
    "limits": {"limit_by": (lambda number: number, 1)},
    "pace": {"per_second": 50000},
}
KINDS = pytest.mark.parametrize("kind", list(OPTIONS))


def run_code(code: str, timeout: float = 60) -> str:
    """Run a program in another process; return what it prints."""
    environment = {**os.environ, "PYTHONPATH": str(Path(parallel.__file__).parents[HERE.count(".")])}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=timeout, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def most_at_once(seconds: float = 0.02, count: int = 50, workers: int = 25, **options: Any) -> int:
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
    assert len(list(run_parallel(work, range(count), workers, **options))) == count
    return most


def meet(count: int = 2, **options: Any) -> list[Any]:
    """Have so many items wait for one another; return those that waited in vain."""
    barrier = threading.Barrier(count)
    return [outcome for outcome in run_parallel(lambda _: barrier.wait(20), range(count), count, **options) if outcome.error]


# ---- Green threads ---------------------------------------------------------------------------------------------------

PATCHES = {
    "gevent": "from gevent import monkey; monkey.patch_all()",
    "gevent, some of it": "from gevent import monkey; monkey.patch_all(thread=True, queue=False, subprocess=False)",
    "eventlet": "import eventlet; eventlet.monkey_patch()",
}
GREEN = """
import faulthandler, sys, time
faulthandler.dump_traceback_later(40, exit=True, file=sys.__stderr__)
running = most = 0

def nap(number):
    global running, most
    running += 1
    most = max(most, running)
    time.sleep(0.02)
    running -= 1
    if number == 7:
        raise ValueError(number)
    return -number

def check(**options):
    global most
    most = 0
    outcomes = list(run_parallel(nap, range(50), 25, **options))
    results = sorted((outcome.item, outcome.result, outcome.error is None) for outcome in outcomes)
    assert results == [(n, None if n == 7 else -n, n != 7) for n in range(50)], results
    print(most, end=" ")

def check_all():
    for options in (
        {}, {"stream": True}, {"stream": True, "ordered": False}, {"timeout": 30}, {"stream": True, "timeout": 30},
        {"limit_by": (abs, 1)}, {"per_second": 50000}, {"initializer": lambda: None}, {"progress": lambda done, total: None},
    ):
        check(**options)
"""
GREEN_TERMINAL = """
class Terminal:
    writes = 0
    def isatty(self):
        return True
    def write(self, text):
        self.writes += 1
    def flush(self):
        pass
"""


def green(patch: str, is_first: bool, code: str) -> str:
    """Run a program with green threads, patched before or after the import; return what it prints."""
    pytest.importorskip(patch.split(",")[0])
    parts = ["import warnings; warnings.simplefilter('ignore')", PATCHES[patch], f"from {HERE} import run_parallel, run_together", GREEN]
    if not is_first:
        parts[1:3] = parts[2:0:-1]
    return run_code("\n".join([*parts, code]))


@pytest.mark.parametrize("patch", list(PATCHES))
@pytest.mark.parametrize("is_first", [True, False], ids=["patched before the import", "patched after it"])
def test_green_threads_wait_at_the_same_time(patch: str, is_first: bool) -> None:
    most = green(patch, is_first, "check_all()").split()
    assert len(most) == 9
    assert set(most) == {"25"}


@pytest.mark.parametrize("patch", ["gevent", "eventlet"])
@pytest.mark.parametrize("is_first", [True, False], ids=["patched before the import", "patched after it"])
def test_green_threads_show_progress(patch: str, is_first: bool) -> None:
    code = f"{GREEN_TERMINAL}" + """
terminal = sys.stderr = Terminal()
check(desc="a title")
check(desc="a title", stream=True)
print(terminal.writes > 1)
"""
    assert green(patch, is_first, code).split() == ["25", "25", "True"]


@pytest.mark.parametrize("patch", ["gevent", "eventlet"])
@pytest.mark.parametrize("is_first", [True, False], ids=["patched before the import", "patched after it"])
def test_green_threads_stop_and_nest(patch: str, is_first: bool) -> None:
    code = """
assert run_together(lambda: time.sleep(0.01) or 1, lambda: 2) == (1, 2)
nested = run_parallel(lambda n: [o.result for o in run_parallel(nap, range(4), 4, stream=n % 2 == 0)], range(4), 4)
assert [o.result for o in nested] == [[0, -1, -2, -3]] * 4
started = []
def start(number):
    started.append(number)
    nap(number)
for options in ({}, {"stream": True}):
    started.clear()
    try:
        list(run_parallel(start, range(500), 4, fail_fast=True, **options))
        raise SystemExit("no error")
    except ValueError as error:
        assert error.args == (7,)
    assert len(started) < 30, started
for outcome in run_parallel(start, range(500), 4, stream=True):
    break
time.sleep(0.1)
before = len(started)
time.sleep(0.1)
assert len(started) == before
late = run_parallel(lambda n: time.sleep(0.02 if n < 5 else 5), range(10), 10, timeout=0.3)
assert [type(o.error) for o in late] == [type(None)] * 5 + [TimeoutError] * 5
print("done")
import os
sys.stdout.flush()
os._exit(0)  # without waiting for the late ones
"""
    assert green(patch, is_first, code) == "done\n"


# ---- Clocks that others patch ----------------------------------------------------------------------------------------


@KINDS
def test_freezegun_does_not_hold_up_a_run(kind: str) -> None:
    freezegun = pytest.importorskip("freezegun")
    with freezegun.freeze_time("2024-01-01"):
        assert most_at_once(**OPTIONS[kind]) >= 15
        assert meet(**OPTIONS[kind]) == []


def test_freezegun_around_the_import_does_not_hold_up_a_run() -> None:
    pytest.importorskip("freezegun")
    code = f"""
import faulthandler; faulthandler.dump_traceback_later(40, exit=True)
import threading
from freezegun import freeze_time
with freeze_time("2024-01-01"):
    from {HERE} import run_parallel
    import time
    for again in range(2):
        for options in ({{}}, {{"stream": True}}, {{"timeout": 20}}, {{"per_second": 1000}}):
            barrier = threading.Barrier(2)
            outcomes = list(run_parallel(lambda _: barrier.wait(20), range(2), 2, **options))
            assert not [outcome.error for outcome in outcomes if outcome.error], options
        late = run_parallel(lambda n: threading.Event().wait(30 * n), range(2), 2, timeout=0.2)
        assert type(late[1].error) is TimeoutError
        print(str(late.summary).startswith("2 items, 1 failed"))
"""
    assert run_code(code).split() == ["True"] * 2


@pytest.mark.parametrize("name", ["perf_counter", "monotonic", "time", "process_time", "thread_time", "sleep", "clock_gettime"])
@KINDS
def test_a_patched_clock_does_not_hold_up_a_run(name: str, kind: str) -> None:
    wait = threading.Event().wait
    with mock.patch(f"time.{name}", return_value=1000.0):
        barrier = threading.Barrier(2)
        outcomes = list(run_parallel(lambda number: number > 5 or wait(0.01) or barrier.wait(20), range(30), 2, **OPTIONS[kind]))
    assert len(outcomes) == 30
    assert [outcome.error for outcome in outcomes if outcome.error] == []


@KINDS
def test_a_caller_that_is_held_up_as_it_takes_items_does_not_hold_up_a_run(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "_QUICK_SECONDS", 0.0)  # as if the first item had taken all the time that there is for items
    barrier = threading.Barrier(2)
    outcomes = list(run_parallel(lambda _: barrier.wait(5), range(6), 2, **OPTIONS[kind]))
    assert [outcome.error for outcome in outcomes if outcome.error] == []


def test_a_clock_that_is_patched_around_the_import_does_not_hold_up_a_run() -> None:
    code = f"""
import faulthandler; faulthandler.dump_traceback_later(40, exit=True)
import threading
from unittest import mock
with mock.patch("time.perf_counter", return_value=5.0), mock.patch("time.monotonic", return_value=5.0), mock.patch("time.sleep"):
    from {HERE} import run_parallel
    for options in ({{}}, {{"stream": True}}, {{"timeout": 20}}, {{"per_second": 1000}}):
        barrier = threading.Barrier(2)
        outcomes = list(run_parallel(lambda _: barrier.wait(20), range(2), 2, **options))
        assert not [outcome.error for outcome in outcomes if outcome.error], options
    print("done")
"""
    assert run_code(code) == "done\n"


# ---- Without the GIL, and other systems ------------------------------------------------------------------------------


@pytest.fixture(params=["free-threaded", "macOS", "Windows", "macOS, free-threaded"])
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Another system or build, simulated."""
    name = request.param
    if "free-threaded" in name:
        monkeypatch.setattr(parallel, "_HAS_GIL", False)
    if name != "free-threaded":
        monkeypatch.setattr(parallel, "_HAS_THREAD_CLOCKS", False)
    if name == "Windows":
        for look in ("_FIRST_LOOK", "_SECOND_LOOK", "_THIRD_LOOK"):
            monkeypatch.setattr(parallel, look, 0.02)
        monkeypatch.setattr(parallel, "_MAX_WAIT", 0.1)
    yield name


def compute() -> None:
    sum(range(1000))


def compute_without_the_gil() -> None:
    zlib.crc32(bytes(10**6))


@KINDS
def test_helpers_come_on_other_systems(system: str, kind: str) -> None:
    # Windows looks after 20 ms, and once more: there items must last longer.
    assert most_at_once(0.05 if system == "Windows" else 0.02, **OPTIONS[kind]) >= 15
    assert meet(2, **OPTIONS[kind]) == []
    assert meet(6, **OPTIONS[kind]) == []


@pytest.mark.parametrize("burn", [compute, compute_without_the_gil])
@MODES
def test_helpers_come_on_other_systems_while_another_thread_computes(system: str, burn: Callable[[], None], stream: bool) -> None:
    is_over = False

    def go_on() -> None:
        while not is_over:
            burn()
    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        assert meet(2, stream=stream) == []
        assert meet(6, stream=stream) == []
        assert any(most_at_once(0.05, 60, 20, stream=stream) >= 8 for _ in range(5))  # chance may keep one run from it
    finally:
        is_over = True
        thread.join()


@KINDS
def test_outcomes_on_other_systems_are_those_of_a_loop(system: str, kind: str) -> None:
    def work(number: int) -> int:
        time.sleep(0.0005 * (number % 5))
        if number % 9 == 4:
            raise ValueError(number)
        return -number
    reports: list[int] = []
    options = {**OPTIONS[kind], "progress": lambda done, total: reports.append(done)}
    outcomes = sorted(run_parallel(work, range(200), 8, **options), key=lambda outcome: outcome.item)
    assert [outcome.result for outcome in outcomes] == [None if number % 9 == 4 else -number for number in range(200)]
    assert [outcome.error is None for outcome in outcomes] == [number % 9 != 4 for number in range(200)]
    assert reports == list(range(1, 201))
    with pytest.raises(ValueError, match="^4$"):
        list(run_parallel(work, range(200), 1, fail_fast=True, **OPTIONS[kind]))
    assert run_together(lambda: 1, lambda: 2) == (1, 2)


@pytest.mark.skipif(parallel._HAS_GIL, reason="only on a free-threaded build with the GIL off")
@KINDS
def test_without_the_gil_no_item_is_lost_or_done_twice(kind: str) -> None:
    for count in (10, 1000, 5000):
        calls: list[int] = []
        outcomes = list(run_parallel(calls.append, range(count), 4, **OPTIONS[kind]))
        assert sorted(outcome.item for outcome in outcomes) == list(range(count)) == sorted(calls)
    assert sys._is_gil_enabled() is False  # type: ignore[attr-defined, unused-ignore]


# ---- Jupyter ---------------------------------------------------------------------------------------------------------


@MODES
def test_jupyter_shows_progress(stream: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = types.ModuleType("ipykernel.iostream")
    exec("import io\nclass OutStream(io.StringIO): pass", kernel.__dict__)  # isatty() says no
    stderr = kernel.OutStream()
    monkeypatch.setattr(sys, "stderr", stderr)
    list(run_parallel(lambda _: time.sleep(0.002), range(50), 4, desc="pages", stream=stream))
    monkeypatch.undo()
    assert "pages" in stderr.getvalue()
    assert "50/50" in stderr.getvalue()


def test_elsewhere_no_progress_is_shown_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    list(run_parallel(abs, range(50), 4, desc="pages"))
    assert sys.stderr.getvalue() == ""  # type: ignore[attr-defined]


# ---- Subinterpreters -------------------------------------------------------------------------------------------------

INTERPRETERS = """
import faulthandler, sys
faulthandler.dump_traceback_later(50, exit=True)
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters

def run(code, is_isolated):
    if sys.version_info >= (3, 13):
        interpreter = interpreters.create("isolated" if is_isolated else "legacy")
    else:
        interpreter = interpreters.create(isolated=is_isolated)
    header = "import sys, threading, time\\nfrom %s import run_parallel\\n"
    failure = interpreters.run_string(interpreter, header + code)
    assert failure is None, failure
    interpreters.destroy(interpreter)
"""
NO_THREAD = """
outcomes = run_parallel(lambda _: time.sleep(0.05) or threading.get_ident(), range(3))
assert {outcome.result for outcome in outcomes} == {threading.get_ident()}
"""
PROGRAMS = {
    "nothing but the import": "",
    "a run": "run_parallel(lambda n: n, range(50))",
    "a run of items that wait": NO_THREAD,
    "a stream": "list(run_parallel(lambda n: time.sleep(0.005), range(20), 4, stream=True))",
    "a stream that is left": "for _ in run_parallel(lambda n: time.sleep(0.005), range(20), 4, stream=True): break",
    "a stream left open": "stream = run_parallel(lambda n: time.sleep(0.005), range(20), 4, stream=True); next(stream)",
    "a stream left open with a window": (
        "stream = run_parallel(lambda n: time.sleep(0.005), range(200), 4, stream=True, window=8); next(stream); time.sleep(0.05)"
    ),
    "a time limit": "run_parallel(lambda n: time.sleep(0.1), range(8), 4, timeout=0.02)",
    "errors": "try: run_parallel(lambda n: 1 / 0, range(50), 4, fail_fast=True)\nexcept ZeroDivisionError: pass",
}


@pytest.mark.parametrize("program", list(PROGRAMS))
@pytest.mark.parametrize("is_isolated", [True, False], ids=["isolated", "not isolated"])
def test_a_subinterpreter_ends_cleanly(program: str, is_isolated: bool) -> None:
    pytest.importorskip("_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters")
    code = f"{INTERPRETERS % HERE}\nfor _ in range(5):\n    run({PROGRAMS[program]!r}, {is_isolated})\nprint('done')"
    assert run_code(code) == "done\n"


def test_a_subinterpreter_gets_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulated: in the main interpreter, with the ways of others."""
    monkeypatch.setattr(parallel, "_IS_SUBINTERPRETER", True)
    before = threading.active_count()
    for options in OPTIONS.values():
        outcomes = list(run_parallel(lambda number: (abs(number), threading.active_count()), range(-20, 0), 4, **options))
        assert sorted(outcome.result for outcome in outcomes) == [(number, before) for number in range(1, 21)]


# ---- Threads with other numbers, forks -------------------------------------------------------------------------------


def test_threads_with_other_numbers_run_all_items() -> None:
    code = f"""
import faulthandler; faulthandler.dump_traceback_later(40, exit=True)
import threading, time
marks = threading.local()

def ident():
    if not hasattr(marks, "own"):
        marks.own = object()
    return id(marks.own)  # an address of its own for each thread, as the number of a greenlet is, which no thread has

real, threading.get_ident = threading.get_ident, ident
from {HERE} import run_parallel
for options in ({{}}, {{"stream": True}}, {{"timeout": 30}}, {{"limit_by": (abs, 1)}}, {{"per_second": 5000}}, {{"fail_fast": True}}):
    outcomes = list(run_parallel(lambda number: time.sleep(0.005) or number, range(20), 4, **options))
    assert [outcome.result for outcome in outcomes] == list(range(20)), outcomes
threading.get_ident = real  # for the end of the interpreter
print("done")
"""
    assert run_code(code) == "done\n"


FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="fork of POSIX")


@FORKS
def test_a_child_that_is_forked_while_threads_run_has_helpers() -> None:
    code = f"""
import faulthandler, os, signal, threading, time, warnings
faulthandler.dump_traceback_later(50, exit=True)
warnings.simplefilter("ignore")
from {HERE} import run_parallel

def nap(_):
    time.sleep(0.002)

def go_on():
    while not is_over:
        run_parallel(nap, range(40), 8)
        list(run_parallel(nap, range(40), 8, stream=True))
        run_parallel(nap, range(40), 8, timeout=100)

is_over = False
threads = [threading.Thread(target=go_on) for _ in range(3)]
for thread in threads:
    thread.start()
statuses = []
for _ in range(40):
    time.sleep(0.003)
    child = os.fork()
    if not child:
        signal.alarm(20)
        status = 1
        try:
            for stream in (False, True):
                barrier = threading.Barrier(3)
                outcomes = list(run_parallel(lambda _: barrier.wait(15), range(3), 3, stream=stream))
                status = 2 if [outcome.error for outcome in outcomes if outcome.error] else 0
        finally:
            os._exit(status)
    statuses.append(os.waitpid(child, 0)[1])
is_over = True
for thread in threads:
    thread.join()
print(set(statuses))
"""
    assert run_code(code) == "{0}\n"


@FORKS
@MODES
def test_a_child_that_is_forked_in_an_item_can_leave_the_run(stream: bool) -> None:
    code = f"""
import faulthandler, os, random, signal, sys, time, warnings
faulthandler.dump_traceback_later(50, exit=True)
warnings.simplefilter("ignore")
from {HERE} import run_parallel
parent = os.getpid()

def work(number):
    if number:
        return time.sleep(0.003)
    time.sleep(random.uniform(0.0003, 0.003))
    child = os.fork()
    if not child:
        signal.alarm(10)
        sys.exit(0)
    return os.waitpid(child, 0)[1]

statuses = set()
try:
    for _ in range(25):
        statuses |= {{outcome.result for outcome in run_parallel(work, range(60), 50, stream={stream}) if outcome.item == 0}}
except SystemExit:
    assert os.getpid() != parent
    os._exit(0)
print(statuses)
"""
    assert run_code(code) == "{0}\n"


@FORKS
@pytest.mark.parametrize("seconds", [0.0, 0.0005, 0.019, 0.021])
def test_a_process_that_forks_after_a_run_has_one_thread(seconds: float) -> None:
    code = f"""
import os, time, warnings
from {HERE} import run_parallel
caught = []
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")  # since Python 3.12 a fork of several threads warns
    for number in range(30):
        run_parallel(lambda _: time.sleep(0.001 * (number % 3 == 0)), range(6), 4)
        time.sleep({seconds})
        child = os.fork()
        if not child:
            tasks = len(os.listdir("/proc/self/task")) if os.path.isdir("/proc/self/task") else 1
            os._exit(tasks - 1)
        assert os.waitpid(child, 0)[1] == 0
print([str(warning.message) for warning in caught])
"""
    assert run_code(code) == "[]\n"


@FORKS
def test_processes_forked_by_a_pool_have_helpers() -> None:
    code = f"""
import faulthandler, multiprocessing, threading, warnings
from concurrent.futures import ProcessPoolExecutor
faulthandler.dump_traceback_later(50, exit=True)
warnings.simplefilter("ignore")
from {HERE} import run_parallel

def work(number):
    barrier = threading.Barrier(2)
    return [outcome.error for outcome in run_parallel(lambda _: barrier.wait(15), range(2), 2) if outcome.error]

if __name__ == "__main__":
    run_parallel(lambda _: None, range(5))
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        print([outcome.result for outcome in run_parallel(work, range(6), 4, executor=pool)])
"""
    assert run_code(code) == f"{[[]] * 6}\n"


def test_a_pool_of_threads_is_no_faster() -> None:
    """The measure of `most_at_once`: what a pool of threads does."""
    running = most = 0
    lock = threading.Lock()

    def nap(_: int) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
    with warnings.catch_warnings(), ThreadPoolExecutor(25) as pool:
        list(pool.map(nap, range(50)))
    assert most_at_once() >= 0.6 * most
