"""What the types of the runtime promise; read by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import aclosing, closing

from typing_extensions import assert_type

from par_lint.parallel import Outcome, Outcomes, Stream, Summary, batch_map, optimal_workers, run_parallel, run_parallel_async, run_together


def length(text: str) -> int:
    return len(text)


def count() -> int:
    return 1


def name() -> str:
    return "one"


def check(words: list[str], executor: Executor) -> None:
    outcomes = run_parallel(length, words, max_workers=20, desc="Counting", fail_fast=True)
    assert_type(outcomes, Outcomes[str, int])
    assert_type(outcomes.summary, Summary)
    assert_type(outcomes[0], Outcome[str, int])
    assert_type(outcomes.summary.speed_up, float | None)
    assert_type(outcomes.summary.loop_seconds, float | None)
    assert_type(outcomes.summary.wall_seconds + outcomes.summary.waiting_seconds + outcomes.summary.computing_seconds, float)
    assert_type(outcomes.summary.item_seconds, float)
    assert_type(outcomes.summary.workers + outcomes.summary.successes + outcomes.summary.failures, int)
    assert_type(outcomes.errors, list[Outcome[str, int]])
    outcomes.raise_errors()
    as_list: list[Outcome[str, int]] = outcomes
    for item, result, error in as_list:
        assert_type(item, str)
        assert_type(result, int)
        assert_type(error, BaseException | None)
    stream = run_parallel(length, iter(words), None, stream=True, timeout=1.5)
    assert_type(stream, Stream[str, int])
    assert_type(next(stream), Outcome[str, int])
    as_iterator: Iterator[Outcome[str, int]] = stream
    for outcome in as_iterator:
        assert_type(outcome, Outcome[str, int])
    assert_type(list(stream), list[Outcome[str, int]])
    with closing(stream) as closed_soon:
        assert_type(next(closed_soon), Outcome[str, int])
    stream.close()
    assert_type(run_parallel(length, words, executor=executor), Outcomes[str, int])
    assert_type(run_parallel(length, words, executor=executor, stream=True), Stream[str, int])
    assert_type(run_parallel(length, words, stream=True, ordered=False, window=9, per_second=5.5, limit_by=(len, 2)), Stream[str, int])
    assert_type(run_parallel(length, words, initializer=count, progress=print), Outcomes[str, int])
    assert_type(batch_map(length, words), list[int])
    assert_type(optimal_workers(len(words), io_bound=False), int)
    assert_type(run_together(count, name), tuple[int, str])
    assert_type(run_together(count, name, count), tuple[int, str, int])
    assert_type(run_together(count, count, count, count), tuple[int, ...])
    assert_type(run_together(a=count, b=count), dict[str, int])


def passes_the_flag_on(words: list[str], lazily: bool) -> None:
    outcomes = run_parallel(length, words, stream=lazily)
    assert_type(outcomes, Outcomes[str, int] | Stream[str, int])
    for outcome in outcomes:
        assert_type(outcome, Outcome[str, int])
    if isinstance(outcomes, Stream):
        outcomes.close()
    else:
        assert_type(outcomes.errors, list[Outcome[str, int]])


async def slow_length(text: str) -> int:
    return len(text)


async def check_async(words: list[str], source: AsyncGenerator[str, None]) -> None:
    assert_type(await run_parallel_async(slow_length, words, 20, fail_fast=True, timeout=3), Outcomes[str, int])
    assert_type(await run_parallel_async(slow_length, source), Outcomes[str, int])
    stream = run_parallel_async(slow_length, words, stream=True, ordered=False)
    assert_type(stream, AsyncGenerator[Outcome[str, int], None])
    async for outcome in stream:
        assert_type(outcome, Outcome[str, int])
    async with aclosing(run_parallel_async(slow_length, source, None, stream=True, window=3)) as closed_soon:
        assert_type(await anext(closed_soon), Outcome[str, int])
    assert_type((await run_parallel_async(slow_length, words, stream=False)).errors, list[Outcome[str, int]])


def wrong(words: list[str], callback: Callable[[], None]) -> None:
    run_parallel(length, [1, 2])  # type: ignore[arg-type]  # pyright: ignore
    run_parallel(length, words, 20, "positional")  # type: ignore[call-overload]  # pyright: ignore
    run_parallel(length, words, executor=object())  # type: ignore[call-overload]  # pyright: ignore
    run_parallel(length, words, progress=callback)  # type: ignore[arg-type]  # pyright: ignore
    run_parallel(length, words, limit_by=len)  # type: ignore[call-overload]  # pyright: ignore
    _ = run_parallel_async(length, words)  # type: ignore[arg-type]  # pyright: ignore
    run_parallel(length, words, stream=True).errors  # type: ignore[attr-defined]  # pyright: ignore
    run_parallel(length, words).close()  # type: ignore[attr-defined]  # pyright: ignore
    run_parallel(length, words).summary.speed_up + 1  # type: ignore[operator]  # pyright: ignore
    _ = run_parallel_async(slow_length, words, executor=None)  # type: ignore[call-overload]  # pyright: ignore
    run_together(count, 3)  # type: ignore[call-overload]  # pyright: ignore
