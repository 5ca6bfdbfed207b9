"""The twin of the runtime for asyncio: the same outcomes, and nothing that goes on behind its caller."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import contextvars
import functools
import gc
import io
import itertools
import os
import signal
import sys
import time
import traceback
import tracemalloc
import warnings
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any

import pytest

from par_lint.parallel import Outcome, Outcomes, run_parallel_async

FORMS = ["list", "stream", "unordered", "timed", "limited", "paced"]
OPTIONS: dict[str, dict[str, Any]] = {
    "list": {}, "stream": {}, "unordered": {"ordered": False}, "timed": {"timeout": 60}, "limited": {"limit_by": (lambda _: 0, 50)},
    "paced": {"per_second": 10_000},
}  # fmt: skip
HANG = 60.0  # seconds; whatever takes longer will never end
SOON = 8.0  # seconds, instead of 20 or more

in_all_forms = pytest.mark.parametrize("form", FORMS)


def run(main: Callable[[], Coroutine[Any, Any, Any]], factory: Any = None) -> Any:
    """Run a coroutine function in a loop of its own. A hang and tasks that are left are failures."""

    async def limited() -> Any:
        asyncio.get_running_loop().set_task_factory(factory)
        task = asyncio.create_task(main())
        done, _ = await asyncio.wait([task], timeout=HANG)
        assert done, "it hangs"
        left = asyncio.all_tasks() - {asyncio.current_task()}
        if task.cancelled() or task.exception() is None:
            assert not left, "tasks are left behind"
        return task.result()

    return asyncio.run(limited())


def is_stream(form: str) -> bool:
    return form in ("stream", "unordered")


async def gather(form: str, func: Callable[[Any], Any], items: Any, max_workers: int = 50, **options: Any) -> list[Outcome[Any, Any]]:
    """All outcomes by one of the forms, in the order of items that are numbers."""
    options = {**OPTIONS[form], **options}
    if not is_stream(form):
        return await run_parallel_async(func, items, max_workers, **options)
    outcomes = [outcome async for outcome in run_parallel_async(func, items, max_workers, stream=True, **options)]
    return sorted(outcomes, key=lambda outcome: outcome.item) if form == "unordered" else outcomes


async def double(number: int) -> int:
    """The later the item, the sooner the result."""
    await asyncio.sleep(0.0005 * (10 - number % 10))
    return number * 2


async def fail_on_three(number: int) -> int:
    if number == 3:
        raise ValueError("three")
    return await double(number)


class Busy:
    """A function whose items run until they are cancelled, and then need a moment. It knows those that run, and those that ever did."""

    def __init__(self, resists: str = "") -> None:
        self.running: set[int] = set()
        self.started: list[int] = []
        self._resists = resists

    async def __call__(self, number: int) -> None:
        self.started.append(number)
        self.running.add(number)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            deadline = time.perf_counter() + 0.015
            while self._resists and time.perf_counter() < deadline:  # also when it is cancelled once more
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(0.005)
            if self._resists == "raises":
                raise ValueError(number) from None
            if self._resists != "returns":
                raise
        finally:
            self.running.remove(number)

    async def has_started(self, count: int) -> None:
        while len(self.started) < count:
            await asyncio.sleep(0.001)


async def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that is to come soon."""
    deadline = time.perf_counter() + seconds
    while not is_so() and time.perf_counter() < deadline:
        await asyncio.sleep(0.002)
    assert is_so()


async def asynchronously(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0)
        yield item


# Outcomes -------------------------------------------------------------------------------------------------------------


@in_all_forms
@pytest.mark.parametrize(("source", "workers"), [(list, 1), (list, 3), (list, 50), (iter, 3), (asynchronously, 3), (asynchronously, 50)])
def test_gives_item_result_error_in_input_order(form: str, source: Callable[[Any], Any], workers: int) -> None:
    outcomes = run(lambda: gather(form, double, source(range(12)), workers))
    assert outcomes == [(n, n * 2, None) for n in range(12)]
    assert all(type(outcome) is Outcome for outcome in outcomes)


def test_a_list_is_outcomes_with_a_summary() -> None:
    async def work(number: int) -> None:
        await asyncio.sleep(0.02)
        await fail_on_three(number)

    outcomes = run(lambda: run_parallel_async(work, range(10), 5))
    assert type(outcomes) is Outcomes
    assert [outcome.item for outcome in outcomes.errors] == [3]
    summary = outcomes.summary
    assert (summary.successes, summary.failures, summary.workers) == (9, 1, 5)
    assert summary.waiting_seconds > 0.15  # 10 items of 20 ms
    assert 0.04 < summary.wall_seconds < summary.item_seconds
    assert summary.speed_up > 1.5
    assert str(summary).startswith("10 items, 1 failed, 5 workers: ")


@pytest.mark.parametrize(("count", "workers"), [(0, 1), (1, 1), (2, 2)])
def test_the_summary_counts_no_more_workers_than_there_were(count: int, workers: int) -> None:
    assert run(lambda: run_parallel_async(double, range(count))).summary.workers in (count, workers)


@in_all_forms
def test_no_items_give_no_outcomes(form: str) -> None:
    assert run(lambda: gather(form, double, [])) == []


@in_all_forms
def test_errors_are_given_beside_their_items_and_begin_in_the_function(form: str) -> None:
    outcomes = run(lambda: gather(form, fail_on_three, range(6), 3))
    assert [outcome.result for outcome in outcomes] == [0, 2, 4, None, 8, 10]
    error = outcomes[3].error
    assert isinstance(error, ValueError)
    assert next(iter(traceback.extract_tb(error.__traceback__))).name == "fail_on_three"


@in_all_forms
def test_a_function_that_raises_before_it_returns_an_awaitable_fails_for_that_item(form: str) -> None:
    def work(number: int) -> Awaitable[int]:
        if number == 2:
            raise KeyError(number)
        return double(number)

    outcomes = run(lambda: gather(form, work, range(4)))
    assert [outcome.result for outcome in outcomes] == [0, 2, None, 6]
    assert isinstance(outcomes[2].error, KeyError)


def test_whatever_returns_an_awaitable_will_do() -> None:
    class Doubler:
        async def __call__(self, number: int) -> int:
            return await double(number)

        async def method(self, number: int) -> int:
            return await double(number)

    def future(number: int) -> Awaitable[int]:
        return asyncio.ensure_future(double(number))

    async def add(more: int, number: int) -> int:
        return more + number

    async def main() -> list[list[Any]]:
        functions: list[Any] = [Doubler(), Doubler().method, future, functools.partial(add, 5), lambda number: double(number)]
        return [[outcome.result for outcome in await run_parallel_async(function, [5])] for function in functions]

    assert run(main) == [[10]] * 5


@in_all_forms
def test_a_function_that_returns_no_awaitable_is_a_clear_type_error(form: str) -> None:
    busy = Busy()

    def work(number: int) -> Any:
        return 7 if number == 3 else busy(number)

    async def main() -> None:
        with pytest.raises(TypeError, match=r"awaitable.* 7.*run_parallel\b"):
            await gather(form, work, range(20), 5)
        assert not busy.running

    run(main)


def test_the_same_item_twice_and_items_without_a_hash_are_items() -> None:
    first: list[int] = []
    outcomes = run(lambda: run_parallel_async(lambda item: asyncio.sleep(0, item), [first, first, {}]))
    assert [outcome.item for outcome in outcomes] == [[], [], {}]
    assert outcomes[0].item is outcomes[1].result is first


@in_all_forms
@pytest.mark.parametrize("count", [7, 300])
def test_all_run_at_once_but_never_more_tasks_than_asked(form: str, count: int) -> None:
    running, most, most_tasks = 0, 0, 0

    async def work(_: int) -> None:
        nonlocal running, most, most_tasks
        running += 1
        most, most_tasks = max(most, running), max(most_tasks, len(asyncio.all_tasks()))
        await asyncio.sleep(0)
        await asyncio.sleep(0 if count > 100 else 0.01)
        running -= 1

    async def main() -> int:
        before = len(asyncio.all_tasks())
        await gather(form, work, range(count), 7, **({"window": 100} if is_stream(form) else {}))
        return before

    before = run(main)
    assert most == 7 or form == "paced"
    assert most_tasks <= before + 7 + 1  # one takes the items


def test_a_limit_by_key_makes_no_more_tasks_than_asked() -> None:
    most = 0

    async def work(_: int) -> None:
        nonlocal most
        most = max(most, len(asyncio.all_tasks()))
        await asyncio.sleep(0.001)

    async def main() -> int:
        before = len(asyncio.all_tasks())
        await run_parallel_async(work, range(60), 6, limit_by=(lambda number: number % 5, 2))
        return before

    assert run(main) + 6 <= most + 1 <= 2 + 6 + 2


@in_all_forms
def test_runs_inside_runs_end(form: str) -> None:
    async def inner(number: int) -> int:
        outcomes = await gather(form, double, range(number), 3)
        return sum(outcome.result for outcome in outcomes)

    outcomes = run(lambda: gather(form, inner, range(8), 3))
    assert [outcome.result for outcome in outcomes] == [n * (n - 1) for n in range(8)]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
@in_all_forms
def test_tasks_that_begin_at_once_are_tasks(form: str) -> None:
    async def quick(number: int) -> int:
        if number % 10 == 5:
            raise ValueError(number)
        return number * 2

    async def main() -> list[Outcome[Any, Any]]:
        return await gather(form, quick, range(300), 4, **({"limit_by": (lambda _: 0, 1)} if form == "limited" else {}))

    outcomes = run(main, asyncio.eager_task_factory)  # type: ignore[attr-defined, unused-ignore]
    assert [outcome.result for outcome in outcomes] == [None if n % 10 == 5 else n * 2 for n in range(300)]


# Fail fast ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [form for form in FORMS if form != "unordered"])
def test_fail_fast_raises_the_earliest_of_several_errors(form: str) -> None:
    async def work(number: int) -> None:
        await asyncio.sleep(0.03 if number == 1 else 0.001)
        if number in (1, 2, 3):
            raise ValueError(number)

    async def main() -> None:
        with pytest.raises(ValueError, match="1") as caught:
            await gather(form, work, range(20), 8, fail_fast=True)
        assert "work" in {frame.name for frame in traceback.extract_tb(caught.value.__traceback__)}

    run(main)


@in_all_forms
def test_fail_fast_cancels_what_is_behind_and_starts_nothing_more(form: str) -> None:
    busy = Busy()

    async def work(number: int) -> None:
        if number == 0:
            await busy.has_started(4)
            raise ValueError
        await busy(number)

    async def main() -> None:
        with pytest.raises(ValueError):
            await gather(form, work, range(100), 5, fail_fast=True)
        assert not busy.running
        assert busy.started == [1, 2, 3, 4]

    run(main)


@pytest.mark.parametrize("options", [{}, {"limit_by": (bool, 2)}, {"limit_by": (lambda _: 0, 3)}, {"per_second": 10_000}, {"timeout": 60}])
@pytest.mark.parametrize("form", ["list", "stream"])
def test_fail_fast_lets_the_items_before_end_and_starts_none_behind(form: str, options: dict[str, Any]) -> None:
    busy, ended = Busy(), False

    async def work(number: int) -> None:
        nonlocal ended
        if number == 0:
            await busy.has_started(1)
            await until(lambda: not busy.running)  # what is behind is cancelled at once
            await asyncio.sleep(0.02)
            ended = True
        elif number == 1:
            await busy.has_started(1)
            raise ValueError("one")
        else:
            await busy(number)

    async def main() -> None:
        with pytest.raises(ValueError, match="one"):
            await gather(form, work, range(100), 3, fail_fast=True, **options)
        assert ended
        assert not busy.running
        assert busy.started == [2]

    run(main)


def test_fail_fast_of_a_stream_fails_where_a_loop_would_have() -> None:
    seen = []

    async def main() -> None:
        with pytest.raises(ValueError, match="three"):
            async for item, _, _ in run_parallel_async(fail_on_three, range(10), 8, fail_fast=True, stream=True):
                seen.append(item)

    run(main)
    assert seen == [0, 1, 2]


@in_all_forms
@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit, asyncio.CancelledError, type("Own", (BaseException,), {})])
def test_what_is_no_exception_stops_everything_and_is_raised(form: str, kind: type[BaseException]) -> None:
    busy = Busy()

    async def work(number: int) -> None:
        if number == 2:
            await asyncio.sleep(0.01)
            raise kind("stop")
        if number > 2:
            await busy(number)

    async def main() -> None:
        with pytest.raises(kind):
            await gather(form, work, range(100), 5)
        assert not busy.running
        assert len(busy.started) < 10

    run(main)


@in_all_forms
def test_what_is_no_exception_in_the_source_stops_everything_at_once(form: str) -> None:
    busy = Busy()

    def source() -> Iterator[int]:
        yield from range(3)
        raise SystemExit("stop")

    async def main() -> None:
        began = time.perf_counter()
        with pytest.raises(SystemExit, match="stop"):
            await gather(form, busy, source())
        assert time.perf_counter() - began < SOON
        assert not busy.running

    run(main)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="signals of POSIX")
@pytest.mark.parametrize("form", ["list", "stream"])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, type("Alarm", (Exception,), {})])
def test_an_error_of_a_signal_handler_ends_the_run_at_once_and_is_not_one_of_an_item(form: str, kind: type[BaseException]) -> None:
    def handler(*_: object) -> None:
        raise kind

    busy = Busy()

    async def work(number: int) -> None:
        if number != 1:
            return await busy(number)
        await asyncio.sleep(0.01)
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        deadline = time.perf_counter() + 30
        while time.perf_counter() < deadline:
            time.sleep(0)  # CPython may forget a signal until the thread gives the GIL away (bpo-40010)

    async def main() -> None:
        began = time.perf_counter()
        with pytest.raises(kind):
            await gather(form, work, range(3))
        assert time.perf_counter() - began < SOON
        assert not busy.running

    before = signal.signal(signal.SIGALRM, handler)
    try:
        run(main)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("is_asynchronous", [False, True])
def test_fail_fast_takes_no_more_of_the_source(is_asynchronous: bool) -> None:
    taken: list[int] = []
    source = itertools.islice(endless(taken), 3000)

    async def work(number: int) -> None:
        await asyncio.sleep(60 if number > 1 else 0.05 if number == 0 else 0)
        if number == 1:
            raise ValueError

    async def main() -> None:
        with pytest.raises(ValueError):
            await run_parallel_async(work, asynchronously(source) if is_asynchronous else source, 3, fail_fast=True)

    run(main)
    assert len(taken) < 10


# Streams --------------------------------------------------------------------------------------------------------------


def endless(taken: list[int]) -> Iterator[int]:
    for number in itertools.count():
        taken.append(number)
        yield number


@pytest.mark.parametrize("is_asynchronous", [False, True])
@pytest.mark.parametrize("options", [{}, {"window": 1}, {"window": 3}, {"window": 30}, {"ordered": False}, {"ordered": False, "window": 3}])
def test_a_stream_takes_no_more_than_its_window_from_an_endless_source(options: dict[str, Any], is_asynchronous: bool) -> None:
    taken: list[int] = []
    source = asynchronously(endless(taken)) if is_asynchronous else endless(taken)
    window = options.get("window", 2 * 4)

    async def main() -> None:
        stream = run_parallel_async(lambda number: asyncio.sleep(0, number * 2), source, 4, stream=True, **options)
        async with contextlib.aclosing(stream):
            handed = 0
            async for item, result, error in stream:
                handed += 1
                assert (result, error) == (item * 2, None)
                assert "ordered" in options or item == handed - 1
                if handed % 10 == 0:
                    await asyncio.sleep(0.01)  # time to take more than allowed
                assert len(taken) <= handed + window
                if handed == 30:
                    break
            assert len(taken) == handed + window  # it keeps busy

    run(main)


def test_a_stream_takes_nothing_before_it_is_asked_and_may_be_thrown_away() -> None:
    taken: list[int] = []

    async def main() -> None:
        stream = run_parallel_async(double, endless(taken), stream=True)
        await asyncio.sleep(0.01)
        del stream
        stream = run_parallel_async(double, endless(taken), stream=True)
        await stream.aclose()

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(main)
    assert not taken


@pytest.mark.parametrize("options", [{}, {"ordered": False}, {"timeout": 60}, {"limit_by": (lambda _: 0, 4)}, {"window": 3}])
def test_an_outcome_is_handed_out_as_soon_as_it_is_there(options: dict[str, Any]) -> None:
    is_handed = asyncio.Event()

    async def work(number: int) -> None:
        if number:
            await is_handed.wait()

    async def main() -> None:
        async for item, _, _ in run_parallel_async(work, range(6), 4, stream=True, **options):
            if item == 0:
                is_handed.set()

    run(main)


def test_an_unordered_stream_hands_out_as_items_finish() -> None:
    others_are_handed = asyncio.Event()

    async def work(number: int) -> None:
        if number == 0:
            await others_are_handed.wait()

    async def main() -> list[int]:
        seen = []
        async for item, _, error in run_parallel_async(work, range(20), 3, stream=True, ordered=False, window=4):
            assert error is None
            seen.append(item)
            if len(seen) == 19:
                others_are_handed.set()
        return seen

    seen = run(main)
    assert sorted(seen) == list(range(20))
    assert seen[-1] == 0


def test_an_unordered_stream_with_fail_fast_raises_the_first_error_and_cancels_the_earlier() -> None:
    busy, seen = Busy(), []

    async def main() -> None:
        with pytest.raises(ValueError, match="three"):
            async for item, _, _ in run_parallel_async(
                lambda n: busy(n) if n < 3 else fail_on_three(n), range(10), 5, stream=True, ordered=False, fail_fast=True
            ):
                seen.append(item)
        assert not busy.running

    run(main)
    assert not {0, 1, 2, 3} & set(seen)


def test_a_large_window_keeps_workers_busy_behind_a_slow_item() -> None:
    done = 0

    async def work(number: int) -> None:
        nonlocal done
        if number == 0:
            await until(lambda: done == 29)
        done += 1

    async def main() -> list[int]:
        return [outcome.item async for outcome in run_parallel_async(work, range(40), 2, stream=True, window=30) if outcome.error is None]

    assert run(main) == list(range(40))


def test_a_stream_keeps_nothing_of_what_is_over() -> None:
    class Item:
        pass

    alive: weakref.WeakSet[Item] = weakref.WeakSet()

    def source() -> Iterator[Item]:
        while True:
            item = Item()
            alive.add(item)
            yield item
            del item

    async def main() -> int:
        count = most = before = 0
        stream = run_parallel_async(lambda item: asyncio.sleep(0, item), source(), 4, stream=True, limit_by=(id, 1))
        async for outcome in stream:
            assert outcome.result is outcome.item
            most = max(most, len(alive))
            del outcome
            count += 1
            if count == 1000:
                gc.collect()
                tracemalloc.start()
                before = tracemalloc.get_traced_memory()[0]
            if count == 3000:
                break
        gc.collect()
        growth = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        await stream.aclose()
        assert most < 20
        return growth

    assert run(main) < 2000 * 20  # 20 bytes for each item


# Asynchronous sources -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"ordered": False}, {"timeout": 60}, {"window": 1}, {"limit_by": (lambda _: 0, 1)}])
def test_an_outcome_is_handed_out_while_the_source_blocks(options: dict[str, Any]) -> None:
    is_handed = asyncio.Event()

    async def live() -> AsyncIterator[int]:
        for number in range(4):
            yield number
            await asyncio.wait_for(is_handed.wait(), 60)
            is_handed.clear()

    async def main() -> list[int]:
        seen = []
        async for item, _, _ in run_parallel_async(double, live(), 4, stream=True, **options):
            seen.append(item)
            is_handed.set()
        return seen

    assert run(main) == [0, 1, 2, 3]


def test_items_run_while_the_source_waits_for_the_next() -> None:
    has_run = asyncio.Event()

    async def source() -> AsyncIterator[int]:
        yield 0
        await asyncio.wait_for(has_run.wait(), 60)
        yield 1

    async def work(number: int) -> int:
        has_run.set()
        return number

    outcomes = run(lambda: run_parallel_async(work, source()))
    assert [outcome.result for outcome in outcomes] == [0, 1]


def test_an_object_that_is_asked_for_its_iterator_is_an_asynchronous_source() -> None:
    class Source:
        def __aiter__(self) -> AsyncIterator[int]:
            return asynchronously(range(5))

    assert run(lambda: run_parallel_async(double, Source())) == [(n, n * 2, None) for n in range(5)]


@in_all_forms
@pytest.mark.parametrize("is_asynchronous", [False, True])
def test_an_error_of_the_source_comes_after_the_items_before_it(form: str, is_asynchronous: bool) -> None:
    def broken() -> Iterator[int]:
        yield from range(5)
        raise OSError("gone")

    seen = []

    async def main() -> Any:
        source = asynchronously(broken()) if is_asynchronous else broken()
        with pytest.raises(OSError, match="gone") as caught:
            if is_stream(form):
                async for outcome in run_parallel_async(fail_on_three, source, 3, stream=True, **OPTIONS[form]):
                    seen.append(outcome)
            else:
                await run_parallel_async(fail_on_three, source, 3, **OPTIONS[form])
        return getattr(caught.value, "partial", None)

    partial = run(main)
    assert (partial is None) == is_stream(form)
    assert partial is None or type(partial) is Outcomes and (partial.summary.successes, partial.summary.failures) == (4, 1)
    assert [outcome.result for outcome in sorted(partial or seen, key=lambda outcome: outcome.item)] == [0, 2, 4, None, 8]


@pytest.mark.parametrize("form", ["list", "stream"])
def test_an_error_of_an_item_comes_before_one_of_the_source(form: str) -> None:
    def broken() -> Iterator[int]:
        yield from range(5)
        raise OSError("gone")

    async def main() -> None:
        with pytest.raises(ValueError, match="three"):
            await gather(form, fail_on_three, broken(), fail_fast=True)

    run(main)


@in_all_forms
@pytest.mark.parametrize("is_asynchronous", [False, True])
@pytest.mark.parametrize("kind", [asyncio.CancelledError, type("Own", (BaseException,), {})])
def test_a_source_that_ends_with_what_is_no_exception_does_not_seem_complete(form: str, is_asynchronous: bool, kind: type[BaseException]) -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise kind("gone")

    class Source:
        def __init__(self) -> None:
            self._items = broken()

        def __aiter__(self) -> Source:
            return self

        async def __anext__(self) -> int:
            await asyncio.sleep(0)
            return next(self._items)

    async def main() -> None:
        with pytest.raises(kind):
            await gather(form, double, Source() if is_asynchronous else broken())

    run(main)


@pytest.mark.parametrize("max_workers", [2, 50])
def test_a_source_that_resists_cancellation_starts_nothing_more(max_workers: int) -> None:
    busy = Busy()

    async def stubborn() -> AsyncIterator[int]:
        yield 0
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        for number in range(1, 5):
            yield number

    async def main() -> None:
        task = asyncio.create_task(run_parallel_async(busy, stubborn(), max_workers))
        await busy.has_started(1)
        task.cancel()
        done, _ = await asyncio.wait([task], timeout=30)
        assert done, "it hangs"
        assert task.cancelled()
        assert not busy.running
        assert busy.started == [0]

    run(main)


def test_an_endless_asynchronous_source_is_ended_with_the_stream() -> None:
    is_closed = False

    async def live() -> AsyncIterator[int]:
        nonlocal is_closed
        try:
            yield 0
            await asyncio.sleep(60)
        finally:
            is_closed = True

    async def main() -> None:
        stream = run_parallel_async(double, live(), stream=True)
        async with contextlib.aclosing(stream):
            async for _ in stream:
                break
        assert is_closed

    run(main)


# Context --------------------------------------------------------------------------------------------------------------

number_of_request: contextvars.ContextVar[int] = contextvars.ContextVar("number_of_request", default=-1)


@in_all_forms
@pytest.mark.parametrize("limit", [None, (lambda _: 0, 1), (lambda number: number % 2, 2)])
def test_every_item_has_its_own_copy_of_the_context(form: str, limit: Any) -> None:
    async def work(number: int) -> int:
        seen = number_of_request.get()
        number_of_request.set(number)
        await asyncio.sleep(0.001)
        assert number_of_request.get() == number
        return seen

    async def main() -> int:
        number_of_request.set(77)
        outcomes = await gather(form, work, range(12), 4, limit_by=limit)
        assert {outcome.result for outcome in outcomes} == {77}
        return number_of_request.get()

    assert run(main) == 77


# Cancellation ---------------------------------------------------------------------------------------------------------


async def consume(form: str, busy: Busy, **options: Any) -> None:
    """A run that is to be cancelled: item 0 is quick, so that a stream is in its middle."""
    await gather(form, lambda number: busy(number) if number else asyncio.sleep(0), range(100), 5, **options)


@pytest.mark.parametrize("form", ["list", "stream", "unordered"])
@pytest.mark.parametrize("resists", ["", "for a moment", "returns", "raises"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("limit", [{}, {"limit_by": (lambda number: number % 4, 1)}])
def test_cancelling_the_caller_leaves_nothing_running(form: str, resists: str, times: int, limit: dict[str, Any]) -> None:
    busy = Busy(resists)

    async def main() -> None:
        task = asyncio.create_task(consume(form, busy, **limit))
        await busy.has_started(4)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0.005)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not busy.running
        assert asyncio.all_tasks() <= {asyncio.current_task(), *before}
        count = len(busy.started)
        await asyncio.sleep(0.005)
        assert len(busy.started) == count < 10

    before: set[Any] = set()

    async def noting_tasks() -> None:
        before.update(asyncio.all_tasks())
        await main()

    run(noting_tasks)


@pytest.mark.parametrize("form", ["list", "stream", "unordered", "closing"])
def test_a_cancellation_while_a_run_ends_is_heard(form: str) -> None:
    busy = Busy("for a moment")

    async def fail(number: int) -> None:
        if number:
            return await busy(number)
        await busy.has_started(4)
        if form != "closing":
            raise ValueError

    async def close() -> None:
        async with contextlib.aclosing(run_parallel_async(fail, range(100), 5, stream=True)) as stream:
            async for _ in stream:
                break

    async def main() -> None:
        task: asyncio.Task[Any] = asyncio.create_task(close() if form == "closing" else gather(form, fail, range(100), 5, fail_fast=True))
        await busy.has_started(4)
        await asyncio.sleep(0.005)  # it waits for the items that resist
        assert busy.running
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not busy.running

    run(main)


@in_all_forms
def test_a_caller_that_is_cancelled_before_it_began_runs_nothing(form: str) -> None:
    busy = Busy()

    async def main() -> None:
        task = asyncio.create_task(consume(form, busy))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not busy.started

    run(main)


@pytest.mark.parametrize("form", ["list", "stream", "limited"])
@pytest.mark.parametrize("resists", ["", "for a moment"])
def test_wait_for_and_timeout_around_it_leave_nothing_running(form: str, resists: str) -> None:
    async def main() -> None:
        for seconds in (0.03, 0.3, 3):  # a busy machine may start fewer items in a shorter time
            busy = Busy(resists)
            with pytest.raises((asyncio.TimeoutError, TimeoutError)):
                await asyncio.wait_for(consume(form, busy), seconds)
            assert not busy.running
            if sys.version_info >= (3, 11):
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(seconds):
                        await consume(form, busy)
                assert not busy.running
                current = asyncio.current_task()
                assert current is not None
                assert current.cancelling() == 0
            count, expected = len(busy.started), 10 if sys.version_info >= (3, 11) else 5
            assert count <= expected
            if count == expected:
                return
        raise AssertionError(f"only {count} items were started")

    run(main)


@pytest.mark.parametrize("is_closing", [False, True])
def test_cancelling_the_body_of_a_loop_over_a_stream_ends_the_items(is_closing: bool) -> None:
    busy = Busy("for a moment")

    async def loop() -> None:
        stream = run_parallel_async(lambda number: busy(number) if number else asyncio.sleep(0), range(100), 5, stream=True)
        async with contextlib.aclosing(stream) if is_closing else contextlib.nullcontext():
            async for _ in stream:
                await asyncio.sleep(60)

    async def main() -> None:
        task = asyncio.create_task(loop())
        await busy.has_started(4)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not (busy.running and is_closing)
        del task
        await until(lambda: not busy.running and len(asyncio.all_tasks()) <= 2)
        assert len(busy.started) < 10

    run(main)


@pytest.mark.parametrize("way", ["break", "raise", "return"])
@pytest.mark.parametrize("is_closing", [False, True])
def test_a_loop_that_is_left_early_ends_its_items(way: str, is_closing: bool) -> None:
    busy = Busy("for a moment")

    async def loop() -> None:
        stream = run_parallel_async(lambda number: busy(number) if number else asyncio.sleep(0), itertools.count(), 5, stream=True)
        with contextlib.suppress(KeyError):
            async with contextlib.aclosing(stream) if is_closing else contextlib.nullcontext():
                async for _ in stream:
                    await busy.has_started(4)
                    if way == "return":
                        return
                    if way == "raise":
                        raise KeyError
                    break
            assert not (busy.running and is_closing)

    async def main() -> None:
        await loop()
        await until(lambda: not busy.running and len(asyncio.all_tasks()) <= 2)
        assert len(busy.started) < 10

    run(main)


def test_the_end_of_the_loop_ends_the_items_of_a_stream_that_was_left() -> None:
    busy = Busy("for a moment")

    async def main() -> None:
        async for _ in run_parallel_async(lambda number: busy(number) if number else asyncio.sleep(0), range(9), stream=True):
            await busy.has_started(8)
            raise KeyError("body")

    with pytest.raises(KeyError):
        asyncio.run(main())
    assert not busy.running


@pytest.mark.parametrize("form", ["list", "stream"])
def test_one_that_cancels_its_own_item_is_heard(form: str) -> None:
    """Whatever cancels items from outside, no outcome is missing in silence."""

    async def work(number: int) -> int:
        if number == 2:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        await asyncio.sleep(0.001)
        return number

    async def main() -> None:
        with pytest.raises(asyncio.CancelledError):
            await gather(form, work, range(5))

    run(main)


# Time-outs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"stream": True}, {"stream": True, "ordered": False}, {"limit_by": (lambda _: 0, 3)}, {"per_second": 10_000}])
def test_what_is_not_finished_in_time_carries_a_timeout_error(options: dict[str, Any]) -> None:
    busy = Busy("for a moment")

    async def main() -> None:
        began, found = time.perf_counter(), run_parallel_async(lambda n: busy(n) if n > 1 else double(n), range(30), 4, timeout=0.1, **options)
        outcomes = [outcome async for outcome in found] if "stream" in options else await found
        assert not busy.running
        assert time.perf_counter() - began < SOON
        by_item = {outcome.item: outcome for outcome in outcomes}
        assert len(by_item) == len(outcomes) == 30
        assert [by_item[n].result for n in (0, 1)] == [0, 2]
        assert {type(by_item[n].error) for n in range(2, 30)} == {TimeoutError}
        assert len(busy.started) <= 4
        assert "ordered" in options or [outcome.item for outcome in outcomes] == list(range(30))

    run(main)


@pytest.mark.parametrize("timeout", [0, -1, 1e-9])
@pytest.mark.parametrize("form", ["list", "stream", "unordered", "limited", "paced"])
def test_without_any_time_nothing_is_finished(form: str, timeout: float) -> None:
    busy = Busy()

    async def main() -> None:
        outcomes = await gather(form, busy, range(10), 3, timeout=timeout)
        assert {type(outcome.error) for outcome in outcomes} == {TimeoutError}
        assert [outcome.item for outcome in outcomes] == list(range(10))
        assert not busy.running

    run(main)


def test_a_time_out_at_the_moment_an_item_is_started_loses_no_item() -> None:
    async def main() -> None:
        for timeout in (0.0002 * n for n in range(40)):
            outcomes = await run_parallel_async(lambda n: asyncio.sleep(0.001, n), range(20), 3, timeout=timeout)
            assert [outcome.item for outcome in outcomes] == list(range(20))
            assert all(outcome.result == outcome.item if outcome.error is None else type(outcome.error) is TimeoutError for outcome in outcomes)

    run(main)


def test_the_time_begins_with_the_call() -> None:
    async def main() -> None:
        waiting = run_parallel_async(double, range(5), timeout=0.1)
        await asyncio.sleep(0.15)
        assert {type(outcome.error) for outcome in await waiting} == {TimeoutError}

    run(main)


def test_an_item_that_ends_in_its_own_way_when_time_is_up_keeps_its_outcome() -> None:
    async def work(number: int) -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if number == 0:
                return "kept"
            raise KeyError("kept") from None
        return "never"

    outcomes = run(lambda: run_parallel_async(work, range(2), timeout=0.02))
    assert outcomes[0] == (0, "kept", None)
    assert isinstance(outcomes[1].error, KeyError)


@pytest.mark.parametrize("form", ["list", "stream", "unordered"])
def test_fail_fast_raises_the_time_out(form: str) -> None:
    busy = Busy()

    async def main() -> None:
        with pytest.raises(TimeoutError):
            await gather(form, busy, range(10), 3, timeout=0.02, fail_fast=True)
        assert not busy.running

    run(main)


# Pace, limits, progress -----------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("form", ["stream", "limited"])
def test_no_more_items_start_in_a_second_than_asked(form: str) -> None:
    def starts() -> list[float]:
        times = []
        running = most = 0

        async def work(_: int) -> None:
            nonlocal running, most
            times.append(time.perf_counter())
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.08)
            running -= 1

        run(lambda: gather(form, work, range(30), 20, per_second=80))
        assert most > 1
        assert len(times) == 30
        return times

    assert_paced(starts, 80)


def test_a_loop_that_was_blocked_does_not_make_up_for_it() -> None:
    def starts() -> list[float]:
        times = []

        async def work(number: int) -> None:
            times.append(time.perf_counter())
            if number == 3:
                time.sleep(0.3)

        run(lambda: run_parallel_async(work, range(24), 24, per_second=80))
        return times

    assert_paced(starts, 80)


@pytest.mark.parametrize("form", ["list", "stream", "timed"])
def test_a_wait_for_the_pace_ends_at_once(form: str) -> None:
    async def main() -> None:
        began = time.perf_counter()
        with pytest.raises((asyncio.TimeoutError, TimeoutError)):
            await asyncio.wait_for(gather(form, double, range(10), 3, per_second=0.05), 0.1)
        with pytest.raises(ValueError):
            await gather(form, lambda n: fail_on_three(n + 3), range(10), 3, per_second=0.05, fail_fast=True)
        assert time.perf_counter() - began < SOON

    run(main)


@pytest.mark.parametrize("form", ["list", "stream", "unordered", "timed"])
@pytest.mark.parametrize("most", [1, 2])
def test_never_more_of_one_key_run_at_once_than_asked(form: str, most: int) -> None:
    running: collections.Counter[int] = collections.Counter()
    peaks: collections.Counter[int] = collections.Counter()
    total = 0

    async def work(number: int) -> int:
        nonlocal total
        key = number % 3
        running[key] += 1
        total = max(total, sum(running.values()))
        peaks[key] = max(peaks[key], running[key])
        await asyncio.sleep(0.002)
        running[key] -= 1
        if number == 5:
            raise ValueError(number)
        return number * 2

    outcomes = run(lambda: gather(form, work, range(40), 10, limit_by=(lambda number: number % 3, most)))
    assert [outcome.result for outcome in outcomes] == [None if n == 5 else n * 2 for n in range(40)]
    assert set(peaks.values()) == {most}
    assert total == 3 * most


@pytest.mark.parametrize("form", ["list", "stream", "unordered"])
def test_other_keys_go_on_while_one_is_held_back(form: str) -> None:
    done = 0

    async def work(number: int) -> str:
        nonlocal done
        if number < 5:
            await until(lambda: done >= 5)
        done += 1
        return "done"

    outcomes = run(lambda: gather(form, work, range(10), 5, limit_by=(lambda number: number < 5, 1)))
    assert [outcome.result for outcome in outcomes] == ["done"] * 10


@pytest.mark.parametrize("form", ["list", "stream", "unordered", "timed"])
@pytest.mark.parametrize("key", [lambda number: 1 / (number - 7), lambda number: [number]])
def test_an_error_of_the_key_is_raised(form: str, key: Callable[[int], Any]) -> None:
    busy = Busy()

    async def main() -> None:
        with pytest.raises((ZeroDivisionError, TypeError)):
            await asyncio.wait_for(gather(form, double, range(20), 3, limit_by=(key, 1)), 5)
        assert not busy.running

    run(main)


@in_all_forms
@pytest.mark.parametrize("is_sized", [False, True])
def test_progress_counts_up_by_one_to_the_total(form: str, is_sized: bool) -> None:
    calls: list[tuple[int, int | None]] = []
    items: Any = range(30) if is_sized else iter(range(30))
    run(lambda: gather(form, fail_on_three, items, 4, progress=lambda *call: calls.append(call)))
    assert [count for count, _ in calls] == list(range(1, 31))
    assert {total for _, total in calls} <= ({30} if is_sized else {None, 30})


@pytest.mark.parametrize("form", [form for form in FORMS if not is_stream(form)])
def test_progress_of_a_list_counts_what_is_finished_behind_a_slow_item(form: str) -> None:
    calls: list[int] = []

    async def work(number: int) -> str:
        if number == 0:
            await until(lambda: calls == list(range(1, 20)))
        return "done"

    outcomes = run(lambda: gather(form, work, range(20), 4, progress=lambda count, _: calls.append(count)))
    assert outcomes[0].error is None


@in_all_forms
def test_an_error_of_progress_ends_the_run(form: str) -> None:
    busy = Busy()

    def progress(count: int, _: int | None) -> None:
        if count == 3:
            raise KeyError("progress")

    async def main() -> None:
        with pytest.raises(KeyError, match="progress"):
            await gather(form, lambda n: busy(n) if n > 2 else double(n), range(100), 5, progress=progress)
        assert not busy.running
        assert len(busy.started) < 10

    run(main)


@in_all_forms
@pytest.mark.parametrize("way", ["cancelled", "failed"])
def test_progress_does_not_count_what_is_cancelled_and_is_not_called_after_the_end(form: str, way: str) -> None:
    busy, calls = Busy("for a moment"), []

    async def work(number: int) -> None:
        if number == 1 and way == "failed":
            await busy.has_started(4)
            raise ValueError(number)
        await (busy(number) if number else asyncio.sleep(0))

    async def main() -> None:
        task = asyncio.create_task(gather(form, work, range(20), 6, fail_fast=True, progress=lambda count, _: calls.append(count)))
        await busy.has_started(4)
        if way == "cancelled":
            await until(lambda: calls == [1])
            task.cancel()
        with pytest.raises((asyncio.CancelledError, ValueError)):
            await asyncio.wait_for(task, 5)
        await asyncio.sleep(0.01)
        assert calls in ([1], [1, 2] if way == "failed" else [1])

    run(main)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@in_all_forms
def test_a_title_shows_progress_on_a_terminal(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    run(lambda: gather(form, double, range(20), 4, desc="Doubling"))
    assert "Doubling" in terminal.getvalue()
    assert "20/20" in terminal.getvalue()
    assert terminal.getvalue().endswith("\n")


@pytest.mark.parametrize("times", [1, 2])
def test_a_title_is_finished_when_the_run_is_cancelled(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, busy = Terminal(), Busy("for a moment")
    monkeypatch.setattr(sys, "stderr", terminal)

    async def main() -> None:
        task = asyncio.create_task(consume("list", busy, desc="Waiting"))
        await busy.has_started(4)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0.005)
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main)
    assert terminal.getvalue().endswith("\n")


# The rest -------------------------------------------------------------------------------------------------------------


def test_errors_that_nobody_looks_at_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        await run_parallel_async(fail_on_three, range(5))

    run(main)
    record, = caplog.records
    assert (record.name, record.levelname) == (Outcomes.__module__, "ERROR")
    assert "1 of 5 items" in record.getMessage()
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], ValueError)


def test_errors_that_are_looked_at_or_raised_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        for outcome in await run_parallel_async(fail_on_three, range(5)):
            del outcome
        with pytest.raises(ValueError):
            await run_parallel_async(fail_on_three, range(5), fail_fast=True)
        async for outcome in run_parallel_async(fail_on_three, range(5), stream=True):
            del outcome
        await run_parallel_async(double, range(5))

    run(main)
    assert not caplog.records


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("options", "error"), [
    ({"max_workers": 0}, ValueError),
    ({"max_workers": 2.5}, TypeError),
    ({"timeout": float("nan")}, ValueError),
    ({"timeout": "soon"}, TypeError),
    ({"per_second": 0}, ValueError),
    ({"per_second": -1}, ValueError),
    ({"per_second": float("nan")}, ValueError),
    ({"limit_by": (len, 0)}, ValueError),
    ({"limit_by": (5, 5)}, TypeError),
    ({"limit_by": 5}, TypeError),
    ({"window": 0}, ValueError),
    ({"initializer": print}, TypeError),
    ({"executor": None}, TypeError),
    ({"is_eager": True}, TypeError),
    ({"unknown": 1}, TypeError),
])  # fmt: skip
def test_options_that_make_no_sense_are_refused_at_the_call(options: dict[str, Any], error: type[Exception], stream: bool) -> None:
    taken: list[int] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a coroutine that is never awaited
        with pytest.raises(error):
            run_parallel_async(double, endless(taken), stream=stream, **options)
        with pytest.raises(TypeError, match="callable"):
            run_parallel_async(5, endless(taken), stream=stream)  # type: ignore[call-overload]
    assert not taken


@pytest.mark.parametrize("options", [{"ordered": False}, {"window": 5}])
def test_options_of_streams_are_refused_for_lists(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="stream"):
        run_parallel_async(double, [], **options)


def test_none_is_the_default_number_of_workers() -> None:
    running = 0

    async def work(number: int) -> None:
        nonlocal running
        running += 1
        await until(lambda: running >= 50)

    outcomes = run(lambda: run_parallel_async(work, range(50), None))
    assert not outcomes.errors


class Item:
    pass


@pytest.mark.parametrize("way", ["list", "stream", "fail_fast", "failing stream", "source", "not awaitable", "cancelled"])
def test_errors_leave_no_frames_behind(way: str) -> None:
    """Nothing is kept until the next garbage collection."""
    alive: list[weakref.ref[Item]] = []

    def items(raises: bool = False) -> Iterator[Item]:
        for _ in range(3):
            item = Item()
            alive.append(weakref.ref(item))
            yield item
            del item
        if raises:
            raise ValueError("source")

    async def fail(item: Item) -> None:
        await asyncio.sleep(0)
        raise ValueError("item")

    async def work() -> None:
        if way == "list":
            (await run_parallel_async(fail, items())).errors
        elif way == "source":
            await run_parallel_async(lambda item: asyncio.sleep(0), items(raises=True))
        elif way == "fail_fast":
            await run_parallel_async(fail, items(), fail_fast=True)
        elif way == "not awaitable":
            await run_parallel_async(lambda item: 5, items())  # type: ignore[arg-type, return-value]
        elif way == "cancelled":
            await asyncio.wait_for(run_parallel_async(lambda item: asyncio.sleep(60), items()), 0.01)
        else:
            async for outcome in run_parallel_async(fail, items(), fail_fast=way == "failing stream", stream=True):
                del outcome

    async def main() -> None:
        gc.collect()
        gc.disable()
        try:
            with contextlib.suppress(ValueError, TypeError, asyncio.TimeoutError, TimeoutError):
                await work()
            for _ in range(3):
                await asyncio.sleep(0)
            assert len(alive) == 3
            assert [item() for item in alive] == [None] * 3
        finally:
            gc.enable()

    run(main)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C of POSIX")
@pytest.mark.parametrize("form", ["list", "stream"])
def test_ctrl_c_ends_a_run_and_leaves_nothing_running(form: str) -> None:
    busy = Busy("for a moment")

    async def main() -> None:
        asyncio.get_running_loop().call_later(0.05, os.kill, os.getpid(), signal.SIGINT)
        await gather(form, busy, range(10), 3)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # it is ignored where tests run in the background
    began = time.perf_counter()
    try:
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(main())
    finally:
        signal.signal(signal.SIGINT, before)
    assert not busy.running
    assert time.perf_counter() - began < SOON
