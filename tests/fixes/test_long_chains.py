"""A statement that was laid out keeps its lines where one line would be longer still."""

from __future__ import annotations

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

CALL = 'subprocess.check_output(["git", "show", "-s", "--format=%ci", "HEAD"], cwd=root, stderr=DEVNULL'


def fixed(text: str) -> str:
    source = f"import subprocess\nfrom subprocess import DEVNULL\n\n\ndef f(root):\n{text}"
    return fix(source.encode(), Config(), unsafe=True, runtime="r").source.decode().partition("def f(root):\n")[2]


def test_a_chain_in_parentheses_keeps_its_lines() -> None:
    before = f"    day = (\n        {CALL})\n        .decode()\n        .strip()\n    )\n"
    assert fixed(before) == before.replace("DEVNULL)", "DEVNULL, timeout=60)")


def test_a_text_in_parts_stays_below_itself() -> None:
    before = '    import os\n    os.system("cd a;"\n              "make;"\n              "ls")\n'
    after = '    subprocess.call("cd a;"\n                    "make;"\n                    "ls", shell=True, timeout=1800)\n'
    assert fixed(before) == "    import os\n" + after


def test_what_fits_on_one_line_has_no_space_before_a_dot() -> None:
    before = '    return [(subprocess.check_output(["ls"])\n            .decode())], len(\n        root)\n'
    assert " ." not in fixed(before).replace("\n            .decode", "")
    assert "timeout=10" in fixed(before)
