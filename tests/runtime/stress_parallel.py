"""Random runs of run_parallel from several threads at once, each checked against what a loop would have given.

    python tests/runtime/stress_parallel.py --seconds 60 --seed 7

Nothing is simulated: the threads, pools, signals and forks are real. A run is drawn from a seed, and so can be drawn again; how its
threads take turns cannot. Besides the outcomes it checks how many items run at once, that none runs twice or after the end, who takes
from the source, limits, the pace, initializers, progress, context variables, and that no thread is left. Items that wait for one another
show that helpers come. Exit status 1 says that something was found; a hang ends with the stacks of all threads.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import contextvars
import dataclasses
import faulthandler
import gc
import io
import itertools
import logging
import os
import random
import signal
import sys
import threading
import time
import warnings
import weakref
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from par_lint import parallel
from par_lint.parallel import batch_map, run_parallel, run_parallel_async, run_together

HANG_SECONDS = 60.0
POOL_THREADS = 4
FORKS = hasattr(os, "fork") and parallel._HAS_GIL  # without the GIL a child of a process with threads may hang by itself

found: list[tuple[str, str]] = []  # what is wrong, and where
counts: collections.Counter[str] = collections.Counter()
variable: contextvars.ContextVar[object] = contextvars.ContextVar("variable", default=None)


class Bad(Exception):
    """The error of an item."""


class Halt(BaseException):
    """What an item raises that is no Exception."""


class SourceError(Exception):
    """The error of a source."""


class SourceHalt(BaseException):
    """What a source raises that is no Exception."""


class InitializerError(Exception):
    """The error of an initializer."""


class ProgressError(Exception):
    """The error of a progress function."""


class BodyError(Exception):
    """The error in the body of a loop."""


HALTS: tuple[type[BaseException], ...] = (Halt, SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError)


# ---- What to run -----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(repr=False)
class Plan:
    """One run, drawn in advance, so that the order of threads does not change what is drawn next."""

    seed: str
    depth: int
    workers: int
    style: str
    seconds: list[float]  # of each item; what is negative is computed
    source: str = "list"
    source_ends: type[BaseException] | None = None  # instead of StopIteration
    stream: bool = False
    ordered: bool = True
    window: int | None = None
    fail_fast: bool = False
    timeout: float | None = None
    limit: tuple[int, int] | None = None  # number of keys, and the most of each
    per_second: float | None = None
    executor: bool = False
    desc: str | None = None
    initializer: str = ""  # fails: in the second thread
    progress: str = ""  # fails: at the third report; runs: starts a run of its own
    bad: set[int] = dataclasses.field(default_factory=set)
    halts_at: int | None = None
    halt: type[BaseException] = Halt
    leave: str = ""  # break, close, drop, cycle, raise; move: another thread goes on
    leave_at: int = 0
    inner: set[int] = dataclasses.field(default_factory=set)  # items that are runs
    meets: bool = False  # neighbours wait for each other
    garbage: bool = False  # items leave cycles behind, whose finalizers are runs

    def __repr__(self) -> str:
        """Say what is unlike the default."""
        pairs = [(field, getattr(self, field.name)) for field in dataclasses.fields(self) if field.name != "seconds"]
        words = [f"{field.name}={value!r}" for field, value in pairs if value != field.default and value != set()]
        return f"{self.count} items, {', '.join(words)}"

    @property
    def count(self) -> int:
        """Items."""
        return len(self.seconds)

    @property
    def is_short(self) -> bool:
        """Whether the time may be over before the items are finished."""
        return self.timeout is not None and self.timeout < 10

    @property
    def is_in_order(self) -> bool:
        """Whether outcomes are looked at in order, as they come."""
        return self.ordered and (self.stream or self.executor or self.limit is not None or self.per_second is not None)

    def options(self) -> dict[str, Any]:
        """What run_parallel and run_parallel_async both know."""
        options: dict[str, Any] = {"stream": self.stream, "fail_fast": self.fail_fast, "timeout": self.timeout, "desc": self.desc}
        if self.stream:
            options.update(ordered=self.ordered, window=self.window)
        if self.limit is not None:
            keys, most = self.limit
            options["limit_by"] = (lambda number: number % keys, most)
        if self.per_second is not None:
            options["per_second"] = self.per_second
        return options


STYLES: dict[str, Callable[[random.Random, int, int], float]] = {
    "fast": lambda rng, number, count: 0.0,
    "waiting": lambda rng, number, count: 0.004,
    "mixed": lambda rng, number, count: rng.choice([0, 0, 0, 0.002, 0.01]),
    "short waits": lambda rng, number, count: 0.0001,
    "computing": lambda rng, number, count: -0.0005,
    "computing and waiting": lambda rng, number, count: rng.choice([-0.002, 0.002]),
    "first slow": lambda rng, number, count: 0.03 if number < 2 else 0.0,
    "last slow": lambda rng, number, count: 0.01 if number > 0.7 * count else 0.0,
    "slow in between": lambda rng, number, count: 0.04 if number % 40 == 20 else 0.0005,
}


def draw(rng: random.Random, seed: str, depth: int, is_on_pool: bool = False) -> Plan:
    """Draw a run."""
    count = rng.choice([0, 1, 2, 3, 5, 8, 13] if depth else [0, 1, 2, 3, 5, 8, 13, 30, 80, 300])
    style = rng.choice(list(STYLES))
    seconds = [STYLES[style](rng, number, count) for number in range(count)]
    plan = Plan(seed, depth, rng.choice([1, 2, 3, 8, 50] + [1000] * (count <= 80)), style, seconds)
    plan.source = rng.choice(["list", "list", "tuple", "keys", "generator", "live", "running"])
    plan.stream = rng.random() < 0.5
    if plan.stream:
        plan.ordered, plan.window = rng.random() < 0.7, rng.choice([None, None, 1, 2, 5, 400])
        plan.leave = rng.choice([""] * 8 + ["break", "close", "drop", "cycle", "raise", "move"])
        plan.leave_at = rng.randrange(count + 1)
    plan.fail_fast = rng.random() < 0.3
    plan.timeout = rng.choice([None] * 5 + [30, 1e9, float("inf"), 0.0, 0.003, 0.02])
    plan.executor = not is_on_pool and rng.random() < 0.12
    if not plan.executor:
        plan.limit = rng.choice([None] * 6 + [(1, 1), (3, 2), (1000, 1)])
        plan.per_second = rng.choice([None] * 9 + [2000.0, 30000.0])
        plan.initializer = rng.choice([""] * 6 + ["works", "works", "fails"])
    plan.progress = rng.choice([""] * 6 + ["works", "works", "fails", "runs"])
    plan.desc = rng.choice([None] * 5 + ["a line"])
    share = rng.choice([0, 0, 0, 0.05, 0.5, 1])
    plan.bad = {number for number in range(count) if rng.random() < share}
    if count and rng.random() < 0.1:
        plan.halts_at, plan.halt = rng.randrange(count), rng.choice(HALTS)
    if plan.source in {"generator", "live", "running"} and rng.random() < 0.2:
        plan.source_ends = rng.choice([SourceError, SourceError, SourceHalt])
    if depth < 3 and count <= 13 and rng.random() < 0.12:
        plan.inner = set(range(count))
    plan.garbage = rng.random() < 0.05
    may_stop = plan.fail_fast or plan.halts_at is not None or plan.leave or plan.is_short or plan.source_ends is SourceHalt
    if plan.workers > 1 and count > 1 and not (may_stop or plan.executor or plan.limit or "fails" in (plan.progress, plan.initializer)):
        # A window must hold a pair, which is to be there without a source that waits for the body.
        plan.meets = plan.window not in {1} and rng.random() < 0.2
    return plan


# ---- A run and its check ---------------------------------------------------------------------------------------------


class Run:
    """Makes a planned run, and notes what is wrong with it."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.lock = plan, threading.Lock()
        self.token, self.taker, self.local = object(), threading.current_thread(), threading.local()
        self.calls: collections.Counter[int] = collections.Counter()
        self.running: collections.Counter[int] = collections.Counter()  # by key
        self.starts: list[float] = []
        self.reports: list[tuple[int, int | None]] = []
        self.is_reporting = threading.Lock()
        self.initialized = self.late = self.taken = 0
        self.late_allowed = plan.workers  # a helper may have an item in its hand as the caller leaves
        self.is_over = self.hook_failed = False
        self.got: list[Any] = []
        self.raised: BaseException | None = None
        self.pairs = [threading.Barrier(2) for _ in range(plan.count // 2)] if plan.meets else []

    def note(self, what: str, detail: object = "") -> None:
        """Note a fault."""
        found.append((what, f"{detail} {self.plan}"))

    # What run_parallel calls.

    def source(self) -> Iterable[int]:
        """Return the items."""
        plan = self.plan
        if plan.source == "list":
            return list(range(plan.count))
        if plan.source == "tuple":
            return tuple(range(plan.count))
        return dict.fromkeys(range(plan.count)).keys() if plan.source == "keys" else self.generate()

    def generate(self) -> Iterator[int]:
        """Yield the items."""
        for number in range(self.plan.count):
            if threading.current_thread() is not self.taker:
                self.note("another thread took from the source", threading.current_thread())
            if self.is_over:
                self.note("taken after the end", number)
            if self.plan.source == "live" and number % 10 == 5:
                time.sleep(0.003)
            if self.plan.source == "running" and number == 2:
                check_small()
            self.taken += 1
            yield number
        if self.plan.source_ends is not None:
            raise self.plan.source_ends("source")

    def call(self, number: int) -> object:
        """Run an item."""
        plan = self.plan
        self.enter(number)
        try:
            if not plan.executor and variable.get() is not self.token or isinstance(variable.get(), int):
                self.note("wrong context", variable.get())
            variable.set(number)
            if plan.initializer and not getattr(self.local, "is_ready", False):
                self.note("an item before the initializer", threading.current_thread())
            spend(plan.seconds[number])
            return self.finish(number)
        finally:
            self.leave(number)

    async def call_async(self, number: int) -> object:
        """Run an item of asyncio."""
        self.enter(number)
        try:
            if variable.get() is not self.token:
                self.note("wrong context", variable.get())
            variable.set(number)
            await asyncio.sleep(abs(self.plan.seconds[number]))
            return self.finish(number)
        finally:
            self.leave(number)

    def key(self, number: int) -> int:
        """Return the key of a limit."""
        return number % self.plan.limit[0] if self.plan.limit is not None else 0

    def enter(self, number: int) -> None:
        """Note that an item starts."""
        plan, key = self.plan, self.key(number)
        with self.lock:
            self.starts.append(parallel._now())
            self.calls[number] += 1
            self.running[key] += 1
            most, most_of_key, self.late = sum(self.running.values()), self.running[key], self.late + self.is_over
        if most > plan.workers:
            self.note("more at once than max_workers", most)
        if plan.limit is not None and most_of_key > plan.limit[1]:
            self.note("more at once than limit_by allows", most_of_key)
        if self.calls[number] > 1:
            self.note("an item ran twice", number)
        if self.late > self.late_allowed:
            self.note("started after the end", (number, self.late))

    def leave(self, number: int) -> None:
        """Note that an item ends."""
        with self.lock:
            self.running[self.key(number)] -= 1

    def finish(self, number: int) -> object:
        """Return or raise what the item is to."""
        plan = self.plan
        if plan.meets and number // 2 < len(self.pairs):
            try:
                self.pairs[number // 2].wait(HANG_SECONDS / 3)
            except threading.BrokenBarrierError:
                self.note("two items did not meet", number)
        if plan.garbage:
            Garbage()
        if number in plan.inner:
            seed = f"{plan.seed}.{number}"
            rng = random.Random(seed)
            one_run(draw(rng, seed, plan.depth + 1, is_on_pool=True))
        if number == plan.halts_at:
            raise plan.halt(number)
        if number in plan.bad:
            raise Bad(number)
        return result_of(number)

    def initialize(self) -> None:
        """Make a thread ready."""
        with self.lock:
            self.initialized += 1
            is_second = self.initialized == 2
        if getattr(self.local, "is_ready", False):
            self.note("a thread was initialized twice", threading.current_thread())
        if is_second and self.plan.initializer == "fails":
            self.hook_failed = True
            raise InitializerError
        self.local.is_ready = True

    def progress(self, done: int, total: int | None) -> None:
        """Take a report."""
        if not self.is_reporting.acquire(blocking=False):
            return self.note("progress twice at the same time", done)
        try:
            self.reports.append((done, total))
            if self.is_over:
                self.note("progress after the end", done)
            if self.plan.progress == "fails" and done == 3:
                self.hook_failed = True  # an item may have ended the run before, and is raised then; but nobody waits any more
                raise ProgressError
            if self.plan.progress == "runs" and done == 2:
                check_meeting()
        finally:
            self.is_reporting.release()

    # The run.

    def make(self, pool: ThreadPoolExecutor) -> None:
        """Make the run, and check it."""
        began, before = parallel._now(), variable.set(self.token)
        try:
            self.consume(pool)
        except (Exception, *HALTS, SourceHalt) as error:
            self.raised = error.with_traceback(None)
            if isinstance(error, SourceError):
                self.got = self.got or list(getattr(error, "partial", ()))
        with self.lock:
            self.is_over, still_running = True, sum(self.running.values())
        if variable.get() is not self.token:
            self.note("the context of the caller was changed")
        variable.reset(before)
        self.check_end(still_running)
        self.check_outcomes()
        self.check_reports()
        interval = 0.0 if self.plan.per_second is None else 1 / self.plan.per_second
        if any(start < began + place * interval for place, start in enumerate(sorted(self.starts))):
            self.note("faster than per_second")

    def consume(self, pool: ThreadPoolExecutor) -> None:
        """Run, and take what comes."""
        plan, options = self.plan, self.plan.options()
        if plan.executor:
            options["executor"] = pool
        if plan.initializer:
            options["initializer"] = self.initialize
        if plan.progress:
            options["progress"] = self.progress
        stream: Any = run_parallel(self.call, self.source(), plan.workers, **options)
        if not plan.stream:
            self.got.extend(stream)
            self.check_summary(stream.summary)
        elif plan.leave in {"break", "raise"}:
            place = itertools.count(1)
            for outcome in stream:
                self.got.append(outcome)
                if next(place) > plan.leave_at:
                    if plan.leave == "raise":
                        raise BodyError
                    break
        elif plan.leave:
            self.got.extend(itertools.islice(stream, plan.leave_at))
            if plan.leave == "close":
                stream.close()
                if list(stream):
                    self.note("outcomes after close()")
            elif plan.leave == "cycle":
                stream.cycle, alive = stream, weakref.ref(stream)
                del stream
                while alive() is not None:  # a collection that another thread makes just now may come too early
                    gc.collect()
            elif plan.leave == "move":
                self.go_on_elsewhere(stream)
        else:
            self.got.extend(stream)

    def go_on_elsewhere(self, stream: Any) -> None:
        """Take the rest in another thread."""
        raised: list[BaseException] = []

        def take() -> None:
            self.taker = threading.current_thread()
            try:
                self.got.extend(stream)
            except BaseException as error:  # noqa: B036 - it is checked
                raised.append(error)
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
        if raised:
            raise raised[0]

    # The checks.

    def check_summary(self, summary: parallel.Summary) -> None:
        """Check the counts."""
        failures = sum(outcome.error is not None for outcome in self.got)
        if (summary.successes, summary.failures) != (len(self.got) - failures, failures):
            self.note("wrong counts in the summary", summary)
        if not self.plan.executor and summary.workers > self.plan.workers:
            self.note("too many workers in the summary", summary)
        assert str(summary)

    def check_end(self, still_running: int) -> None:
        """Check that nothing runs on, but for what was left behind on purpose, and that this ends by itself."""
        plan = self.plan
        is_left = plan.is_short or bool(plan.leave) and plan.leave != "close"
        is_broken_off = self.hook_failed or self.raised is not None and not isinstance(self.raised, (Bad, Halt, SourceError))
        if not is_left and not is_broken_off:
            if still_running:
                self.note("still running after the end", still_running)
            self.late_allowed = 0
        until = time.monotonic() + HANG_SECONDS / 2
        while any(self.running.values()) and time.monotonic() < until:
            time.sleep(0.001)
        if any(self.running.values()):
            self.note("items that never end", self.running)

    def is_right(self, outcome: Any) -> bool:
        """Return whether an outcome is that of the loop, or late where it may be."""
        number, result, error = outcome
        if isinstance(error, TimeoutError):
            return self.plan.is_short and result is None
        if number in self.plan.bad or number == self.plan.halts_at:
            return type(error) is Bad and error.args == (number,) and number != self.plan.halts_at
        return error is None and bool(result == result_of(number))

    def check_outcomes(self) -> None:
        """Compare what came with a loop."""
        plan, numbers = self.plan, [outcome[0] for outcome in self.got]
        for outcome in self.got:
            if not self.is_right(outcome):
                self.note("wrong outcome", outcome)
        if numbers != list(range(len(numbers))) and (plan.ordered or len(set(numbers)) != len(numbers)):
            self.note("outcomes out of order, missing or double", numbers[:20])
        if set(numbers) - set(range(plan.count)):
            self.note("unknown items", numbers[:20])
        endings = self.endings()
        if self.raised is None:
            is_left = plan.leave not in {"", "move"}
            if not is_left and len(numbers) != plan.count:
                self.note("outcomes are missing", len(numbers))
            if endings and not is_left and not plan.is_short:
                self.note("nothing was raised", endings)
            return
        if not self.may_raise(endings):
            self.note("raised what the loop would not", (repr(self.raised), endings))
        if isinstance(self.raised, (Bad, *HALTS)) and plan.is_in_order and not plan.is_short and self.raised.args != (len(numbers),):
            if plan.stream and plan.leave != "raise":
                self.note("not raised at its place", (repr(self.raised), numbers[-3:]))
        if isinstance(self.raised, SourceError) and plan.leave in {"", "move"} and len(numbers) != plan.count:
            self.note("the error of the source came without outcomes before it", len(numbers))

    def endings(self) -> list[tuple[type[BaseException], int]]:
        """Return what ends the run, one of which must be raised; where there is an order, the first."""
        plan, endings = self.plan, []
        if plan.source_ends is SourceHalt and not plan.stream:
            return [(SourceHalt, 0)]
        ends = plan.bad if plan.fail_fast else set()
        for number in range(plan.count):
            if number == plan.halts_at:
                endings.append((plan.halt, number))
                if plan.ordered:  # else one behind it may have finished first
                    break
            elif number in ends:
                endings.append((Bad, number))
                if plan.is_in_order or len(endings) > 1 and plan.ordered:
                    break
        if plan.ordered and not plan.is_in_order:  # a list: the first error, or what is no error, which stops all
            endings = endings[:1] + [ending for ending in endings[1:] if ending[0] is not Bad]
            if endings and plan.halts_at is not None and endings[0][0] is Bad:
                endings = [endings[0], (plan.halt, plan.halts_at)]
        if plan.source_ends is not None and (not endings or plan.source_ends is SourceHalt):
            endings.append((plan.source_ends, 0))
        return endings

    def may_raise(self, endings: list[tuple[type[BaseException], int]]) -> bool:
        """Return whether it may have raised what it did."""
        plan, error = self.plan, self.raised
        if isinstance(error, BodyError):
            return plan.leave == "raise"
        if isinstance(error, InitializerError):
            return plan.initializer == "fails" and self.initialized > 1
        if isinstance(error, ProgressError):
            return plan.progress == "fails"
        if isinstance(error, TimeoutError) and plan.is_short:
            return plan.fail_fast
        if isinstance(error, (SourceError, SourceHalt)):
            return type(error) in {kind for kind, _ in endings} or plan.is_short and type(error) is plan.source_ends
        if plan.is_short and isinstance(error, Bad):
            return plan.fail_fast and error.args[0] in plan.bad
        return error is not None and (type(error), error.args[0] if error.args else None) in endings

    def check_reports(self) -> None:
        """Check what progress was told."""
        plan = self.plan
        is_sized = not plan.stream or plan.source in {"list", "tuple", "keys"}
        wanted = [(place + 1, plan.count if is_sized else None) for place in range(len(self.reports))]
        if self.reports != wanted:
            self.note("wrong reports of progress", self.reports[:5])
        is_whole = self.raised is None and not plan.is_short and plan.leave in {"", "move"}
        if plan.progress and is_whole and len(self.reports) != plan.count:
            self.note("reports of progress are missing", len(self.reports))
        if plan.progress == "fails" and is_whole and plan.count >= 3:
            self.note("the error of progress was not raised")


class AsyncRun(Run):
    """The same for run_parallel_async."""

    def make(self, pool: ThreadPoolExecutor) -> None:
        asyncio.run(self.go())
        if any(self.running.values()):
            self.note("tasks are left", self.running)

    async def go(self) -> None:
        """Make the run, and check it."""
        variable.set(self.token)
        try:
            await asyncio.wait_for(self.consume_async(), HANG_SECONDS / 2)
        except asyncio.TimeoutError as error:  # before Python 3.11 this is not the TimeoutError of an item
            self.raised = error.with_traceback(None)
            if not self.plan.is_short or type(error) is not TimeoutError or not error.args:
                self.note("hangs in asyncio")
        except (Exception, *HALTS, SourceHalt) as error:
            self.raised = error.with_traceback(None)
            if isinstance(error, SourceError):
                self.got = self.got or list(getattr(error, "partial", ()))
        until = time.monotonic() + HANG_SECONDS / 2
        while self.plan.leave == "break" and len(asyncio.all_tasks()) > 1 and time.monotonic() < until:
            await asyncio.sleep(0.001)  # a loop that is left closes the stream soon
        self.is_over, self.late_allowed = True, 0
        if any(self.running.values()) or len(asyncio.all_tasks()) > 1:
            self.note("still running after the end", asyncio.all_tasks())
        self.check_outcomes()

    async def generate_async(self) -> AsyncIterator[int]:
        """Yield the items."""
        for number in self.generate():
            if number % 5 == 3:
                await asyncio.sleep(0)
            yield number

    async def consume_async(self) -> None:
        """Run, and take what comes."""
        plan = self.plan
        items: Any = self.generate_async() if plan.source == "live" else self.source()
        run: Any = run_parallel_async(self.call_async, items, plan.workers, **plan.options())
        if not plan.stream:
            self.got.extend(await run)
            return
        async for outcome in run:
            self.got.append(outcome)
            if plan.leave and len(self.got) > plan.leave_at:
                break
        if plan.leave in {"close", "raise"}:
            await run.aclose()
            if plan.leave == "raise":
                raise BodyError


def draw_async(rng: random.Random, seed: str) -> Plan:
    """Draw a run of asyncio: the tasks share one thread, so it does not run others inside."""
    plan = draw(rng, seed, depth=3)
    plan.source = "generator" if plan.source == "running" else plan.source
    plan.executor, plan.initializer, plan.progress, plan.meets = False, "", "", False
    plan.leave = rng.choice(["break", "close", "raise"]) if plan.leave else ""
    plan.source_ends = SourceError if plan.source_ends is not None else None
    plan.halts_at = None if plan.halt is not Halt else plan.halts_at
    return plan


def result_of(number: int) -> object:
    """Return what an item returns."""
    return None if number % 7 == 3 else -number


def spend(seconds: float) -> None:
    """Wait, or compute."""
    if seconds > 0:
        time.sleep(seconds)
    until = time.perf_counter() - seconds
    while seconds < 0 and time.perf_counter() < until:
        sum(range(100))


# ---- Small runs, which other runs start ------------------------------------------------------------------------------


class Garbage:
    """A cycle, the finalizer of which is a run: it comes at any moment, in any thread, the watchdog's among them."""

    def __init__(self) -> None:
        self.cycle = self

    def __del__(self) -> None:
        with contextlib.suppress(ImportError):  # at the end of the interpreter
            check_small()


def check_small() -> None:
    """Make a short run, a batch and two calls at once."""
    results = [outcome.result for outcome in run_parallel(abs, range(-3, 0))]
    streamed = [outcome[1] for outcome in run_parallel(abs, iter([-3, -2, -1]), 2, stream=True)]
    if results != [3, 2, 1] or streamed != results or batch_map(abs, range(-3, 0)) != results:
        found.append(("wrong results of a small run", repr((results, streamed))))
    if run_together(lambda: 1, lambda: 2) != (1, 2) or run_together(a=lambda: 1) != {"a": 1}:
        found.append(("wrong results of run_together", ""))


def check_meeting() -> None:
    """Make a run of two items that wait for each other."""
    outcomes = run_parallel(lambda barrier: barrier.wait(HANG_SECONDS / 3), [threading.Barrier(2)] * 2, 2)
    if outcomes.errors:
        found.append(("two items of a small run did not meet", repr(outcomes.errors)))


def check_child() -> None:
    """Fork, and see whether the child has helpers."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(int(HANG_SECONDS / 2))
            found.clear()
            check_meeting()
            status = 2 if found else 0
        finally:
            os._exit(status)
    status = os.waitpid(process, 0)[1]
    if status:
        found.append(("a forked child has no helpers or hangs", f"status {status}"))


# ---- The program -----------------------------------------------------------------------------------------------------


def one_run(plan: Plan, pool: ThreadPoolExecutor | None = None, kind: type[Run] = Run) -> None:
    """Make a run, and count it."""
    kind(plan).make(pool or shared_pool[0])
    counts["runs"] += 1
    for name in ("stream", "fail_fast", "timeout", "limit", "per_second", "executor", "initializer", "progress", "leave", "inner", "meets"):
        counts[name] += bool(getattr(plan, name))


shared_pool: list[ThreadPoolExecutor] = []


class Driver:
    """Makes runs in one thread for a time. While all drivers get on, none hangs."""

    beats: dict[int, float] = {}
    is_arming = threading.Lock()  # without the GIL, faulthandler may hang when several threads call it

    def __init__(self, number: int, seed: int, until: float) -> None:
        self.number, self.seed, self.until = number, seed, until

    def drive(self) -> None:
        """Make runs."""
        name = f"{self.seed}.{self.number}"
        rng = random.Random(name)
        while time.monotonic() < self.until and len(found) < 100:
            self.beat()
            kind = rng.random()
            try:
                if kind < 0.1:
                    counts["asyncio"] += 1
                    one_run(draw_async(rng, name), kind=AsyncRun)
                elif kind < 0.12:
                    check_small()
                elif kind < 0.125 and FORKS:
                    counts["forks"] += 1
                    check_child()
                else:
                    one_run(draw(rng, f"{name}.{rng.random()}", depth=0))
            except BaseException as error:  # noqa: B036 - it is checked
                found.append(("raised past the checks", repr(error)))
                if len(found) < 5:
                    import traceback

                    traceback.print_exception(error, file=sys.stdout)
        self.beats.pop(self.number, None)

    def beat(self) -> None:
        """Say that this thread gets on."""
        now = time.monotonic()
        self.beats[self.number] = now
        if now - min(list(self.beats.values())) < HANG_SECONDS and self.is_arming.acquire(blocking=False):
            faulthandler.dump_traceback_later(HANG_SECONDS, exit=True, file=sys.__stderr__)
            self.is_arming.release()


class Terminal(io.StringIO):
    """A terminal that forgets."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


def check_nothing_is_left(threads: int) -> None:
    """Check that all threads end, the watchdog's as well, and that it has no runs."""
    gc.collect()
    until = time.monotonic() + HANG_SECONDS / 2
    while (threading.active_count() > threads or parallel._watchdog.runs or parallel._watchdog._is_running) and time.monotonic() < until:
        time.sleep(0.01)
    if threading.active_count() > threads:
        found.append(("threads are left", repr(threading.enumerate())))
    if parallel._watchdog.runs or parallel._watchdog._is_running:
        found.append(("the watchdog does not end", repr(parallel._watchdog.runs)))
    faulthandler.cancel_dump_traceback_later()
    if os.path.isdir("/proc/self/task"):
        time.sleep(0.3)
        left = len(os.listdir("/proc/self/task")) - threading.active_count()
        if left > 0:
            found.append(("threads are left that Python does not know", str(left)))


def main() -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--threads", type=int, default=4)
    arguments = parser.parse_args()
    python = f"Python {sys.version.split()[0]}, {'with' if parallel._HAS_GIL else 'without'} the GIL"
    print(f"{python}: --seed {arguments.seed} --seconds {arguments.seconds:g} --threads {arguments.threads}", flush=True)

    sys.setswitchinterval(random.Random(arguments.seed).choice([0.005, 0.005, 0.00001]))
    logging.disable()  # of errors that nobody looks at: here that is on purpose
    warnings.simplefilter("ignore")  # forks of processes with threads
    sys.stderr = Terminal()
    sys.unraisablehook = lambda args: found.append(("an error that nobody gets", repr((args.exc_value, args.object))))
    threading.excepthook = lambda args: found.append(("an error in a thread", repr(args.exc_value)))
    shared_pool.append(ThreadPoolExecutor(POOL_THREADS))
    threads = threading.active_count()
    drivers = [Driver(number, arguments.seed, time.monotonic() + arguments.seconds) for number in range(arguments.threads)]
    others = [threading.Thread(target=driver.drive) for driver in drivers[1:]]
    for thread in others:
        thread.start()
    if hasattr(signal, "setitimer"):  # runs in a signal handler, at any moment of the main thread
        signal.signal(signal.SIGALRM, lambda *_: check_small())
        signal.setitimer(signal.ITIMER_REAL, 0.05, 0.031)
    drivers[0].drive()
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)
    for thread in others:
        thread.join()
    shared_pool[0].shutdown()
    check_nothing_is_left(threads)

    sys.stderr = sys.__stderr__
    print(", ".join(f"{name} {count}" for name, count in counts.items()))
    kinds = collections.Counter(what for what, _ in found)
    print("found:", dict(kinds) or "nothing", flush=True)
    for what in kinds:
        for _, detail in [fault for fault in found if fault[0] == what][:3]:
            print(f"- {what}: {detail}")
    sys.stdout.flush()
    os._exit(bool(found))  # without waiting for what may hang


if __name__ == "__main__":
    main()
