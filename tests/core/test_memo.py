"""What is memoized is computed once, whatever it gives."""

from __future__ import annotations

from typing import Any

from par_lint.core.memo import memoized_for_last


class _Owner:
    def __init__(self) -> None:
        self.answers: dict[Any, Any] = {}


def test_none_is_computed_once() -> None:
    asked: list[str] = []

    @memoized_for_last
    def find(name: str, owner: _Owner) -> str | None:
        asked.append(name)
        return None

    owner = _Owner()
    assert [find("a", owner), find("a", owner), find("b", owner), find("a", _Owner())] == [None] * 4
    assert asked == ["a", "b", "a"]
