"""A module with candidates among much that is none: what the gate lets through of it is counted by test_cost.py."""

import json
import subprocess
from pathlib import Path

LIMIT = 10


class Store:
    """Keeps records by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: list[str] = []

    def add(self, name: str) -> None:
        if name not in self.names:
            self.names.append(name)

    def rows(self) -> list[dict]:
        found = []
        for name in self.names:
            text = (self.folder / name).read_text()
            found.append(parse(text))
        return found

    def first(self) -> dict | None:
        for name in self.names:
            text = (self.folder / name).read_text()
            if text:
                return parse(text)
        return None

    def totals(self) -> dict[str, int]:
        counted = {}
        for name in self.names:
            counted[name] = len(name) + LIMIT
        return counted


def parse(text: str) -> dict:
    """One record."""
    return json.loads(text)


def unrelated(values: list[int]) -> int:
    """Computes, and nothing else."""
    total = 0
    for value in values:
        if value > LIMIT:
            total += value
        else:
            total -= value
    return total


def both(folder: Path) -> str:
    """Too few to be worth it."""
    text = ""
    for name in ("a", "b"):
        text += (folder / name).read_text()
    return text


def version() -> str:
    """Waits for ever."""
    return subprocess.run(["git", "version"], capture_output=True, text=True).stdout
