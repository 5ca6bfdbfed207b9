"""Records behave as the dataclasses that type checkers take them for."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from par_lint import records


@records.dataclass(frozen=True)
class Point:
    x: int
    y: int = 0
    others: tuple[int, ...] = ()

    def __lt__(self, other: Point) -> bool:
        return self.x < other.x


@dataclasses.dataclass(frozen=True)
class Twin:
    x: int
    y: int = 0
    others: tuple[int, ...] = ()


@records.dataclass
class Tally:
    count: int = 0
    names: list[str] = records.field(default_factory=list)


@records.dataclass(frozen=True, eq=False)
class One:
    name: str


def test_are_made_and_shown_as_dataclasses_are() -> None:
    assert repr(Point(1, others=(2,))) == repr(Twin(1, others=(2,))).replace("Twin", "Point")
    with pytest.raises(TypeError, match="x"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="z"):
        Point(1, z=2)  # type: ignore[call-arg]


def test_are_equal_by_their_values_and_of_one_class() -> None:
    assert Point(1) == Point(1, 0) != Point(2)
    assert Point(1) != Twin(1)
    assert {Point(1), Point(1), Point(2)} == {Point(1), Point(2)}
    assert Tally() == Tally()
    assert One("a") != One("a")
    with pytest.raises(TypeError, match="unhashable"):
        hash(Tally())


def test_defaults_are_made_anew_where_they_can_change() -> None:
    Tally().names.append("a")
    assert Tally().names == []
    assert Tally(1, ["b"]).names == ["b"]


def test_can_be_changed_into_others_matched_and_sent_to_other_processes() -> None:
    assert records.replace(Point(1, 2), y=3) == Point(1, 3)
    match Point(1, 2):
        case Point(x, y=y):
            assert (x, y) == (1, 2)
    assert pickle.loads(pickle.dumps(Point(1))) == Point(1)
    assert min(Point(2), Point(1)) == Point(1)
