"""Names that a fix imports never touch what the module itself calls so."""

from __future__ import annotations

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

LOOP = """
def collect(numbers):
    found = []
    for number in numbers:
        text = open(f"{number}.txt").read()
        found.append(run_parallel(text[:3]))
    return found
"""
BINDINGS = {
    "a function": "def run_parallel(text):\n    return text\n",
    "an import": "from elsewhere import run_parallel\n",
    "an import of another": "from elsewhere import other as run_parallel\n",
    "a class": "class run_parallel(str):\n    pass\n",
    "a value": "run_parallel = str\n",
    "an import that may fail": "try:\n    from fast import run_parallel\nexcept ImportError:\n    run_parallel = str\n",
    "a star import": "from elsewhere import *\n",
}


def fixed(source: str) -> str:
    return fix(source.encode(), Config(), unsafe=True, runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("binding", BINDINGS)
def test_calls_of_an_own_run_parallel_stay(binding: str) -> None:
    new = fixed(BINDINGS[binding] + LOOP)
    assert "from par_lint.parallel import run_parallel as par_lint_run_parallel\n" in new
    assert new.count("par_lint_run_parallel(") == 1
    assert "found.append(run_parallel(text[:3]))" in new


def test_a_local_run_parallel_stays() -> None:
    new = fixed(LOOP.replace("    found = []\n", "    found = []\n    run_parallel = str\n"))
    assert new.count("par_lint_run_parallel(") == 1
    assert "found.append(run_parallel(text[:3]))" in new


def test_a_call_in_what_moves_stays() -> None:
    new = fixed(BINDINGS["a function"] + LOOP.replace('open(f"{number}.txt").read()', 'open(run_parallel(f"{number}.txt")).read()'))
    assert new.count("par_lint_run_parallel(") == 1
    assert 'run_parallel(f"{number}.txt")' in new.replace("par_lint_", "@")


def test_an_import_of_ours_under_another_name_is_used() -> None:
    new = fixed("from par_lint.parallel import run_parallel as together\n\n\ndef run_parallel(text):\n    return text\n" + LOOP)
    assert new.count("together(") == 1
    assert "found.append(run_parallel(text[:3]))" in new


def test_an_own_run_together_stays() -> None:
    calls = "".join(f"    {name} = urllib.request.urlopen({name!r}).read()\n" for name in "abc")
    new = fixed(f"import urllib.request\n\n\ndef run_together(a):\n    return a\n\n\ndef load():\n{calls}    return run_together(a + b + c)\n")
    assert new.count("par_lint_run_together(") == 1
    assert "return run_together(a + b + c)" in new


@pytest.mark.parametrize("module, star", [("os.path", False), ("tkinter", False), ("elsewhere", True), (".", True), ("os.elsewhere", False)])
def test_names_at_the_top_of_a_module_are_none_that_a_star_import_brings(module: str, star: bool) -> None:
    new = fixed(f"from {module} import *\n\nfor path in ['a', 'b', 'c', 'd']:\n    with open(path) as file:\n        text = file.read()\n    print(text[0])\n")
    assert ("def _read_path(path)" in new) == star
    assert ("def read_path(path)" in new) != star
    assert ("import run_parallel as par_lint_run_parallel" in new) == star
