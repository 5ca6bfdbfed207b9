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


_AS_THE_FILE = """\
    subprocess.check_output(["npm", "run", "build"], env=env, shell=sys.platform == "win32")
"""


@pytest.mark.parametrize(("others", "room"), [
    ([], 88),
    (["x" * 100], 88),  # one line may be an exception
    (["x" * 100, "y" * 95], 100),
    (["x" * 100, "y" * 95, "z" * 130], 100),
    (["# " + "x" * 100, "f('" + "y" * 100 + "')"], 88),  # a formatter leaves these
    (['x = """', "y" * 100, "y" * 100, '"""'], 88),
    (["x" * 79, "y" * 77, "z" * 78], 79),
    (["x" * 79, "y" * 77, "z" * 78, "z" * 81], 88),
])  # fmt: skip
def test_the_file_shows_the_length_where_no_setting_does(others: list[str], room: int) -> None:
    name = "x" * (room - len('    _ = subprocess.run(["ls"], env=, timeout=10)'))
    for text, is_split in ((name, False), (name + "x", True)):
        source = "import subprocess\n\n\ndef f():\n" + f'    _ = subprocess.run(["ls"], env={text})\n' + "\n".join(others) + "\n"
        after = fix(source.encode(), Config(), unsafe=True, wanted=lambda finding, _: finding.code == "PRL201", runtime="r").source.decode()
        assert ("run(\n" in after) is is_split
    source = f'import subprocess\n\n\ndef f():\n    _ = subprocess.run(["ls"], env={name})\n'
    assert "run(\n" in fix(source.encode(), Config(line_length=room - 1), unsafe=True, runtime="r").source.decode()


@pytest.mark.parametrize(("before", "after"), [
    ("    a = loads(\n        subprocess.check_output(['gh', 'pr', 'view', env, '--json', 'title'], text=True)\n    )['title']\n",
     "    a = loads(\n        subprocess.check_output(\n            ['gh', 'pr', 'view', env, '--json', 'title'], text=True, timeout=60\n        )\n    )['title']\n"),
    ("    a = subprocess.check_output(['gh', 'pr', 'view', env, '--json', 'title'], text=True)[0]\n",
     "    a = subprocess.check_output(\n        ['gh', 'pr', 'view', env, '--json', 'title'], text=True, timeout=60\n    )[0]\n"),
    ("    subprocess.run(  # noqa: S603\n        ['gh', 'pr', 'view', '--json', 'title'], stdout=subprocess.PIPE, check=True, env=env\n    )\n",
     "    subprocess.run(  # noqa: S603\n        ['gh', 'pr', 'view', '--json', 'title'],\n        stdout=subprocess.PIPE,\n        check=True,\n"
     "        env=env,\n        timeout=60,\n    )\n"),
])  # fmt: skip
def test_subscripts_and_comments_behind_the_bracket(before: str, after: str) -> None:
    assert fixed(before) == after
