"""What the types of the runtime promise; read by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Executor

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
    for outcome in run_parallel(length, words, stream=lazily):
        assert_type(outcome, Outcome[str, int])


async def slow_length(text: str) -> int:
    return len(text)


async def check_async(words: list[str], source: AsyncGenerator[str, None]) -> None:
    assert_type(await run_parallel_async(slow_length, words, 20, fail_fast=True, timeout=3), Outcomes[str, int])
    assert_type(await run_parallel_async(slow_length, source), Outcomes[str, int])
    async for outcome in run_parallel_async(slow_length, words, stream=True, ordered=False):
        assert_type(outcome, Outcome[str, int])


def wrong(words: list[str], callback: Callable[[], None]) -> None:
    run_parallel(length, [1, 2])  # type: ignore[arg-type]  # pyright: ignore
    run_parallel(length, words, 20, "positional")  # type: ignore[call-overload]  # pyright: ignore
    run_parallel(length, words, executor=object())  # type: ignore[call-overload]  # pyright: ignore
    run_parallel(length, words, progress=callback)  # type: ignore[arg-type]  # pyright: ignore
    run_parallel(length, words, limit_by=len)  # type: ignore[call-overload]  # pyright: ignore
    _ = run_parallel_async(length, words)  # type: ignore[arg-type]  # pyright: ignore
    _ = run_parallel_async(slow_length, words, executor=None)  # type: ignore[call-overload]  # pyright: ignore
    run_together(count, 3)  # type: ignore[call-overload]  # pyright: ignore
