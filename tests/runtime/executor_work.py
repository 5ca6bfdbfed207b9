"""Functions for the tests of executors: importable by workers in other processes."""

from __future__ import annotations

import os
import threading
import time


def double(number: int) -> int:
    return number * 2


def fail_on_seven(number: int) -> int:
    if number == 7:
        raise ValueError("seven")
    return number


def sleep_a_little(number: int) -> tuple[int, int]:
    time.sleep(0.02)
    return os.getpid(), threading.get_ident()


def where(_: object) -> int:
    return os.getpid()


def die_on_three(number: int) -> int:
    if number == 3:
        os._exit(1)
    time.sleep(0.05)
    return number


def leave(number: int) -> int:
    if number == 3:
        raise SystemExit(number)
    return number


def give_a_lock(number: int) -> object:
    return threading.Lock() if number == 2 else number


class Stubborn(Exception):
    """Can be pickled, and not be made again."""

    def __init__(self, one: int, two: int) -> None:  # noqa: B042 - on purpose
        super().__init__(f"{one} and {two}")  # noqa: B042 - on purpose


def be_stubborn(number: int) -> int:
    if number == 2:
        raise Stubborn(1, 2)
    return number


def mark(path: str) -> None:
    """Leave a trace of each call."""
    with open(path, "ab") as file:
        file.write(b"x")
    time.sleep(0.05)


def unlike_each_time(_: object) -> bytes:
    return os.urandom(8)
