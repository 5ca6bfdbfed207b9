"""Clocks and pauses that are handed in, in whatever way, and outputs that are looked at while they grow: the fix is not safe."""

from __future__ import annotations

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = "import csv, functools, os, threading, time, types, urllib.request\nfrom dataclasses import dataclass\nfrom pathlib import Path\nfrom time import perf_counter as fine\n"
WAYS = {  # definitions, further parameters, and the function that is called
    "a parameter": ("", ", clock", "clock", "crawl([], {time})"),
    "a parameter of another name": ("", ", tick", "tick", "crawl([], {time})"),
    "a default": ("", ", tick={time}", "tick", ""),
    "a keyword": ("", ", *, tick={time}", "tick", ""),
    "a lambda": ("", ", tick=lambda *given: {time}(*given)", "tick", ""),
    "a table": ("TOOLS = {{'tick': {time}}}\n", "", "TOOLS['tick']", ""),
    "a pair": ("TOOLS = ({time}, 1)\n", "", "TOOLS[0]", ""),
    "a namespace": ("TOOLS = types.SimpleNamespace(tick={time})\n", "", "TOOLS.tick", ""),
    "an attribute of a class": ("class Tools:\n    tick = staticmethod({time})\n", "", "Tools.tick", ""),
    "an attribute of an object": ("class Tools:\n    def __init__(self, tick={time}):\n        self.tick = tick\nTOOLS = Tools()\n", "", "TOOLS.tick", ""),
    "a field": ("@dataclass\nclass Tools:\n    tick: object = {time}\nTOOLS = Tools()\n", "", "TOOLS.tick", ""),
    "a function of the file": ("def act(*given):\n    return {time}(*given)\n", ", tick=act", "tick", ""),
    "one or the other": ("", ", tick=None", "(tick or {time})", ""),
    "looked up": ("", "", "getattr(time, '{last}')", ""),
}  # fmt: skip


def is_changed(text: str) -> bool:
    compile(text, "program.py", "exec")
    return fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode() != text


def crawling(way: str, time: str, before: str, after: str) -> str:
    definitions, parameters, call, use = (part.format(time=time, last=time.rpartition(".")[2]) for part in WAYS[way])
    lines = [before.format(call=call), "text = Path(path).read_text()", after.format(call=call), "found.append((path, text))"]
    body = "".join(f"        {line}\n" for line in lines if line)
    return f"{HEAD}{definitions}def crawl(paths{parameters}):\n    found = []\n    for path in paths:\n{body}    return found\n{use}\n"


@pytest.mark.parametrize("way", WAYS)
def test_clocks_that_are_handed_in_measure_each_pass(way: str) -> None:
    assert not is_changed(crawling(way, "time.perf_counter", "begun = {call}()", "path = {call}() - begun"))


@pytest.mark.parametrize("way", [way for way in WAYS if way != "a parameter"])
def test_pauses_that_are_handed_in_pace_the_loop(way: str) -> None:
    assert not is_changed(crawling(way, "time.sleep", "", "{call}(0.1)"))


def test_what_is_handed_in_and_tells_no_time_does_no_harm() -> None:
    assert is_changed(crawling("a default", "len", "", "size = {call}('a')"))


def test_the_time_since_the_last_pass_is_measured() -> None:
    text = crawling("a default", "time.perf_counter", "", "now = {call}(); path = now - last; last = now").replace("    found = []", "    found, last = [], 0")
    assert not is_changed(text)


GROWING = {  # what is asked, and how the loop writes
    "its size": ("os.path.getsize(target) > 20", "output.write(text)"),
    "its metadata": ("target.stat().st_size > 20", "output.writelines([text])"),
    "by a function": ("is_full(target)", "output.write(text)"),
    "one of several": ("any(os.path.getsize(one) > 20 for one in [target])", "output.write(text)"),
    "its folder": ("any(one.stat().st_size > 20 for one in os.scandir('out'))", "print(text, file=output)"),
    "its text": ("len(target.read_text()) > 20", "csv.writer(output).writerow([text])"),
}  # fmt: skip


def growing(asked: str, write: str) -> str:
    return (
        f"{HEAD}def is_full(path):\n    return os.path.getsize(path) > 20\n\n\ndef run(paths, target: Path):\n    found = []\n    with target.open('w', buffering=1) as output:\n"
        f"        for path in paths:\n            if {asked}:\n                continue\n            text = Path(path).read_text()\n            {write}\n            found.append(text)\n    return found\n"
    )


@pytest.mark.parametrize("name", GROWING)
def test_an_output_is_looked_at_while_it_grows(name: str) -> None:
    assert not is_changed(growing(*GROWING[name]))


@pytest.mark.parametrize("asked", ["os.path.getsize(path) > 20", "not Path(path).exists()", "len(found) > 99 and path"])
def test_each_item_is_asked_about_itself(asked: str) -> None:
    assert is_changed(growing(asked, "output.write(text)")) == ("found" not in asked)
