"""New code keeps to the line length, counted from the margin, as formatters do."""

from __future__ import annotations

import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

_CALL = """\
    subprocess.check_output(
        ["npm", "run", "build"], env=env, shell=sys.platform == "win32"
    )
"""
_SPLIT = """\
    subprocess.check_output(
        ["npm", "run", "build"],
        env=env,
        shell=sys.platform == "win32",
        timeout=1800,
    )
"""
_ONE_LINE = _CALL.replace('"win32"', '"win32", timeout=1800')


def fixed(text: str) -> str:
    source = f"import subprocess, sys\nfrom subprocess import CalledProcessError, TimeoutExpired\n\n\ndef f(env):\n{text}"
    result = fix(source.encode(), Config(), unsafe=True, wanted=lambda finding, _: finding.code == "PRL201", runtime="r")
    return result.source.decode().partition("def f(env):\n")[2]


@pytest.mark.parametrize(("depth", "after"), [(0, _ONE_LINE), (1, _SPLIT), (2, _SPLIT), (3, _SPLIT)])
def test_arguments_on_one_line_of_their_own(depth: int, after: str) -> None:
    above = "".join("    " * number + "if env:\n" for number in range(1, depth + 1))
    assert fixed(above + textwrap.indent(_CALL, "    " * depth)) == above + textwrap.indent(after, "    " * depth)


@pytest.mark.parametrize(("before", "after"), [
    ("(CalledProcessError, FileNotFoundError)", "(CalledProcessError, FileNotFoundError, subprocess.TimeoutExpired)"),
    ("(CalledProcessError, FileNotFoundError, PermissionError) as e",
     "(\n        CalledProcessError,\n        FileNotFoundError,\n        PermissionError,\n        subprocess.TimeoutExpired,\n    ) as e"),
    ("(\n        CalledProcessError, FileNotFoundError,\n        PermissionError) as e",
     "(\n        CalledProcessError, FileNotFoundError,\n        PermissionError,\n        subprocess.TimeoutExpired) as e"),
])  # fmt: skip
def test_exceptions_of_a_handler(before: str, after: str) -> None:
    text = "    try:\n        subprocess.run(['ls']{})\n    except {}:\n        print('failed')\n"
    assert fixed(text.format("", before)) == text.format(", timeout=10", after)


@pytest.mark.parametrize(("before", "after"), [
    ("    pair = [subprocess.call(['git', 'status']), subprocess.call(['pwd']), 1]\n",
     "    pair = [\n        subprocess.call(['git', 'status'], timeout=60),\n        subprocess.call(['pwd'], timeout=10),\n        1,\n    ]\n"),
    ("    env(lambda: subprocess.call(['git', 'fetch', 'origin'], shell=sys.platform == 0))\n",
     "    env(\n        lambda: subprocess.call(\n            ['git', 'fetch', 'origin'], shell=sys.platform == 0, timeout=600\n        )\n    )\n"),
    ("    env(lambda: subprocess.call(['ls']), lambda: subprocess.call(['pwd']))\n",
     "    env(\n        lambda: subprocess.call(['ls'], timeout=10),\n        lambda: subprocess.call(['pwd'], timeout=10),\n    )\n"),
], ids=["only together", "in a lambda", "in two lambdas"])  # fmt: skip
def test_calls_in_one_statement(before: str, after: str) -> None:
    assert fixed(before) == after
