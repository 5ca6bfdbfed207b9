"""Where the import of run_parallel goes, and under which name."""

from __future__ import annotations

import libcst as cst
import pytest

from par_lint.fixes.codegen.imports import plan_import

NEW = "from pkg.parallel import run_parallel"


def added(text: str, source: str = "pkg.parallel") -> str:
    module = cst.parse_module(text)
    return plan_import(module, source, "run_parallel").apply(module).code


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\n\nx = 1\n", f"import os\n\n{NEW}\n\nx = 1\n"),
        ("import os\nimport requests\n\nx = 1\n", f"import os\nimport requests\n{NEW}\n\nx = 1\n"),
        ("import os\n\nfrom zlib_ng import a\n\nx = 1\n", f"import os\n\n{NEW}\nfrom zlib_ng import a\n\nx = 1\n"),
        ("import os\nfrom . import a\n\nx = 1\n", f"import os\n\n{NEW}\nfrom . import a\n\nx = 1\n"),
        ('"""Doc."""\n\nx = 1\n', f'"""Doc."""\n\n{NEW}\n\nx = 1\n'),
        ("from __future__ import annotations\n\nx = 1\n", f"from __future__ import annotations\n\n{NEW}\n\nx = 1\n"),
        ("# licence\n\nx = 1\n", f"# licence\n\n{NEW}\n\nx = 1\n"),
        ("x = 1\n", f"{NEW}\n\nx = 1\n"),
        ("def f():\n    pass\n", f"{NEW}\n\n\ndef f():\n    pass\n"),
        ("@d\nclass A:\n    pass\n", f"{NEW}\n\n\n@d\nclass A:\n    pass\n"),
        ("try:\n    import a\nexcept ImportError:\n    a = None\n", f"{NEW}\n\ntry:\n    import a\nexcept ImportError:\n    a = None\n"),
    ],
)
def test_goes_where_a_sorter_would_put_it(before: str, after: str) -> None:
    assert added(before) == after


def test_a_docstring_that_shares_its_line_stays_the_docstring() -> None:
    import ast

    assert ast.get_docstring(ast.parse(added('"""Doc."""; import os\nx = 1\n'))) == "Doc."


@pytest.mark.parametrize(("line", "name"), [(NEW, "run_parallel"), (NEW + " as rp", "rp"), ("from pkg.parallel import a, run_parallel", "run_parallel")])
def test_an_import_that_is_there_is_used(line: str, name: str) -> None:
    module = cst.parse_module(line + "\nx = 1\n")
    plan = plan_import(module, "pkg.parallel", "run_parallel")
    assert plan.local_name == name
    assert plan.apply(module) is module


@pytest.mark.parametrize(
    "text", ["run_parallel = None\n", "def f(run_parallel):\n    pass\n", f"{NEW}\nrun_parallel = 1\n", "import x as run_parallel\n"]
)
def test_a_name_that_means_something_else_is_left_alone(text: str) -> None:
    module = cst.parse_module(text)
    plan = plan_import(module, "pkg.parallel", "run_parallel")
    assert plan.local_name == "par_lint_run_parallel"
    assert f"{NEW} as par_lint_run_parallel\n" in plan.apply(module).code


def test_a_relative_module_is_imported_with_its_dots() -> None:
    assert "from ..tools.parallel import run_parallel\n" in added("x = 1\n", "..tools.parallel")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import os\n\nx = 1\n", "import asyncio\nimport os\n\nx = 1\n"),
        ('"""Doc."""\n\nimport os\n', '"""Doc."""\n\nimport asyncio\nimport os\n'),
        ('"""Doc."""\n\n# why\nimport os\n', '"""Doc."""\n\nimport asyncio\n# why\nimport os\n'),
        ("from __future__ import annotations\n\nimport os\n", "from __future__ import annotations\n\nimport asyncio\nimport os\n"),
        ("import abc\nfrom os import path\n", "import abc\nimport asyncio\nfrom os import path\n"),
        ('"""Doc."""\n\nx = 1\n', '"""Doc."""\n\nimport asyncio\n\nx = 1\n'),
        ("import requests\n\nx = 1\n", "import asyncio\n\nimport requests\n\nx = 1\n"),
    ],
)
def test_a_module_is_imported_as_such(before: str, after: str) -> None:
    module = cst.parse_module(before)
    assert plan_import(module, "asyncio", "").apply(module).code == after
