"""Ctrl-C at random moments of all kinds of runs: afterwards no thread is left, nothing starts any more, and the next run has helpers.

    python tests/runtime/interrupts_parallel.py --count 1000 --seed 7 [--only "a list" --only "a stream"]

Nothing is simulated but Ctrl-C itself: a timer sends a signal, at a random moment, whose handler is Python's own for Ctrl-C. One kind of
run gets a real SIGINT. Exit status 1 says that something was found; a hang ends with the stacks of all threads.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import faulthandler
import hashlib
import io
import itertools
import logging
import os
import random
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from par_lint import parallel
from par_lint.parallel import batch_map, run_parallel, run_parallel_async, run_together

HANG_SECONDS = 40.0
WORKERS = 8
DATA = bytes(20_000)

pool = ThreadPoolExecutor(4)
starts = itertools.count()  # of items; `next` is atomic, and looks are ahead by one each
fired: list[bool] = []  # whether the signal came
instead: list[Callable[[], None]] = []  # what Ctrl-C does instead of raising KeyboardInterrupt
places: list[str] = []  # where the last one came
unraisable: list[str] = []  # what Python itself dropped, as in a finalizer


# ---- Items -----------------------------------------------------------------------------------------------------------


def nap(number: int) -> int:
    next(starts)
    time.sleep(0.003)
    return number


def quick(number: int) -> int:
    next(starts)
    return number


def digest(number: int) -> str:
    next(starts)
    return hashlib.sha256(DATA).hexdigest()


def fail(number: int) -> int:
    if nap(number) % 7 == 3:
        raise ValueError(number)
    return number


def nest(number: int) -> list[int]:
    return [outcome.result for outcome in run_parallel(nap, range(6), 4)]


def nest_streams(number: int) -> list[int]:
    return [outcome.result for outcome in run_parallel(nap, range(6), 4, stream=True)]


def interrupt(number: int) -> int:
    if number == 9:
        os.kill(os.getpid(), signal.SIGINT)
    return nap(number)


async def nap_async(number: int) -> int:
    next(starts)
    await asyncio.sleep(0.003)
    return number


def live(count: int) -> Iterator[int]:
    """Yield items that come one by one."""
    for number in range(count):
        time.sleep(0.0015)
        yield number


# ---- Runs ------------------------------------------------------------------------------------------------------------


def take(outcomes: Iterable[Any], count: int | None = None, seconds: float = 0.0) -> None:
    """Loop over outcomes, with a body that lasts; leave early if `count` says so."""
    for place, _ in enumerate(outcomes):
        if place == count:
            break
        if seconds:
            time.sleep(seconds)


def close(stream: Any) -> None:
    """Take a few outcomes, then close the stream."""
    next(stream)
    stream.close()


def fork() -> None:
    """Run, and fork."""
    run_parallel(nap, range(6), 4)
    process = os.fork()
    if process == 0:
        os._exit(0)
    with contextlib.suppress(KeyboardInterrupt):
        os.waitpid(process, 0)
        return
    with contextlib.suppress(ChildProcessError):  # it was waited for just before Ctrl-C
        os.waitpid(process, 0)
    raise KeyboardInterrupt


def run_async(run: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Run a coroutine, which Ctrl-C cancels, as asyncio.run has it do since Python 3.11: before, Ctrl-C may lose steps of tasks."""

    async def main() -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None

        def cancel() -> None:
            if task.done() or loop.is_closed():
                raise KeyboardInterrupt
            task.cancel()
            loop.call_soon_threadsafe(lambda: None)  # wakes it
        instead.append(cancel)
        await run()
    try:
        asyncio.run(main())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    finally:
        instead.clear()


def stream_async(**options: Any) -> None:
    """Loop over a stream of asyncio."""

    async def loop() -> None:
        async for _ in run_parallel_async(nap_async, range(60), WORKERS, stream=True, **options):
            pass
    run_async(loop)


def streams(func: Callable[[int], Any], count: int, **options: Any) -> Any:
    return run_parallel(func, range(count), WORKERS, stream=True, **options)


KINDS: dict[str, Callable[[], object]] = {
    "a list": lambda: run_parallel(nap, range(60), WORKERS),
    "a list of quick items": lambda: run_parallel(quick, range(3000), WORKERS),
    "a list of three items": lambda: run_parallel(quick, range(3), WORKERS),
    "a list that computes without the GIL": lambda: run_parallel(digest, range(300), WORKERS),
    "a list with errors": lambda: run_parallel(fail, range(60), WORKERS),
    "a list that fails fast": lambda: run_parallel(fail, range(60), WORKERS, fail_fast=True),
    "a list with a time limit": lambda: run_parallel(nap, range(60), WORKERS, timeout=50),
    "a list whose time is over": lambda: run_parallel(nap, range(60), 2, timeout=0.01),
    "a list with limits": lambda: run_parallel(nap, range(60), WORKERS, limit_by=(lambda number: number % 5, 1)),
    "a list with a pace": lambda: run_parallel(nap, range(60), WORKERS, per_second=2000),
    "a list with progress": lambda: run_parallel(nap, range(60), WORKERS, progress=lambda done, total: time.sleep(0.0001)),
    "a list with a title": lambda: run_parallel(nap, range(60), WORKERS, desc="a title"),
    "a list with an initializer": lambda: run_parallel(nap, range(60), WORKERS, initializer=lambda: time.sleep(0.0001)),
    "a list from a live source": lambda: run_parallel(nap, live(20), WORKERS),
    "a stream": lambda: take(streams(nap, 60)),
    "a stream of quick items": lambda: take(streams(quick, 3000)),
    "a stream of three items": lambda: take(streams(nap, 3)),
    "a stream that computes without the GIL": lambda: take(streams(digest, 300)),
    "a stream out of order": lambda: take(streams(nap, 60, ordered=False)),
    "a stream with a small window": lambda: take(streams(nap, 40, window=2)),
    "a stream with errors": lambda: take(streams(fail, 60)),
    "a stream that fails fast": lambda: take(streams(fail, 60, fail_fast=True)),
    "a stream with a time limit": lambda: take(streams(nap, 60, timeout=50)),
    "a stream whose time is over": lambda: take(streams(nap, 60, timeout=0.01)),
    "a stream with limits": lambda: take(streams(nap, 60, limit_by=(lambda number: number % 5, 1))),
    "a stream with a slow pace": lambda: take(streams(nap, 60, per_second=100)),
    "a stream with a body that lasts": lambda: take(streams(nap, 60), seconds=0.001),
    "a stream from a live source": lambda: take(run_parallel(nap, live(30), WORKERS, stream=True)),
    "a stream that is left": lambda: take(streams(nap, 200), 20),
    "a stream that is left at once": lambda: take(streams(nap, 200), 0),
    "a stream that is closed": lambda: close(streams(nap, 60)),
    "calls together": lambda: run_together(*[lambda: nap(1)] * 5),
    "a batch": lambda: batch_map(fail, range(60), WORKERS),
    "runs in a run": lambda: run_parallel(nest, range(5), 4),
    "streams in a stream": lambda: take(streams(nest_streams, 5)),
    "an executor": lambda: run_parallel(nap, range(60), 4, executor=pool),
    "an executor with a stream": lambda: take(streams(nap, 60, executor=pool)),
    "an executor with a time limit": lambda: take(streams(nap, 60, executor=pool, timeout=0.01)),
    "asyncio, a list": lambda: run_async(lambda: run_parallel_async(nap_async, range(60), WORKERS)),
    "asyncio, a stream": stream_async,
    "asyncio, a stream with limits": lambda: stream_async(limit_by=(lambda number: number % 5, 1)),
    "asyncio, a stream with a time limit": lambda: stream_async(timeout=0.01),
    "a real SIGINT from an item": lambda: run_parallel(interrupt, range(60), WORKERS),
    "a real SIGINT from an item of a stream": lambda: take(streams(interrupt, 60)),
}
if hasattr(os, "fork"):
    KINDS["a fork after a run"] = fork


class Terminal(io.StringIO):
    """A terminal that forgets."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


# ---- The program -----------------------------------------------------------------------------------------------------


def handle(number: int, frame: Any) -> None:
    """Note the signal, and do as Python does for Ctrl-C."""
    fired.append(True)
    if instead:
        return instead[0]()
    signal.default_int_handler(number, frame)


def make(run: Callable[[], object], seconds: float) -> BaseException | None:
    """Make a run, and interrupt it after a time; return what it raised."""
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            run()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except (KeyboardInterrupt, Exception) as error:
        places[:] = [f"{Path(frame.f_code.co_filename).stem}:{line}" for frame, line in traceback.walk_tb(error.__traceback__)][2:]
        return error.with_traceback(None)
    return None


def wait_until(is_so: Callable[[], bool], seconds: float) -> bool:
    """Wait for something; return whether it came."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            return False
        time.sleep(0.001)
    return True


def faults_after(threads: int) -> Iterator[tuple[str, object]]:
    """Yield what is wrong after an interrupt, when so many threads were there before."""
    if not wait_until(lambda: threading.active_count() <= threads, HANG_SECONDS / 4):
        frames = sys._current_frames()
        left = [frames[thread.ident] for thread in threading.enumerate() if thread.name == "run_parallel" and thread.ident in frames]
        yield "threads are left", [f"{frame.f_code.co_name}:{frame.f_lineno}" for frame in left]
    if not wait_until(lambda: not parallel._watchdog.runs, HANG_SECONDS / 4):
        yield "the watchdog has runs", list(parallel._watchdog.runs)
        parallel._watchdog.runs.clear()
    time.sleep(0.01)  # chunks in the pool may be at their last items
    before = next(starts)
    time.sleep(0.02)
    late = next(starts) - before - 1
    if late > 4:  # the pool has four threads
        yield "items start after the end", late
    barrier = threading.Barrier(2)
    if run_parallel(lambda _: barrier.wait(HANG_SECONDS / 4), range(2), 2).errors:
        yield "no helpers afterwards", parallel._watchdog._is_running


def main() -> int:
    """Run the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", action="append", choices=list(KINDS), metavar="KIND", help="may be given more than once")
    arguments = parser.parse_args()
    print(f"Python {sys.version.split()[0]}: --seed {arguments.seed} --count {arguments.count}", flush=True)

    logging.disable()
    warnings.simplefilter("ignore")
    sys.stderr = Terminal()
    sys.unraisablehook = lambda args: unraisable.append(repr(args.exc_value))
    signal.signal(signal.SIGALRM, handle)
    signal.signal(signal.SIGINT, handle)
    list(pool.map(nap, range(8)))  # so that its threads are there
    rng, threads = random.Random(arguments.seed), threading.active_count()
    found: collections.Counter[tuple[str, str]] = collections.Counter()

    def note(kind: str, fault: str, detail: str) -> None:
        found[kind, fault] += 1
        if found[kind, fault] <= 3:
            print(f"- {kind}: {fault}: {detail}", flush=True)
    interrupted = 0
    for place in range(arguments.count):
        if sum(found.values()) > 30:
            break
        kind = rng.choice(arguments.only or list(KINDS))
        longest = 0.01 if "quick" in kind or "three" in kind else 0.05
        seconds = rng.uniform(2e-5, longest) if rng.random() < 0.6 else 10 ** rng.uniform(-5, -2)  # often soon
        faulthandler.dump_traceback_later(HANG_SECONDS, exit=True, file=sys.__stderr__)
        fired.clear()
        unraisable.clear()
        raised = make(KINDS[kind], seconds)
        interrupted += bool(fired)
        if fired and not isinstance(raised, KeyboardInterrupt) and not unraisable:
            note(kind, "Ctrl-C was lost", f"{place}: {raised!r}")
        elif raised is not None and not isinstance(raised, (KeyboardInterrupt, ValueError)):
            note(kind, "another error came", f"{place}: {raised!r}")
        del raised
        for fault, detail in faults_after(threads):
            note(kind, fault, f"{place}: {detail}, after Ctrl-C at {' > '.join(places)}")
            threads = max(threads, threading.active_count())
    faulthandler.cancel_dump_traceback_later()
    pool.shutdown()
    if not wait_until(lambda: not parallel._watchdog._is_running, HANG_SECONDS / 4):
        note("the end", "the watchdog does not end", "")
    if os.path.isdir("/proc/self/task"):
        wait_until(lambda: len(os.listdir("/proc/self/task")) <= threading.active_count(), HANG_SECONDS / 4)
        left = len(os.listdir("/proc/self/task")) - threading.active_count()
        if left > 0:
            note("the end", "threads are left that Python does not know", str(left))
    print(f"{interrupted} interrupts; found:", "; ".join(f"{': '.join(words)}: {times} times" for words, times in found.items()) or "nothing")
    sys.stdout.flush()
    os._exit(bool(found))  # without waiting for what may hang


if __name__ == "__main__":
    main()
