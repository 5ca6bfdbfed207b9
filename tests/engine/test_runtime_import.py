"""The module that a fix imports run_parallel from: declared dependencies, copies in projects, and what is not sure."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from small_texts import COPIES as COPIES_FILES
from small_texts import READS

from par_lint.core.config.settings import Config
from par_lint.engine.runtime_module import location
from par_lint.engine.runtime_module.location import PACKAGED, Runtime, clear_project_cache, find_runtime
from par_lint.engine.runtime_module.vendored_copy import OLDEST_PYTHON, copy_source, vendor
from par_lint.frontends.cli.main import main

PROJECT = "[project]\nname = 'app'\nversion = '1'\n"
BUILT = PROJECT + "[build-system]\nrequires = ['hatchling']\n"
GUARD = "\n\nif __name__ == '__main__':\n    print('run')\n"


def make(folder: Path, files: dict[str, str]) -> None:
    """Write a project: `COPY` stands for a copy of the runtime."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(copy_source() if text == "COPY" else text.encode())


def found(folder: Path, files: dict[str, str], name: str) -> Runtime:
    make(folder, files)
    return find_runtime(folder / name, Config())


DECLARED = {
    "pep 621": {"pyproject.toml": PROJECT + "dependencies = ['requests', 'par-lint>=0.1']\n"},
    "another spelling": {"pyproject.toml": PROJECT + "dependencies = ['Par_Lint ; python_version >= \"3.10\"']\n"},
    "a reference": {"pyproject.toml": PROJECT + "dependencies = ['par-lint @ git+https://example.org/x.git']\n"},
    "setup.py": {"setup.py": "from setuptools import setup\nsetup(name='app', install_requires=['par-lint'])\n"},
    "setup.py, a name": {"setup.py": "import setuptools\nNEEDS = ['a']\nsetuptools.setup(install_requires=NEEDS + ['par-lint'])\n"},
    "setup.py, a file": {
        "setup.py": "from setuptools import setup\n\ndef read():\n    return open('reqs.txt').read().split()\n\nsetup(install_requires=read())\n", "reqs.txt": "par-lint\n",
    },
    "setup.cfg": {"setup.cfg": "[options]\ninstall_requires =\n    requests\n    par-lint>=0.1\n", "setup.py": "from setuptools import setup\nsetup()\n"},
    "setup.cfg, a file": {"setup.cfg": "[options]\ninstall_requires = file: needs.txt\n", "needs.txt": "par-lint\n"},
    "requirements.txt": {"requirements.txt": "# ours\nrequests==2 \\\n    --hash=sha256:00\npar-lint==0.1.0  # for loops\n"},
    "requirements.txt with -r": {"requirements.txt": "-r requirements/base.txt\n", "requirements/base.txt": "par_lint\n"},
    "requirements/": {"requirements/base.txt": "par-lint\n", "requirements/prod.txt": "-r base.txt\ngunicorn\n", "requirements/dev.txt": "pytest\n"},
    "requirements.in": {"requirements.in": "par-lint\n"},
    "requirements.txt, an address": {"requirements.txt": "git+https://example.org/team/par-lint.git@v1\n"},
    "requirements.txt, editable": {"requirements.txt": "-e ../par-lint\n"},
    "requirements.txt, a wheel": {"requirements.txt": "./wheels/par_lint-0.1.0-py3-none-any.whl\n"},
    "Pipfile": {"Pipfile": "[packages]\npar-lint = '*'\n"},
    "poetry": {"pyproject.toml": "[tool.poetry]\nname = 'app'\n[tool.poetry.dependencies]\npython = '^3.10'\npar-lint = '^0.1'\n"},
    "poetry, a table": {"pyproject.toml": "[tool.poetry]\n[tool.poetry.dependencies]\npar_lint = {version = '^0.1'}\n"},
    "poetry 2": {"pyproject.toml": PROJECT + "dependencies = ['par-lint (>=0.1)']\n[tool.poetry]\npackages = []\n"},
    "poetry, dynamic": {"pyproject.toml": PROJECT + "dynamic = ['dependencies']\n[tool.poetry.dependencies]\npar-lint = '*'\n"},
    "setuptools, dynamic": {
        "pyproject.toml": PROJECT + "dynamic = ['dependencies']\n[tool.setuptools.dynamic]\ndependencies = {file = ['needs.in']}\n", "needs.in": "par-lint\n",
    },
    "hatch, dynamic": {
        "pyproject.toml": PROJECT + "dynamic = ['dependencies']\n[tool.hatch.metadata.hooks.requirements_txt]\nfiles = ['needs.txt']\n", "needs.txt": "par-lint\n",
    },
    "dynamic in setup.cfg": {"pyproject.toml": PROJECT + "dynamic = ['dependencies']\n", "setup.cfg": "[options]\ninstall_requires = par-lint\n"},
    "dynamic in setup.py": {"pyproject.toml": PROJECT + "dynamic = ['dependencies']\n", "setup.py": "from setuptools import setup\nsetup(install_requires=['par-lint'])\n"},
    "pyproject without dependencies, requirements.txt": {"pyproject.toml": PROJECT, "requirements.txt": "par-lint\n"},
    "pyproject for tools, requirements.txt": {"pyproject.toml": "[tool.black]\n", "requirements.txt": "par-lint\n"},
    "conda": {"environment.yml": "dependencies:\n  - python\n  - pip:\n    - par-lint==0.1\n"},
    "a script": {"m.py": "# /// script\n# dependencies = ['par-lint']\n# ///\n" + READS},
    "a script in a project": {"pyproject.toml": PROJECT + "dependencies = []\n", "m.py": "# /// script\n# dependencies = [\n#   'par-lint',\n# ]\n# ///\n" + READS},
    "nothing declared": {},
    "nothing declared, settings of tools": {"pyproject.toml": "[tool.ruff]\nline-length = 90\n", "setup.cfg": "[flake8]\nmax-line-length = 90\n"},
}


@pytest.mark.parametrize("files", DECLARED.values(), ids=DECLARED)
def test_par_lint_itself_is_imported_where_it_is_installed_with_the_program(files: dict[str, str], tmp_path: Path) -> None:
    assert found(tmp_path, {"m.py": READS, **files}, "m.py") == Runtime(PACKAGED)


NOT_SURE = {
    "pep 621": ({"pyproject.toml": PROJECT + "dependencies = ['par-lint-extras', 'requests']\n"}, "pyproject.toml does not list par-lint"),
    "no dependencies": ({"pyproject.toml": PROJECT}, "pyproject.toml does not list par-lint"),
    "extra": ({"pyproject.toml": PROJECT + "dependencies = []\n[project.optional-dependencies]\ndev = ['par-lint']\n"}, "pyproject.toml lists par-lint only in an extra"),
    "group": ({"pyproject.toml": PROJECT + "[dependency-groups]\nlint = [{include-group = 'x'}, 'par-lint']\nx = []\n"}, "pyproject.toml lists par-lint only for development"),
    "group only": ({"pyproject.toml": "[dependency-groups]\ndev = ['par-lint']\n"}, "pyproject.toml lists par-lint only for development"),
    "marker": ({"pyproject.toml": PROJECT + "dependencies = ['par-lint; sys_platform == \"linux\"']\n"}, "pyproject.toml lists par-lint only under a condition"),
    "pdm": ({"pyproject.toml": PROJECT + "dependencies = []\n[tool.pdm.dev-dependencies]\nlint = ['par-lint']\n"}, "pyproject.toml lists par-lint only for development"),
    "uv": ({"pyproject.toml": PROJECT + "dependencies = []\n[tool.uv]\ndev-dependencies = ['par-lint']\n"}, "pyproject.toml lists par-lint only for development"),
    "poetry dev": ({"pyproject.toml": "[tool.poetry.dependencies]\npython = '*'\n[tool.poetry.dev-dependencies]\npar-lint = '*'\n"}, "pyproject.toml lists par-lint only for development"),
    "poetry group": (
        {"pyproject.toml": "[tool.poetry.dependencies]\npython = '*'\n[tool.poetry.group.dev.dependencies]\npar-lint = '*'\n"}, "pyproject.toml lists par-lint only for development",
    ),
    "poetry optional": ({"pyproject.toml": "[tool.poetry.dependencies]\npar-lint = {version = '*', optional = true}\n"}, "pyproject.toml lists par-lint only in an extra"),
    "poetry marker": ({"pyproject.toml": "[tool.poetry.dependencies]\npar-lint = {version = '*', python = '<3.9'}\n"}, "pyproject.toml lists par-lint only under a condition"),
    "setup.py": ({"setup.py": "from setuptools import setup\nsetup(install_requires=['requests'])\n"}, "setup.py does not list par-lint"),
    "setup.py computes": ({"setup.py": "from setuptools import setup\nimport x\nsetup(install_requires=x.needs())\n"}, "setup.py computes its dependencies"),
    "setup.py appends": (
        {"setup.py": "from setuptools import setup\nneeds = ['par-lint']\nneeds.pop()\nsetup(install_requires=needs)\n"}, "setup.py computes its dependencies",
    ),
    "setup.py without": ({"setup.py": "from setuptools import setup\nsetup(name='app')\n"}, "setup.py does not list par-lint"),
    "setup.cfg extra": (
        {"setup.cfg": "[options]\ninstall_requires =\n    requests\n[options.extras_require]\ndev =\n    par-lint\n"}, "setup.cfg lists par-lint only in an extra",
    ),
    "requirements": ({"requirements.txt": "requests\n"}, "requirements.txt does not list par-lint"),
    "requirements, a comment": ({"requirements.txt": "requests\n# par-lint\n"}, "requirements.txt does not list par-lint"),
    "constraints": ({"requirements.txt": "-c limits.txt\n", "limits.txt": "par-lint==1\n"}, "requirements.txt does not list par-lint"),
    "requirements-dev": ({"requirements.txt": "requests\n", "requirements-dev.txt": "par-lint\n"}, "requirements-dev.txt lists par-lint only for development"),
    "dev-requirements only": ({"dev-requirements.txt": "par-lint\n"}, "dev-requirements.txt lists par-lint only for development"),
    "requirements/dev": ({"requirements/base.txt": "a\n", "requirements/dev.txt": "par-lint\n"}, "requirements/dev.txt lists par-lint only for development"),
    "one of two": ({"requirements/base.txt": "par-lint\n", "requirements/prod.txt": "a\n"}, "requirements/prod.txt does not list par-lint"),
    "Pipfile": ({"Pipfile": "[packages]\na = '*'\n[dev-packages]\npar-lint = '*'\n"}, "Pipfile lists par-lint only for development"),
    "dynamic": ({"pyproject.toml": PROJECT + "dynamic = ['dependencies']\n"}, "pyproject.toml computes its dependencies"),
    "pre-commit": ({".pre-commit-config.yaml": "repos:\n- repo: x\n  hooks:\n  - id: par-lint-fix\n"}, ".pre-commit-config.yaml lists par-lint only for development"),
    "tox": ({"tox.ini": "[testenv:lint]\ndeps = par-lint\n"}, "tox.ini lists par-lint only for development"),
    "a script": ({"m.py": "# /// script\n# dependencies = ['requests']\n# ///\n" + READS, "requirements.txt": "par-lint\n"}, "m.py does not list par-lint"),
    "a broken script": ({"m.py": "# /// script\n# dependencies = [\n# ///\n" + READS}, "m.py computes its dependencies"),
    "a module of this name": ({"requirements.txt": "par-lint\n", "par_lint.py": ""}, "par_lint.py shadows par_lint"),
    "a package of this name": ({"requirements.txt": "par-lint\n", "par_lint/__init__.py": ""}, "par_lint shadows par_lint"),
    "requirements, empty": ({"requirements.txt": ""}, "requirements.txt does not list par-lint"),
}


@pytest.mark.parametrize(("files", "reason"), NOT_SURE.values(), ids=NOT_SURE)
def test_what_is_not_sure_has_a_reason_and_two_remedies(files: dict[str, str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    runtime = found(tmp_path, {"m.py": READS, **files}, "m.py")
    assert (runtime.module, runtime.reason) == (None, reason)
    why, remedy = runtime.remedies()
    assert reason in why
    assert ("rename par_lint" if "shadows" in reason else "add par-lint to the dependencies") in remedy
    assert "`par-lint vendor parallel.py`" in remedy


def test_in_a_repository_of_projects_the_file_is_named_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    why, remedy = found(tmp_path, {".git/x": "", "services/b/pyproject.toml": BUILT, "services/b/b/__init__.py": "", "services/b/b/m.py": READS}, "services/b/b/m.py").remedies()
    assert "services/b/pyproject.toml does not list par-lint" in why
    assert "in services/b/pyproject.toml, or " in remedy
    assert "`par-lint vendor services/b/b/parallel.py`" in remedy


@pytest.mark.parametrize("files", [one[0] for one in NOT_SURE.values()], ids=NOT_SURE)
def test_the_second_remedy_helps(files: dict[str, str], tmp_path: Path) -> None:
    runtime = found(tmp_path, {"m.py": READS, **files}, "m.py")
    assert runtime.copy is not None
    vendor(runtime.copy)
    clear_project_cache()
    assert find_runtime(tmp_path / "m.py", Config()).module == "parallel"


def test_a_project_is_looked_at_once_however_many_folders_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"pyproject.toml": PROJECT + "dependencies = ['par-lint']\n", **{f"p{number}/m.py": READS for number in range(9)}})
    walks: list[Path] = []
    find_copies = location._find_copies
    monkeypatch.setattr(location, "_find_copies", lambda root, **options: (walks.append(root), find_copies(root, **options))[1])
    assert {find_runtime(tmp_path / f"p{number}" / "m.py", Config()).module for number in range(9)} == {PACKAGED}
    assert walks == [tmp_path]


def test_a_lone_script_has_the_copies_beside_it_and_in_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    is_copy = location.is_copy

    def noted(path: Path) -> bool:
        seen.append(path.relative_to(tmp_path).as_posix())
        return is_copy(path)

    monkeypatch.setattr(location, "is_copy", noted)
    files = {
        "m.py": READS, "app/__init__.py": "", "app/inner/__init__.py": "", "app/inner/parallel.py": "COPY", "music/a.py": "", "music/of/the/year/b.py": "",
    }  # fmt: skip
    assert found(tmp_path, files, "m.py").module == "app.inner.parallel"
    assert sorted(seen) == ["app/__init__.py", "app/inner/__init__.py", "app/inner/parallel.py", "m.py", "music/a.py"]


def test_a_broken_project_further_down_is_no_matter_of_a_lone_script(tmp_path: Path) -> None:
    make(tmp_path, {"app.py": READS, "other/pyproject.toml": "[project", "other/parallel.py": "COPY"})
    (tmp_path / "another").mkdir()
    (tmp_path / "another" / "pyproject.toml").write_bytes(b"name = '\xe9'")
    assert find_runtime(tmp_path / "app.py", Config()).module == PACKAGED


@pytest.mark.parametrize("new, old", [(b"as_loop", b"as_pool"), (b"max_workers, fail_fast and stream only", b"max_workers and fail_fast only")])
def test_a_copy_that_is_older_than_what_fixes_call_is_to_be_written_anew(
    new: bytes, old: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, {"app.py": READS, "parallel.py": "COPY"})
    copy = tmp_path / "parallel.py"
    assert find_runtime(tmp_path / "app.py", Config()).module == "parallel"
    copy.write_bytes(copy.read_bytes().replace(new, old))
    clear_project_cache()
    runtime = find_runtime(tmp_path / "app.py", Config())
    assert (runtime.module, runtime.copy) == (None, copy)
    assert "the copy parallel.py is too old" in runtime.remedies()[0]
    assert "par-lint vendor parallel.py" in runtime.remedies()[1]


@pytest.mark.parametrize("prefix", ["/home/me/.local/pipx/venvs/par-lint", "/home/me/.local/share/uv/tools/par-lint", "/home/me/.cache/pre-commit/repo1/py_env-python3.11"])
def test_where_par_lint_has_an_environment_of_its_own_a_lone_script_has_no_runtime(prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", prefix)
    assert found(tmp_path, {"m.py": READS}, "m.py").reason == "par-lint is installed in its own environment"
    (tmp_path / "requirements.txt").write_text("par-lint\n")
    clear_project_cache()
    assert find_runtime(tmp_path / "m.py", Config()).module == PACKAGED


APP = {"app/__init__.py": "", "app/parallel.py": "COPY"}
COPIES = {
    "the same package": ({"pyproject.toml": BUILT, **APP, "app/m.py": READS}, "app/m.py", "app.parallel"),
    "a package below": ({"pyproject.toml": BUILT, **APP, "app/sub/__init__.py": "", "app/sub/m.py": READS}, "app/sub/m.py", "app.parallel"),
    "src": ({"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/parallel.py": "COPY", "src/app/m.py": READS}, "src/app/m.py", "app.parallel"),
    "src, tests": ({"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/parallel.py": "COPY", "tests/m.py": READS}, "tests/m.py", "app.parallel"),
    "src, namespace": ({"pyproject.toml": BUILT, "src/ns/app/__init__.py": "", "src/ns/app/parallel.py": "COPY", "src/ns/app/m.py": READS}, "src/ns/app/m.py", "ns.app.parallel"),
    "src, a namespace only": ({"pyproject.toml": BUILT, "src/ns/parallel.py": "COPY", "src/ns/m.py": READS}, "src/ns/m.py", "ns.parallel"),
    "another source folder": (
        {"pyproject.toml": BUILT + "[tool.setuptools.packages.find]\nwhere = ['lib']\n", "lib/ns/app/__init__.py": "", "lib/ns/app/parallel.py": "COPY", "lib/ns/app/m.py": READS},
        "lib/ns/app/m.py", "ns.app.parallel",
    ),
    "poetry's from": (
        {"pyproject.toml": "[tool.poetry]\npackages = [{include = 'app', from = 'lib'}]\n", "lib/app/__init__.py": "", "lib/app/parallel.py": "COPY", "scripts/m.py": "import app\n" + READS},
        "scripts/m.py", "app.parallel",
    ),
    "a script that runs without its project": (
        {"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/parallel.py": "COPY", "scripts/m.py": READS + GUARD}, "scripts/m.py", None,
    ),
    "a script that runs without its flat project": ({"pyproject.toml": BUILT, **APP, "bin/m.py": READS}, "bin/m.py", None),
    "a script with a copy of its own": (
        {"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/parallel.py": "COPY", "scripts/parallel.py": "COPY", "scripts/m.py": READS}, "scripts/m.py", "parallel",
    ),
    "a project whose scripts have a copy of their own": (
        {"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/parallel.py": "COPY", "scripts/parallel.py": "COPY", "src/app/m.py": READS}, "src/app/m.py", "app.parallel",
    ),
    "a copy for the scripts only": (
        {"pyproject.toml": BUILT, "src/app/__init__.py": "", "scripts/parallel.py": "COPY", "src/app/m.py": READS}, "src/app/m.py", None,
    ),
    "a script at the root, src": ({"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/parallel.py": "COPY", "run.py": READS + GUARD}, "run.py", None),
    "a script at the root, flat": ({"pyproject.toml": BUILT, **APP, "run.py": READS + GUARD}, "run.py", "app.parallel"),
    "a renamed package": (
        {"setup.cfg": "[options]\npackage_dir =\n    app = lib\n", "lib/__init__.py": "", "lib/parallel.py": "COPY", "lib/m.py": READS}, "lib/m.py", ".parallel",
    ),
    "no build": ({"requirements.txt": "", **APP, "app/m.py": READS}, "app/m.py", "app.parallel"),
    "no build, the main file": ({"requirements.txt": "", **APP, "main.py": READS + GUARD}, "main.py", "app.parallel"),
    "no build, at the root": ({"requirements.txt": "", "parallel.py": "COPY", "app/__init__.py": "", "app/m.py": READS}, "app/m.py", "parallel"),
    "no build, main guard without a sign": ({"requirements.txt": "", **APP, "app/m.py": READS + GUARD}, "app/m.py", None),
    "no build, main guard and absolute imports": ({"requirements.txt": "", **APP, "app/m.py": "from app import x\n" + READS + GUARD}, "app/m.py", "app.parallel"),
    "a script that imports its neighbours": ({"requirements.txt": "", **APP, "app/util.py": "", "app/m.py": "import util\n" + READS}, "app/m.py", "parallel"),
    "a namespace below the root": ({"requirements.txt": "", "app/parallel.py": "COPY", "app/m.py": "from app.x import y\n" + READS}, "app/m.py", "app.parallel"),
    "a folder of scripts": ({"requirements.txt": "", "scripts/parallel.py": "COPY", "scripts/m.py": READS + GUARD}, "scripts/m.py", "parallel"),
    "a folder that may be either": ({"requirements.txt": "", "things/parallel.py": "COPY", "things/m.py": READS}, "things/m.py", None),
    "a folder below a script": ({"requirements.txt": "", "lib/parallel.py": "COPY", "m.py": READS}, "m.py", "lib.parallel"),
    "a package in a folder, by a sign": (
        {"requirements.txt": "", "backend/app/__init__.py": "", "backend/app/parallel.py": "COPY", "backend/app/m.py": "import app.x\n" + READS}, "backend/app/m.py", "app.parallel",
    ),
    "a package in a folder, by another sign": (
        {"requirements.txt": "", "backend/app/__init__.py": "", "backend/app/parallel.py": "COPY", "backend/app/m.py": "import backend.app.x\n" + READS}, "backend/app/m.py", "backend.app.parallel",
    ),
    "a package in a folder, no sign": ({"requirements.txt": "", "backend/app/__init__.py": "", "backend/app/parallel.py": "COPY", "backend/app/m.py": READS}, "backend/app/m.py", ".parallel"),
    "the main file beside a package": (
        {"requirements.txt": "", "backend/app/__init__.py": "", "backend/app/parallel.py": "COPY", "backend/manage.py": "import app.x\n" + READS + GUARD}, "backend/manage.py", "app.parallel",
    ),
    "a sibling project": (
        {".git/x": "", "a/pyproject.toml": BUILT, "a/a/__init__.py": "", "a/a/parallel.py": "COPY", "b/pyproject.toml": BUILT, "b/b/__init__.py": "", "b/b/m.py": READS}, "b/b/m.py", None,
    ),
    "a project below": ({"pyproject.toml": BUILT, "app/__init__.py": "", "app/m.py": READS, "libs/b/setup.py": "", "libs/b/b/__init__.py": "", "libs/b/b/parallel.py": "COPY"}, "app/m.py", None),
    "the project above": ({"pyproject.toml": BUILT, **APP, "tool/requirements.txt": "", "tool/m.py": READS}, "tool/m.py", None),
    "a copy that is not installed": ({"pyproject.toml": BUILT, "tests/__init__.py": "", "tests/parallel.py": "COPY", "app/__init__.py": "", "app/m.py": READS}, "app/m.py", None),
    "a copy for another package": ({"pyproject.toml": BUILT, **APP, "other/__init__.py": "", "other/m.py": READS}, "other/m.py", None),
    "a copy for another package that is imported": ({"pyproject.toml": BUILT, **APP, "other/__init__.py": "", "other/m.py": "import app\n" + READS}, "other/m.py", "app.parallel"),
    "an installed script alone": ({"pyproject.toml": BUILT + "[tool.setuptools]\npy-modules = ['m']\n", "parallel.py": "COPY", "m.py": READS}, "m.py", None),
    "an installed module, named like its project": (
        {"pyproject.toml": "[build-system]\nrequires = ['flit_core']\n[project]\nname = 'My-Tool'\ndependencies = []\n", "parallel.py": "COPY", "my_tool.py": READS}, "my_tool.py", None,
    ),
    "an installed module in src, named like its project": (
        {"pyproject.toml": "[build-system]\nrequires = ['flit_core']\n[project]\nname = 'tool'\ndependencies = []\n", "src/parallel.py": "COPY", "src/tool.py": READS}, "src/tool.py", None,
    ),
    "a folder that no import can name": ({"requirements.txt": "", "my-scripts/parallel.py": "COPY", "my-scripts/m.py": READS}, "my-scripts/m.py", "parallel"),
    "a folder that no import can name, of another project's module": ({"requirements.txt": "", "parallel.py": "x = 1\n", "my-scripts/parallel.py": "COPY", "my-scripts/m.py": READS}, "my-scripts/m.py", None),
    "PEP 723, beside": ({"pyproject.toml": BUILT, "parallel.py": "COPY", "m.py": "# /// script\n# dependencies = []\n# ///\n" + READS}, "m.py", "parallel"),
    "PEP 723, elsewhere": ({"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/parallel.py": "COPY", "m.py": "# /// script\n# dependencies = []\n# ///\n" + READS}, "m.py", None),
    "another module before it": ({"requirements.txt": "", "parallel.py": "COPY", "src/parallel.py": "x = 1\n", "m.py": READS}, "m.py", None),
    "two copies": ({"requirements.txt": "", "a/__init__.py": "", "a/parallel.py": "COPY", "b/__init__.py": "", "b/parallel.py": "COPY", "b/m.py": READS}, "b/m.py", "b.parallel"),
}


@pytest.mark.parametrize(("files", "name", "module"), COPIES.values(), ids=COPIES)
def test_a_copy_is_imported_by_the_name_that_it_surely_has(files: dict[str, str], name: str, module: str | None, tmp_path: Path) -> None:
    assert found(tmp_path, files, name).module == module


SUGGESTED = {
    "src": ({"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/m.py": READS}, "src/app/m.py", "src/app/parallel.py"),
    "a name that is taken": ({"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/parallel.py": "x = 1\n", "src/app/m.py": READS}, "src/app/m.py", "src/app/run_parallel.py"),
    "a package that is taken": ({"pyproject.toml": BUILT, "app/__init__.py": "", "app/parallel/__init__.py": "", "app/m.py": READS}, "app/m.py", "app/run_parallel.py"),
    "tests": ({"pyproject.toml": BUILT, "app/__init__.py": "", "tests/test_m.py": READS}, "tests/test_m.py", "app/parallel.py"),
    "a script of a project": ({"pyproject.toml": BUILT, "src/app/__init__.py": "", "scripts/m.py": READS}, "scripts/m.py", "scripts/parallel.py"),
    "a script at the root, src": ({"pyproject.toml": BUILT, "src/app/__init__.py": "", "run.py": READS}, "run.py", "parallel.py"),
    "a script": ({"requirements.txt": "", "scripts/m.py": READS + GUARD}, "scripts/m.py", "scripts/parallel.py"),
    "a folder that no import can name": ({"requirements.txt": "", "my-scripts/m.py": READS}, "my-scripts/m.py", "my-scripts/parallel.py"),
    "a package with a name that no import can name": ({"requirements.txt": "", "my-app/__init__.py": "", "my-app/m.py": READS}, "my-app/m.py", None),
    "not clear": ({"requirements.txt": "", "things/m.py": READS}, "things/m.py", None),
}


@pytest.mark.parametrize(("files", "name", "copy"), SUGGESTED.values(), ids=SUGGESTED)
def test_the_place_that_is_proposed_suits_the_project(files: dict[str, str], name: str, copy: str | None, tmp_path: Path) -> None:
    runtime = found(tmp_path, files, name)
    assert runtime.module is None
    assert runtime.copy == (tmp_path / copy if copy is not None else None)
    if copy is not None:
        vendor(tmp_path / copy)
        clear_project_cache()
        assert find_runtime(tmp_path / name, Config()).module is not None
    else:
        assert "--runtime" in runtime.remedies()[1]


@pytest.mark.parametrize(
    ("lock", "command"), [("poetry.lock", "poetry add par-lint"), ("uv.lock", "uv add par-lint"), ("pdm.lock", "pdm add par-lint"), ("Pipfile", "pipenv install par-lint")],
)  # fmt: skip
def test_the_first_remedy_is_the_command_of_the_projects_own_tool(lock: str, command: str, tmp_path: Path) -> None:
    files = {"pyproject.toml": PROJECT} if lock != "Pipfile" else {}
    assert f"`{command}`" in found(tmp_path, {**files, lock: "", "m.py": READS}, "m.py").adding


RUN = {
    "src layout, installed": ({"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/m.py": READS}, "src/app/m.py", "import app.m", "src"),
    "flat layout": ({"pyproject.toml": BUILT, "app/__init__.py": "", "app/m.py": READS}, "app/m.py", "import app.m", "."),
    "namespace package": ({"pyproject.toml": BUILT, "src/ns/app/__init__.py": "", "src/ns/app/m.py": READS}, "src/ns/app/m.py", "import ns.app.m", "src"),
    "package in a folder": ({"requirements.txt": "", "backend/app/__init__.py": "", "backend/app/m.py": READS}, "backend/app/m.py", "import app.m", "backend"),
    "the same, from above": ({"requirements.txt": "", "backend/app/__init__.py": "", "backend/app/m.py": READS}, "backend/app/m.py", "import backend.app.m", "."),
    "script": ({"requirements.txt": "", "scripts/m.py": READS + GUARD}, "scripts/m.py", "import runpy; runpy.run_path('scripts/m.py', run_name='__main__')", "scripts"),
    "module of the project called parallel": ({"pyproject.toml": BUILT, "app/__init__.py": "", "app/parallel.py": "x = 1\n", "app/m.py": READS}, "app/m.py", "import app.m", "."),
}


@pytest.mark.parametrize(("files", "name", "code", "folder"), RUN.values(), ids=RUN)
def test_a_fixed_program_runs(files: dict[str, str], name: str, code: str, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Withheld at first; after the command that is proposed, the fixed file runs where par-lint cannot be imported."""
    monkeypatch.chdir(tmp_path)
    runtime = found(tmp_path, files, name)
    assert main(["fix", name]) == 0
    assert runtime.copy is not None
    assert main(["vendor", str(runtime.copy.relative_to(tmp_path))]) == 0
    clear_project_cache()
    assert main(["fix", name]) == 0
    blocked = "import sys; sys.path.insert(0, sys.argv[1]); sys.modules['par_lint'] = None; "
    command = [sys.executable, "-I", "-c", blocked + code, str(tmp_path / folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_diff_and_unsafe_fixes_show_what_would_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, {"pyproject.toml": PROJECT, "m.py": READS})
    monkeypatch.chdir(tmp_path)
    assert main(["fix", "m.py"]) == 0
    assert "0 fixed" in capsys.readouterr().out
    assert main(["fix", "--diff", "m.py"]) == 1
    shown = capsys.readouterr()
    assert "+from par_lint.parallel import run_parallel" in shown.out
    assert "m.py:6:5: PRL101 shown, not applied [runtime]: pyproject.toml does not list par-lint\n" in shown.err
    assert "`par-lint vendor parallel.py`" in shown.err
    assert main(["check", "--output-format", "full", "m.py"]) == 1
    assert "fix, not applied while run_parallel may not be importable: pyproject.toml does not list par-lint" in capsys.readouterr().out
    assert (tmp_path / "m.py").read_text() == READS


def test_unsafe_fixes_do_not_import_what_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, {"pyproject.toml": PROJECT, "m.py": READS, "c.py": COPIES_FILES})
    monkeypatch.chdir(tmp_path)
    assert main(["fix", "--unsafe-fixes", "--show-withheld"]) == 0
    shown = capsys.readouterr()
    assert "m.py:6:5: PRL101 not fixed [runtime]: pyproject.toml does not list par-lint\n" in shown.out
    assert "2 findings in 2 files: 0 fixed, 0 fixable with --unsafe-fixes, 0 need a manual fix, 2 need run_parallel\n" in shown.out
    assert shown.err.splitlines() == [
        "par-lint: loop fixes need run_parallel, and pyproject.toml does not list par-lint:",
        "par-lint: add par-lint to the dependencies in pyproject.toml, or copy the runtime into the project: `par-lint vendor parallel.py`.",
    ]
    assert ((tmp_path / "m.py").read_text(), (tmp_path / "c.py").read_text()) == (READS, COPIES_FILES)
    assert main(["fix", "--unsafe-fixes", "--diff"]) == 1
    shown = capsys.readouterr()
    assert "c.py:5:5: PRL101 shown, not applied [runtime]: pyproject.toml does not list par-lint\n" in shown.err
    assert "0 would be fixed, 0 fixable with --unsafe-fixes, 0 need a manual fix, 2 need run_parallel" in shown.err
    assert main(["fix", "--unsafe-fixes", "--runtime", "par_lint.parallel"]) == 0
    assert "from par_lint.parallel import run_parallel" in (tmp_path / "c.py").read_text()


OLD = {
    "pyproject.toml": ({"pyproject.toml": BUILT.replace("version", "requires-python = '>=3.8'\nversion")}, "pyproject.toml supports 3.8"),
    "target-version": ({"pyproject.toml": BUILT + "[tool.par-lint]\ntarget-version = '3.7'\n"}, "pyproject.toml supports 3.7"),
    "setup.cfg": ({"setup.cfg": "[metadata]\nname = app\n[options]\npython_requires = >=3.6\n"}, "setup.cfg supports 3.6"),
    "setup.py": ({"setup.py": "from setuptools import setup\nsetup(name='app', python_requires='>=3.8, <4')\n"}, "setup.py supports 3.8"),
}


@pytest.mark.parametrize(("files", "reason"), OLD.values(), ids=OLD)
def test_a_project_for_an_older_python_than_the_runtimes_gets_neither_copy_nor_import(
    files: dict[str, str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path, {**files, "app/__init__.py": "", "app/m.py": READS})
    monkeypatch.chdir(tmp_path)
    assert main(["vendor", "app"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == f"par-lint: app: no copy is written: run_parallel needs Python 3.9 or newer, but {reason}; raise it, or copy anyway with --force"
    assert not (tmp_path / "app" / "parallel.py").exists()
    assert main(["vendor", "--force", "app"]) == 0
    clear_project_cache()
    assert main(["fix", "--unsafe-fixes", "app"]) == 0
    shown = capsys.readouterr()
    assert shown.err.splitlines() == [
        f"par-lint: loop fixes need run_parallel, and run_parallel needs Python 3.9 or newer, but {reason}:",
        f"par-lint: raise the oldest Python in {reason.split()[0]} to 3.9, or name a module with --runtime.",
    ]
    assert (tmp_path / "app" / "m.py").read_text() == READS
    assert main(["fix", "--runtime", "app.parallel", "app"]) == 0
    assert "from app.parallel import run_parallel" in (tmp_path / "app" / "m.py").read_text()


def test_a_copy_can_be_compiled_for_the_oldest_python_that_it_is_written_for() -> None:
    ast.parse(copy_source(), feature_version=(3, OLDEST_PYTHON))


HIDDEN = {"pyproject.toml": BUILT, "app/__init__.py": "", "app/parallel.py": "COPY", "app/app.py": ""}


def test_a_module_with_the_name_of_its_package_does_not_stand_in_the_way_of_relative_imports(tmp_path: Path) -> None:
    files = {**HIDDEN, "app/sub/__init__.py": "", "app/sub/m.py": "from ..app import x\n" + READS, "app/m.py": "from .app import x\n" + READS}
    assert found(tmp_path, files, "app/m.py").module == ".parallel"
    assert find_runtime(tmp_path / "app/sub/m.py", Config()).module == "app.parallel"


def test_a_copy_that_may_be_hidden_is_withheld_with_the_file_that_hides_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path, {**HIDDEN, "app/m.py": READS})
    monkeypatch.chdir(tmp_path)
    assert main(["fix", "--unsafe-fixes", "--show-withheld", "app/m.py"]) == 0
    reason = "pyproject.toml does not list par-lint, and app/app.py may hide the package of the copy app/parallel.py from it"
    assert f"app/m.py:6:5: PRL101 not fixed [runtime]: {reason}\n" in capsys.readouterr().out
    assert main(["fix", "--diff", "app/m.py"]) == 1  # what is shown is the copy, as par_lint is surely missing
    assert "+from app.parallel import run_parallel" in capsys.readouterr().out


def test_one_copy_is_proposed_for_the_whole_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, {"pyproject.toml": BUILT, "app/__init__.py": "", "app/m.py": READS, "app/plugins/emoji/__init__.py": "", "app/plugins/emoji/m.py": READS, "docs/__init__.py": ""})
    monkeypatch.chdir(tmp_path)
    assert main(["fix"]) == 0
    assert capsys.readouterr().err.count("`par-lint vendor app/parallel.py`") == 1
    assert main(["vendor", "app/parallel.py"]) == 0
    clear_project_cache()
    assert main(["fix"]) == 0
    for name in ("app/m.py", "app/plugins/emoji/m.py"):
        assert "from app.parallel import run_parallel" in (tmp_path / name).read_text()


@pytest.mark.parametrize("module", ["foo-bar", "1foo", "foo bar", "", "a..b", "import"])
def test_a_runtime_that_cannot_be_imported_is_refused_as_the_setting_is(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, {"m.py": READS})
    monkeypatch.chdir(tmp_path)
    assert main(["fix", "--runtime", module]) == 2
    assert capsys.readouterr().err == f'par-lint: --runtime: must be a module such as "myapp.parallel", not {module!r}\n'
    assert (tmp_path / "m.py").read_text() == READS


def test_an_import_that_would_surely_fail_is_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, {"par_lint.py": "", "m.py": READS})
    monkeypatch.chdir(tmp_path)
    assert main(["fix", "--unsafe-fixes", "m.py"]) == 0
    assert "par-lint: rename par_lint.py, or copy the runtime into the project: `par-lint vendor parallel.py`." in capsys.readouterr().err
    assert (tmp_path / "m.py").read_text() == READS


def test_a_broken_file_of_the_project_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make(tmp_path, {"a/Pipfile": "[packages\n", "a/m.py": READS, "b/m.py": READS})
    monkeypatch.chdir(tmp_path)
    assert main(["fix", "a/m.py", "b/m.py"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"par-lint: {tmp_path / 'a' / 'Pipfile'}: not valid TOML")
    assert "run_parallel" in (tmp_path / "b" / "m.py").read_text()


@pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")
@pytest.mark.parametrize(("answer", "variables", "is_made"), [("y", {}, True), ("n", {}, False), ("", {}, False), ("y", {"CI": "true"}, False), ("y", {"PRE_COMMIT": "1"}, False)])
def test_on_a_terminal_a_copy_is_offered(answer: str, variables: dict[str, str], is_made: bool, tmp_path: Path) -> None:
    import pty

    make(tmp_path, {"pyproject.toml": BUILT, "src/app/__init__.py": "", "src/app/m.py": READS, "src/app/n.py": READS})
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "PRE_COMMIT", "GIT_INDEX_FILE")}
    master, slave = pty.openpty()
    os.write(master, f"{answer}\n".encode())
    command = [sys.executable, "-m", "par_lint", "fix", "src"]
    running = subprocess.Popen(command, cwd=tmp_path, stdin=slave, stdout=slave, stderr=subprocess.STDOUT, env={**environment, **variables})
    os.close(slave)
    shown = b""
    while True:
        try:
            data = os.read(master, 4096)
        except OSError:  # the other end is closed
            break
        if not data:
            break
        shown += data
    os.close(master)
    assert running.wait(timeout=60) == 0
    assert (b"Copy it to src/app/parallel.py and fix 2 files? [y/N]" in shown) == (not variables)
    assert (tmp_path / "src/app/parallel.py").exists() == is_made
    assert ("from app.parallel import run_parallel" in (tmp_path / "src/app/m.py").read_text()) == is_made
    assert (b"par-lint vendor src/app/parallel.py" in shown) == (not is_made)


def test_in_a_pipe_nothing_is_asked(tmp_path: Path) -> None:
    make(tmp_path, {"pyproject.toml": BUILT, "app/__init__.py": "", "app/m.py": READS})
    done = subprocess.run([sys.executable, "-m", "par_lint", "fix", "app"], cwd=tmp_path, input="y\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert "?" not in done.stdout + done.stderr
    assert (tmp_path / "app" / "m.py").read_text() == READS


ORDERED = {
    "third-party before the package's own": ("import os\n\nfrom app.x import y\n", "par_lint.parallel", "import os\n\nfrom par_lint.parallel import run_parallel\n\nfrom app.x import y\n"),
    "among the third-party ones": (
        "import os\n\nimport requests\n\nfrom app.x import y\n", "par_lint.parallel",
        "import os\n\nimport requests\nfrom par_lint.parallel import run_parallel\n\nfrom app.x import y\n",
    ),
    "the project's copy among its own": ("import os\n\nimport requests\n\nfrom app.x import y\n", "app.parallel", "import os\n\nimport requests\n\nfrom app.parallel import run_parallel\nfrom app.x import y\n"),
    "the project's copy after others": ("import os\n\nimport requests\n", "app.parallel", "import os\n\nimport requests\n\nfrom app.parallel import run_parallel\n"),
    "only its own": ("from app.x import y\n", "par_lint.parallel", "from par_lint.parallel import run_parallel\n\nfrom app.x import y\n"),
}


@pytest.mark.parametrize(("before", "runtime", "after"), ORDERED.values(), ids=ORDERED)
def test_the_import_stands_where_isort_puts_it(before: str, runtime: str, after: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, {"app/__init__.py": "", "app/x.py": "y = 1\n", "app/m.py": before + "\n\ndef read(paths: list[str]):\n    return [y, *(open(path).read() for path in paths)]\n"})
    monkeypatch.chdir(tmp_path)
    assert main(["fix", "--unsafe-fixes", "--select", "PRL101", "--runtime", runtime, "app/m.py"]) == 0
    text = (tmp_path / "app" / "m.py").read_text()
    assert text.startswith(after + "\n\ndef "), text
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "I", "--no-cache", "."]
    done = subprocess.run(ruff, capture_output=True, text=True, timeout=60)
    assert "I001" not in done.stdout


# The module in [tool.par-lint] ----------------------------------------------------------------------------------------


HAS_IT = "from par_lint.parallel import run_parallel\n"
THERE: dict[str, dict[str, str]] = {
    "in the root": {"app/__init__.py": "", "app/tools.py": HAS_IT},
    "in src": {"src/app/__init__.py": "", "src/app/tools.py": HAS_IT},
    "a package": {"app/__init__.py": "", "app/tools/__init__.py": ""},
    "all names of another": {"app/tools.py": "from ._tools import *\n"},
    "compiled": {"app/__init__.py": "", "app/tools.cpython-311-x86_64-linux-gnu.so": ""},
    "beside the file": {"jobs/app/tools.py": HAS_IT},
    "a dependency": {"requirements.txt": "app>=1\n"},
    "a distribution of the same name": {"pyproject.toml": "[project]\nname = 'x'\ndependencies = ['App==2']\n"},
}
MISSING: dict[str, tuple[dict[str, str], str, str | None]] = {
    "nowhere": ({}, "does not exist", None),
    "a package without it": ({"src/app/__init__.py": ""}, "does not exist", "src/app/tools.py"),
    "another module": ({"app/__init__.py": "", "app/tools2.py": HAS_IT}, "does not exist", "app/tools.py"),
    "a module without the function": ({"app/__init__.py": "", "app/tools.py": "x = 1\n"}, "has no run_parallel", None),
    "named by the settings only": ({"pyproject.toml": "[tool.par-lint]\nruntime = 'app.tools'\n"}, "does not exist", None),
}


@pytest.mark.parametrize("files", THERE.values(), ids=THERE)
def test_the_configured_module_is_imported_where_it_exists(files: dict[str, str], tmp_path: Path) -> None:
    make(tmp_path, {"jobs/m.py": READS, **({} if "pyproject.toml" in files else {"pyproject.toml": PROJECT}), **files})
    assert find_runtime(tmp_path / "jobs" / "m.py", Config("app.tools")).module == "app.tools"


@pytest.mark.parametrize(("files", "reason", "copy"), MISSING.values(), ids=MISSING)
def test_a_configured_module_that_is_missing_is_told(files: dict[str, str], reason: str, copy: str | None, tmp_path: Path) -> None:
    make(tmp_path, {"jobs/m.py": READS, **({} if "pyproject.toml" in files else {"pyproject.toml": PROJECT}), **files})
    runtime = find_runtime(tmp_path / "jobs" / "m.py", Config("app.tools"))
    assert (runtime.module, runtime.reason, runtime.likely) == (None, f"the module app.tools {reason}", "app.tools")
    assert runtime.copy == (tmp_path / copy if copy is not None else None)


def test_no_fix_imports_a_configured_module_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    make(tmp_path, {"m.py": READS, "app/__init__.py": "", "pyproject.toml": "[tool.par-lint]\nruntime = 'app.tools'\n"})
    assert main(["fix"]) == 0
    assert (tmp_path / "m.py").read_text() == READS
    assert capsys.readouterr().err.splitlines() == [
        "par-lint: loop fixes need run_parallel, and the module app.tools does not exist:",
        "par-lint: correct `runtime` in [tool.par-lint] of pyproject.toml, or copy the runtime into the project: `par-lint vendor app/tools.py`.",
    ]
    assert main(["vendor", "app/tools.py"]) == 0
    assert main(["fix"]) == 0
    assert "from app.tools import run_parallel\n" in (tmp_path / "m.py").read_text()
