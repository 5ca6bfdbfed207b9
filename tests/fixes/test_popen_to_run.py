"""A Popen that is waited for in the next statement becomes `subprocess.run` or `call`, where nothing else is done with it."""

from __future__ import annotations

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = "import subprocess\nfrom subprocess import PIPE, Popen\n\nPopen(['daemon'])\n\n\n"


def fixed(text: str, head: str = HEAD) -> str:
    result = fix((head + text).encode(), Config(), unsafe=True, wanted=lambda finding, _: finding.code == "PRL201", runtime="r")
    return result.source.decode().removeprefix(head)


def body(*lines: str) -> str:
    return "def f(x):\n" + "".join(f"    {line}\n" for line in lines)


@pytest.mark.parametrize(("before", "after"), [
    (["p = Popen(['ls'])", "p.wait()"], ["subprocess.call(['ls'], timeout=10)"]),
    (["p = subprocess.Popen(['ls'], cwd=x)", "return p.wait() == 0"], ["return subprocess.call(['ls'], cwd=x, timeout=10) == 0"]),
    (["# list", "p = Popen(['ls'])", "code = p.wait()  # it is over"], ["# list", "code = subprocess.call(['ls'], timeout=10)  # it is over"]),
    (["p = Popen(['ls'])", "p.wait()", "return p.returncode"], ["p = subprocess.run(['ls'], timeout=10)", "return p.returncode"]),
    (["p = Popen(['ls'], stdout=PIPE)", "out, err = p.communicate()"], ["p = subprocess.run(['ls'], stdout=PIPE, timeout=10)", "out, err = p.stdout, p.stderr"]),
    (["p = Popen(['ls'], stdout=PIPE)", "out, _ = p.communicate()"], ["p = subprocess.run(['ls'], stdout=PIPE, timeout=10)", "out = p.stdout"]),
    (["p = Popen(['ls'], stderr=PIPE)  # why", "_, err = p.communicate()"], ["p = subprocess.run(['ls'], stderr=PIPE, timeout=10)  # why", "err = p.stderr"]),
    (["p = Popen(['ls'], stdout=PIPE)", "p.communicate()", "return p.returncode"], ["p = subprocess.run(['ls'], stdout=PIPE, timeout=10)", "return p.returncode"]),
    (["p = Popen(['ls'], stdout=PIPE)", "return p.communicate()[0].decode()"], ["p = subprocess.run(['ls'], stdout=PIPE, timeout=10)", "return p.stdout.decode()"]),
])  # fmt: skip
def test_it_is_run(before: list[str], after: list[str]) -> None:
    assert fixed(body(*before)) == body(*after)


@pytest.mark.parametrize("lines", [
    ["p = Popen(['ls'], stdout=PIPE)", "p.wait()"],  # a full pipe
    ["p = Popen(['ls'])", "print(p.pid)", "p.wait()"],
    ["p = Popen(['ls'])", "p.wait()", "return p"],
    ["p = Popen(['ls'])", "p.wait()", "return p.pid"],
    ["p = Popen(['ls'])", "# it takes long", "p.wait()"],
    ["p = Popen(['ls'])  # start", "code = p.wait()"],
    ["p = Popen(['ls'], stdin=PIPE)", "p.communicate(b'x')"],
    ["p = Popen(['ls'], stdout=PIPE)", "return x and p.communicate()[0]"],
    ["p = Popen(['ls'], stdout=PIPE)", "both = p.communicate()"],
    ["p = Popen(['ls'], start_new_session=True)", "p.wait()"],
    ["global p", "p = Popen(['ls'])", "p.wait()"],
    ["for name in x:", "    p = Popen(['ls', name])", "    p.wait()"],
    ["p = Popen(['ls'])", "try:", "    p.wait()", "finally:", "    print(x)"],
])  # fmt: skip
def test_it_is_waited_for_with_a_limit(lines: list[str]) -> None:
    after = fixed(body(*lines))
    assert "timeout=10)" in after
    assert "except subprocess.TimeoutExpired:" in after
    assert "Popen(" in after


@pytest.mark.parametrize(("before", "after"), [
    (["p = subprocess.Popen(['ls'],", "                     stdout=PIPE)", "out = p.communicate()[0]"],
     ["p = subprocess.run(['ls'],", "                   stdout=PIPE,", "                   timeout=10)", "out = p.stdout"]),
    (["p = subprocess.Popen(['ls',", "                      '-l'],", "                     cwd=x)", "return p.wait()"],
     ["return subprocess.call(['ls', '-l'], cwd=x, timeout=10)"]),
    (["p = subprocess.Popen(", "    ['ls'],", "    cwd=x,", ")", "p.wait()"], ["subprocess.call(", "    ['ls'],", "    cwd=x,", "    timeout=10,", ")"]),
    (["p = Popen(['ls'],", "    cwd=x)", "p.wait()"], ["subprocess.call(['ls'],", "    cwd=x,", "    timeout=10)"]),
])  # fmt: skip
def test_lines_stay_aligned(before: list[str], after: list[str]) -> None:
    assert fixed(body(*before)) == body(*after)


def test_a_name_that_another_function_uses_is_another() -> None:
    text = "p = Popen(['ls'])\np.wait()\n\n\ndef f():\n    return p.pid\n"
    assert "p.kill()" in fixed(text)
    assert fixed(text.replace("return p.pid", "return 1")).startswith("subprocess.call(['ls'], timeout=10)\n")


def test_an_import_below_is_not_used() -> None:
    text = "import os\n\nos.system('ls')\nimport subprocess\n"
    after = fixed(text, "")
    assert after.index("import subprocess") < after.index("subprocess.call('ls', shell=True, timeout=10)")
    inside = "import os\n\n\ndef f(x):\n    if x:\n        import subprocess\n        return subprocess\n    os.system('ls')\n"
    assert fixed(inside, "") == inside, "there the name is one of the function, and may be unbound"


def test_lines_of_a_file_with_tabs_are_split_with_tabs() -> None:
    text = "def f(x):\n\tif x:\n\t\tnames = subprocess.check_output(['ls', '-l', '--human-readable', '--sort=time', 'a-folder-of-names'])\n"
    after = fixed(text)
    assert "check_output(\n\t\t\t['ls'" in after
    assert " timeout=10\n\t\t)\n" in after


def test_a_name_that_nothing_reads_is_not_bound() -> None:
    text = body("p = subprocess.Popen(['ls', x],", "                     stderr=None)", "p.communicate()", "return x")
    assert fixed(text) == body("subprocess.run(['ls', x],", "               stderr=None,", "               timeout=10)", "return x")
    assert fixed(text.replace("return x", "return p.returncode")).startswith("def f(x):\n    p = subprocess.run(")


def test_an_import_is_not_left_without_a_use() -> None:
    twice = body("p = Popen(['ls'])", "p.communicate()", "q = Popen(['ls'])", "return q.wait()")
    assert fixed(twice, "from subprocess import Popen\n\n\n").count("Popen(") == 2
    assert fixed(twice + "    Popen(['daemon'])\n", "from subprocess import Popen\n\n\n").count("Popen(") == 1
    head = "from subprocess import PIPE, Popen\n\n\n"
    after = fixed(body("p = Popen(['ls'], stdout=PIPE)", "out, _ = p.communicate()"), head)
    assert after.startswith("from subprocess import PIPE, Popen, TimeoutExpired\n")
    assert "    except TimeoutExpired:\n" in after


@pytest.mark.parametrize(("head", "imports", "call"), [
    ("from subprocess import PIPE, Popen\n", "from subprocess import PIPE, Popen, run\n", "run"),
    ("from subprocess import Popen, run\n", "from subprocess import Popen, run\n", "run"),
    ("import subprocess\nfrom subprocess import Popen\n", "import subprocess\nfrom subprocess import Popen\n", "subprocess.run"),
    ("from subprocess import Popen\n\n\ndef run():\n    pass\n", "import subprocess\nfrom subprocess import Popen\n\n\ndef run():\n    pass\n", "subprocess.run"),
    ("from subprocess import Popen\nfrom x import run\n", "import subprocess\nfrom subprocess import Popen\nfrom x import run\n", "subprocess.run"),
    ("from subprocess import Popen\nself.run()\n", "import subprocess\nfrom subprocess import Popen\nself.run()\n", "subprocess.run"),
    ("import os as subprocess_\nimport subprocess as sp\nPopen = sp.Popen\n", "import os as subprocess_\nimport subprocess as sp\nPopen = sp.Popen\n", "sp.run"),
])  # fmt: skip
def test_new_names_stand_where_the_others_of_the_module_do(head: str, imports: str, call: str) -> None:
    after = fixed(head + "Popen(['daemon'])\n\n\n" + body("p = Popen(['ls'])", "p.communicate()", "return p.returncode"), "")
    assert after == imports + "Popen(['daemon'])\n\n\n" + body(f"p = {call}(['ls'], timeout=10)", "return p.returncode")


def test_lines_that_are_aligned_with_a_bracket_stay_so() -> None:
    text = "def f(x):\n    if x:\n        os.system('cp %s %s' %\n                  (x.path(), x))\n    os.system('cp %s' %\n        x)\n"
    assert fixed(text, "import os\nimport subprocess\n\n\n") == (
        "def f(x):\n    if x:\n        subprocess.call('cp %s %s' %\n                        (x.path(), x), shell=True, timeout=600)\n"
        "    subprocess.call('cp %s' %\n        x, shell=True, timeout=600)\n"
    )
