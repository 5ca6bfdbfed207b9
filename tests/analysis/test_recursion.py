"""Functions that call one another in a circle: the same answers, whichever is asked for first, in bounded time."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from par_lint.analysis.semantics.fixpoint import Fixpoint

CALLS = {
    "a": "bx", "b": "cy", "c": "az", "d": "ae", "e": "d",  # two circles, of which the second calls into the first
    "x": "", "y": "", "z": "", "self": "",
}  # fmt: skip


def reached(calls: dict[str, str]) -> Callable[[str], frozenset[str]]:
    """What each function reaches, itself included."""
    def find(name: str) -> frozenset[str]:
        return frozenset({name}).union(*(known.of(inner, find) for inner in calls[name]))

    known: Fixpoint[str, frozenset[str]] = Fixpoint(frozenset())
    return lambda name: known.of(name, find)


@pytest.mark.parametrize("first", list(itertools.permutations("abcde", 2)), ids="".join)
def test_the_order_of_questions_changes_no_answer(first: tuple[str, ...]) -> None:
    known = reached(CALLS)
    for name in first:
        known(name)
    assert {name: "".join(sorted(known(name))) for name in "abcdex"} == {
        "a": "abcxyz", "b": "abcxyz", "c": "abcxyz", "d": "abcdexyz", "e": "abcdexyz", "x": "x",
    }  # fmt: skip


def test_a_function_that_calls_itself_adds_nothing() -> None:
    assert reached({"f": "fg", "g": ""})("f") == {"f", "g"}


def test_an_error_leaves_nothing_behind() -> None:
    is_broken = True

    def find(name: str) -> frozenset[str]:
        if name == "b" and is_broken:
            raise RecursionError
        return frozenset({name}) | known.of("b" if name == "a" else "a", find)

    known: Fixpoint[str, frozenset[str]] = Fixpoint(frozenset())
    with pytest.raises(RecursionError):
        known.of("a", find)
    is_broken = False
    assert known.of("a", find) == {"a", "b"}


@pytest.mark.parametrize(("size", "second"), [(20, 19 + 20), (200, -1)])
def test_of_a_large_circle_only_what_is_asked_for_first_is_found_out(size: int, second: int) -> None:
    def find(number: int) -> int:
        return 1 + known.of((number + 1) % size, find)

    known: Fixpoint[int, int] = Fixpoint(0, beyond=-1)
    assert [known.of(0, find), known.of(1, find)] == [size, second]


@pytest.mark.parametrize("first", [0, 7, 199])
def test_members_of_a_large_circle_answer_what_its_beginning_does(first: int) -> None:
    def find(number: int) -> frozenset[int]:
        return frozenset({number}) | known.of((number + 1) % 200, find) | known.of((number * 7) % 200, find)

    known: Fixpoint[int, frozenset[int]] = Fixpoint(frozenset(), join=frozenset.union)
    known.of(first, find)
    assert all(known.of(number, find) == frozenset(range(200)) for number in range(200))


@pytest.mark.parametrize("size", [20, 200])
def test_how_often_each_function_of_a_circle_is_looked_at(size: int) -> None:
    looked = 0

    def find(number: int) -> int:
        nonlocal looked
        looked += 1
        return 1 + known.of((number + 1) % size, find)

    known: Fixpoint[int, int] = Fixpoint(0)
    for number in range(size):
        known.of(number, find)
    assert looked <= max(20 * 20, size)
