"""Calls into other modules of the project: what is found there, where it is said to be, and what must not be followed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from par_lint.core.config.loading import _read_nearest, settings_of
from par_lint.engine.lint_files import lint_files
from par_lint.engine.project_of_file import forget_projects
from par_lint.engine.silence_reasons import find_unreported_loops
from par_lint.frontends.cli.main import main

READS = "def load(path):\n    with open(path) as file:\n        return file.read()\n"
USES = "def run(paths):\n    return [{call}(path) for path in paths]\n"
LOOP = "from {module} import {name}\n\n" + USES


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "pyproject.toml").write_text("[tool.par-lint]\ncross-module = true\n")


def found(root: Path, name: str) -> list[str]:
    """The messages on loops of one file."""
    settings_of.cache_clear()
    _read_nearest.cache_clear()
    (checked,) = lint_files([str(root / name)], None)
    assert checked.problem is None
    return [finding.message for finding in checked.findings if finding.code.startswith("PRL1")]


def loop(module: str = "pkg.store", name: str = "load", call: str = "load") -> str:
    return LOOP.format(module=module, name=name, call=call)


FOLLOWED = {
    "an absolute import": {"pkg/store.py": READS, "pkg/main.py": loop()},
    "a relative import": {"pkg/store.py": READS, "pkg/main.py": loop(".store")},
    "two levels up": {"pkg/store.py": READS, "pkg/a/__init__.py": "", "pkg/a/b/__init__.py": "", "pkg/a/b/main.py": loop("...store")},
    "a module": {"pkg/store.py": READS, "pkg/main.py": "from pkg import store\n\n" + USES.format(call="store.load")},
    "a dotted module": {"pkg/store.py": READS, "pkg/main.py": "import pkg.store\n\n" + USES.format(call="pkg.store.load")},
    "another name": {"pkg/store.py": READS, "pkg/main.py": "from pkg.store import load as fetch\n\n" + USES.format(call="fetch")},
    "a re-export": {"pkg/store.py": READS, "pkg/api/__init__.py": "from pkg.store import load\n", "pkg/main.py": loop("pkg.api")},
    "several re-exports": {
        "pkg/store.py": READS, "pkg/a.py": "from .store import load\n", "pkg/b.py": "from .a import load as read\n", "pkg/main.py": loop("pkg.b", "read", "read"),
    },
    "import *": {"pkg/store.py": READS, "pkg/api.py": "from .store import *\n", "pkg/main.py": loop("pkg.api")},
    "a src layout": {"src/pkg/__init__.py": "", "src/pkg/store.py": READS, "tests/main.py": loop()},
    "a namespace package": {"space/part/store.py": READS, "space/part/main.py": loop("space.part.store")},
    "a script beside it": {"store.py": READS, "main.py": loop("store")},
    "try and except ImportError": {"pkg/store.py": READS, "pkg/main.py": "try:\n    from pkg.store import load\nexcept ImportError:\n    load = None\n\n" + USES.format(call="load")},
    "an import in the function": {"pkg/store.py": READS, "pkg/main.py": "def run(paths):\n    from pkg.store import load\n    return [load(path) for path in paths]\n"},
    "a method of an object": {
        "pkg/store.py": "class Store:\n    def load(self, path):\n        return open(path).read()\n",
        "pkg/main.py": "from pkg.store import Store\n\ndef run(paths):\n    store = Store()\n    return [store.load(path) for path in paths]\n",
    },
    "an annotated parameter": {
        "pkg/store.py": "class Store:\n    def load(self, path):\n        return open(path).read()\n",
        "pkg/main.py": "from pkg.store import Store\n\ndef run(store: Store, paths):\n    return [store.load(path) for path in paths]\n",
    },
    "an inherited method": {
        "pkg/base.py": "class Base:\n    def load(self, path):\n        return open(path).read()\n",
        "pkg/main.py": "from pkg.base import Base\n\nclass Child(Base):\n    def run(self, paths):\n        return [self.load(path) for path in paths]\n",
    },
    "a base of a base": {
        "pkg/root.py": "class Root:\n    def load(self, path):\n        return open(path).read()\n", "pkg/base.py": "from .root import Root\n\nclass Base(Root):\n    pass\n",
        "pkg/main.py": "from pkg.base import Base\n\ndef run(paths):\n    base = Base()\n    return [base.load(path) for path in paths]\n",
    },
    "what a function of another module returns": {
        "pkg/store.py": "class Store:\n    def load(self, path):\n        return open(path).read()\n\ndef make():\n    return Store()\n",
        "pkg/main.py": "from pkg.store import make\n\ndef run(paths):\n    store = make()\n    return [store.load(path) for path in paths]\n",
    },
    "a client made in another module": {
        "pkg/http.py": "import requests\n\nclass Api:\n    def __init__(self):\n        self.session = requests.Session()\n",
        "pkg/main.py": "from pkg.http import Api\n\ndef run(urls):\n    api = Api()\n    return [api.session.get(url, timeout=3) for url in urls]\n",
    },
    "a constructor that asks a server": {
        "pkg/store.py": "import requests\n\nclass Page:\n    def __init__(self, url):\n        self.text = requests.get(url, timeout=3).text\n",
        "pkg/main.py": loop("pkg.store", "Page", "Page"),
    },
    "three modules deep": {
        "pkg/c.py": READS, "pkg/b.py": "from pkg.c import load\n\ndef read(path):\n    return load(path)\n",
        "pkg/a.py": "from pkg.b import read\n\ndef fetch(path):\n    return read(path)\n", "pkg/main.py": loop("pkg.a", "fetch", "fetch"),
    },
    "modules that import one another": {
        "pkg/a.py": "from pkg import b\n\ndef load(path):\n    return b.read(path)\n", "pkg/b.py": "from pkg import a\n\ndef read(path):\n    return open(path).read()\n",
        "pkg/main.py": loop("pkg.a"),
    },
    "map": {"pkg/store.py": READS, "pkg/main.py": "from pkg.store import load\n\ndef run(paths):\n    return list(map(load, paths))\n"},
    "map over a function of the file": {
        "pkg/store.py": READS,
        "pkg/main.py": "from pkg.store import load\n\ndef size(path):\n    return len(load(path))\n\ndef run(paths):\n    return list(map(size, paths))\n",
    },
    "a function of the file between": {
        "pkg/store.py": READS,
        "pkg/main.py": "from pkg.store import load\n\ndef size(path):\n    return len(load(path))\n\ndef run(paths):\n    return [size(path) for path in paths]\n",
    },
}
LEFT_ALONE = {
    "a function that computes": {"pkg/store.py": "def load(path):\n    return path.upper()\n", "pkg/main.py": loop()},
    "metadata alone": {"pkg/store.py": "import os\n\ndef load(path):\n    return os.path.exists(path)\n", "pkg/main.py": loop()},
    "a library of that name": {"pkg/main.py": loop("store")},
    "a name that is bound again": {"pkg/store.py": READS + "load = str.upper\n", "pkg/main.py": loop()},
    "a module that cannot be parsed": {"pkg/store.py": READS + "def (\n", "pkg/main.py": loop()},
    "a module that is not there": {"pkg/main.py": loop()},
    "names that import one another": {"pkg/store.py": "from pkg.main import load\n", "pkg/main.py": loop()},
    "a package's own function named like a module": {
        "pkg/load.py": READS, "pkg/__init__.py": "def load(path):\n    return path\n", "pkg/main.py": loop("pkg"),
    },
    "five modules deep": {
        **{f"pkg/m{number}.py": f"from pkg.m{number + 1} import f{number + 1}\n\ndef f{number}(path):\n    return f{number + 1}(path)\n" for number in range(5)},
        "pkg/m5.py": "def f5(path):\n    return open(path).read()\n", "pkg/main.py": loop("pkg.m0", "f0", "f0"),
    },
    "a file that the item does not choose": {"pkg/store.py": "def load(name):\n    return open('settings.ini').read().count(name)\n", "pkg/main.py": loop()},
    "a file that is read to make an object": {
        "pkg/store.py": "class Page:\n    def __init__(self, path):\n        self.text = open(path).read()\n", "pkg/main.py": loop("pkg.store", "Page", "Page"),
    },
    "a file that all iterations write": {
        "pkg/store.py": "def load(path):\n    with open(path) as file:\n        text = file.read()\n    with open('list.txt', 'w') as file:\n        file.write(text)\n    return text\n",
        "pkg/main.py": loop(),
    },
    "options": {
        "pkg/conf.py": "def get_option(name):\n    return open(name).read()\n", "pkg/store.py": "from pkg.conf import get_option\n\ndef load(name):\n    return name + get_option(name)\n",
        "pkg/main.py": loop(),
    },
    "an abstract method": {
        "pkg/store.py": "class Store:\n    def load(self, path):\n        raise NotImplementedError\n",
        "pkg/main.py": "from pkg.store import Store\n\ndef run(store: Store, paths):\n    return [store.load(path) for path in paths]\n",
    },
    "a generator": {"pkg/store.py": "def load(path):\n    with open(path) as file:\n        yield from file\n", "pkg/main.py": loop()},
    "one connection": {
        "pkg/store.py": "def load(connection, key):\n    return connection.execute(key)\n",
        "pkg/main.py": "import sqlite3\nfrom pkg.store import load\n\ndef run(keys):\n    connection = sqlite3.connect('a')\n    return [load(connection, key) for key in keys]\n",
    },
    "one open file": {
        "pkg/store.py": "def load(file, n):\n    file.seek(n)\n    return file.read()\n",
        "pkg/main.py": "from pkg.store import load\n\ndef run(path, places):\n    with open(path) as file:\n        return [load(file, place) for place in places]\n",
    },
    "files in memory": {
        "pkg/store.py": "import json\n\ndef load(file, name):\n    return json.load(file)[name]\n",
        "pkg/main.py": "import io\nfrom pkg.store import load\n\ndef run(text, names):\n    return [load(io.StringIO(text), name) for name in names]\n",
    },
    "installs": {
        "pkg/store.py": "import subprocess\n\ndef install(name):\n    subprocess.run(['pip', 'install', name], timeout=600)\n", "pkg/main.py": loop("pkg.store", "install", "install"),
    },
    "what the loop goes over": {
        "pkg/store.py": "class Archive:\n    def __iter__(self):\n        return iter(())\n\n    def take(self, name):\n        return open(name).read()\n",
        "pkg/main.py": "from pkg.store import Archive\n\ndef run():\n    archive = Archive()\n    return [archive.take(name) for name in archive]\n",
    },
    "a result that the next iteration needs": {
        "pkg/store.py": READS, "pkg/main.py": "from pkg.store import load\n\ndef run(paths, text):\n    for path in paths:\n        text = load(path + text)\n    return text\n",
    },
    "an early exit": {
        "pkg/store.py": READS, "pkg/main.py": "from pkg.store import load\n\ndef run(paths):\n    for path in paths:\n        if load(path):\n            return path\n",
    },
    "a type for checkers alone": {"pkg/main.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from pkg.store import load\n\n" + USES.format(call="open")},
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_io_in_another_module_is_found(name: str, tmp_path: Path) -> None:
    files = {"pkg/__init__.py": "", **FOLLOWED[name]} if any(file.startswith("pkg/") for file in FOLLOWED[name]) else FOLLOWED[name]
    write(tmp_path, files)
    (main_file,) = (file for file in files if file.endswith("main.py"))
    (message,) = found(tmp_path, main_file)
    assert "waits for one" in message


@pytest.mark.parametrize("name", LEFT_ALONE)
def test_what_is_no_reason_to_report(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"pkg/__init__.py": "", **LEFT_ALONE[name]})
    assert found(tmp_path, "pkg/main.py") == []


def test_the_message_says_where_the_io_is(tmp_path: Path) -> None:
    write(tmp_path, {"pkg/__init__.py": "", "pkg/store.py": READS, "pkg/main.py": loop()})
    (message,) = found(tmp_path, "pkg/main.py")
    assert message.startswith("`load` (pkg/store.py:3) waits for one file at a time")


def test_a_fix_that_depends_on_another_module_is_not_safe(tmp_path: Path) -> None:
    write(tmp_path, {"pkg/__init__.py": "", "pkg/store.py": READS, "pkg/main.py": loop(), **FOLLOWED["a client made in another module"]})
    for name in ("pkg/main.py",):
        (checked,) = lint_files([str(tmp_path / name)], None)
        assert [finding.applicability.value for finding in checked.findings] == ["unsafe"]


def test_json_and_sarif_name_the_way(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"pkg/__init__.py": "", "pkg/store.py": READS, "pkg/main.py": loop()})
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--no-cache", "--output-format", "json", "pkg/main.py"]) == 1
    (record,) = json.loads(capsys.readouterr().out)
    assert record["via"] == [{"function": "load", "path": "pkg/store.py", "line": 3}]
    assert main(["check", "--no-cache", "--output-format", "sarif", "pkg/main.py"]) == 1
    (result,) = json.loads(capsys.readouterr().out)["runs"][0]["results"]
    place = result["codeFlows"][0]["threadFlows"][0]["locations"][1]["location"]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "pkg/store.py" and place["region"]["startLine"] == 3


def test_flake8_finds_the_same(tmp_path: Path) -> None:
    write(tmp_path, {"pkg/__init__.py": "", "pkg/store.py": READS, "pkg/main.py": loop()})
    done = subprocess.run([sys.executable, "-m", "flake8", "--isolated", "--select=PRL", "pkg"], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("pkg/main.py:4:12: PRL101 `load` (pkg/store.py:3) waits"), done


@pytest.mark.parametrize("table", ["", "[tool.par-lint]\n", "[tool.par-lint]\ncross-module = false\n"])
def test_only_the_setting_turns_it_on(table: str, tmp_path: Path) -> None:
    write(tmp_path, {"pkg/__init__.py": "", "pkg/store.py": READS, "pkg/main.py": loop()})
    (tmp_path / "pyproject.toml").write_text(table)
    assert found(tmp_path, "pkg/main.py") == []


def test_silence_is_explained_with_the_other_module_in_mind(tmp_path: Path) -> None:
    write(tmp_path, {"pkg/__init__.py": "", **LEFT_ALONE["an early exit"]})
    path = tmp_path / "pkg/main.py"
    (silence,) = find_unreported_loops(path.read_bytes(), settings_of(str(path.parent)), str(path))
    assert silence.reason == "the loop returns early" and silence.is_io


CHANGES = {
    "the function reads no more": {"pkg/store.py": "def load(path):\n    return path\n"},
    "the module is gone": {"pkg/store.py": None},
    "a package takes its place": {"pkg/store/__init__.py": "def load(path):\n    return path\n"},
    "another module takes its place": {"pkg/__init__.py": "", "pkg/store.py": "from pkg.other import load\n", "pkg/other.py": "def load(path):\n    return path\n"},
    "it is switched off": {"pyproject.toml": "[tool.par-lint]\ncross-module = false\n"},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_cached_result_is_not_used_when_what_it_depends_on_has_changed(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"pkg/__init__.py": "", "pkg/store.py": READS, "pkg/main.py": loop()})
    monkeypatch.chdir(tmp_path)
    first = (main(["check"]), capsys.readouterr().out)
    assert first[0] == 1 and (main(["check"]), capsys.readouterr().out) == first
    before = {file: (tmp_path / file).read_text() if (tmp_path / file).exists() else None for file in CHANGES[name]}
    for file, text in CHANGES[name].items():
        put(tmp_path / file, text)
    _read_nearest.cache_clear()
    assert main(["check"]) == 0, capsys.readouterr().out
    capsys.readouterr()
    for file, text in before.items():
        put(tmp_path / file, text)
        if text is None and (tmp_path / file).parent.name == "store":
            (tmp_path / file).parent.rmdir()
    _read_nearest.cache_clear()
    assert (main(["check"]), capsys.readouterr().out) == first


def put(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


def test_a_new_module_is_seen_by_the_next_run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"pkg/__init__.py": "", "pkg/main.py": loop()})
    monkeypatch.chdir(tmp_path)
    assert main(["check"]) == 0
    write(tmp_path, {"pkg/store.py": READS})
    assert main(["check"]) == 1
    capsys.readouterr()


def test_only_modules_that_loops_lead_to_are_read(tmp_path: Path) -> None:
    from par_lint.engine import project_of_file

    unused = "from pkg import other\n\ndef run(path):\n    return other.load(path)\n"
    write(tmp_path, {"pkg/__init__.py": "", "pkg/other.py": READS, "pkg/store.py": READS, "pkg/main.py": loop(), "pkg/unused.py": unused})
    forget_projects()
    found(tmp_path, "pkg/unused.py")
    assert [path for project in project_of_file._projects.values() for path in project._modules] == []
    found(tmp_path, "pkg/main.py")
    assert [Path(path).name for project in project_of_file._projects.values() for path in project._modules] == ["store.py"]


def test_the_readme_shows_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = "from app.store import load\n\ndef run(paths):\n    texts = {}\n    for path in paths:\n        texts[path] = load(path)\n    return texts\n"
    write(tmp_path, {"app/__init__.py": "", "app/store.py": "import json\n\ndef load(path):\n    with open(path) as file:\n        return json.load(file)\n", "app/jobs.py": jobs})
    monkeypatch.chdir(tmp_path)
    assert main(["check", "--no-cache", "app"]) == 1
    assert capsys.readouterr().out.strip() in (Path(__file__).parents[2] / "README.md").read_text()


KINDS = """from enum import Enum

NAMES = ["a.txt", "b.txt"]
MORE = ["a.txt", "b.txt", "c.txt"]
GROWN = ["a.txt"]
GROWN.append("b.txt")


class Kind(Enum):
    def __init__(self, label, versions):
        self.label = label
        self.versions = versions

    ONE = "one", [1]
    MANY = "many", [1, 2, 3]


class Settings:
    names = ("a.txt", "b.txt")
"""
SIZES = {
    "NAMES": False, "kinds.NAMES": False, "Settings.names": False, "Kind.ONE.versions": False,
    "MORE": True, "kinds.MORE": True, "Kind.MANY.versions": True, "GROWN": True,
}  # fmt: skip


@pytest.mark.parametrize(("items", "is_reported"), SIZES.items())
def test_constants_of_other_modules_have_a_size(tmp_path: Path, items: str, is_reported: bool) -> None:
    main_text = f"from pkg import kinds\nfrom pkg.kinds import GROWN, MORE, NAMES, Kind, Settings\n\n{READS}\ndef run():\n    return [load(item) for item in {items}]\n"
    write(tmp_path, {"pkg/__init__.py": "", "pkg/kinds.py": KINDS, "pkg/main.py": main_text})
    assert bool(found(tmp_path, "pkg/main.py")) is is_reported


MANAGERS = """import contextlib
import os
import time


class moved:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        os.chdir(self.name)

    def __exit__(self, *error):
        os.chdir("/")


@contextlib.contextmanager
def told(name):
    os.environ["NAME"] = name
    yield


@contextlib.contextmanager
def measured(name):
    start = time.monotonic()
    yield
    print(name, time.monotonic() - start)
"""


@pytest.mark.parametrize(("manager", "is_reported"), [("moved", False), ("told", False), ("measured", True)])
def test_entering_a_manager_of_another_module_may_change_the_process(tmp_path: Path, manager: str, is_reported: bool) -> None:
    text = f"import pkg.managers\n\n{READS}\ndef run(paths):\n    for path in paths:\n        with pkg.managers.{manager}(path):\n            print(load(path))\n"
    write(tmp_path, {"pkg/__init__.py": "", "pkg/managers.py": MANAGERS, "pkg/main.py": text})
    assert bool(found(tmp_path, "pkg/main.py")) is is_reported


REMOVES = """import os


def tidy(path):
    if os.path.exists(path):
        os.unlink(path)


def sign(path):
    process(path)
"""


@pytest.mark.parametrize(("helper", "is_reported"), [("tidy", False), ("sign", True)])
def test_what_another_module_does_with_the_files_of_a_walk(tmp_path: Path, helper: str, is_reported: bool) -> None:
    text = (
        f"import os\n\nfrom pkg.helpers import {helper}\n\n\ndef run(root):\n    for folder, _, files in os.walk(root):\n"
        f"        for file in files:\n            {helper}(os.path.join(folder, file))\n"
    )
    write(tmp_path, {"pkg/__init__.py": "", "pkg/helpers.py": REMOVES, "pkg/main.py": text})
    assert bool(found(tmp_path, "pkg/main.py")) is is_reported
