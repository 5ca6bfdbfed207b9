"""Where the items come from is used, steered or grown by other code: such a fix is not safe, and an error of a listing comes at its place."""

from __future__ import annotations

import re
import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import FixResult, fix

HEAD = "import glob, heapq, itertools, operator, os\nfrom pathlib import Path\n"
MAKERS = ["Path('data').glob('*.txt')", "Path('data').rglob('*')", "Path('data').iterdir()", "glob.iglob('data/*')", "map(Path, ['a', 'b', 'c', 'd'])"]


def fixed(program: str, *, unsafe: bool = False) -> FixResult:
    compile(program, "program", "exec")
    return fix(program.encode(), Config(), unsafe=unsafe, runtime="par_lint.parallel")


def inside_main(body: str, parameters: str = "") -> str:
    return f"{HEAD}def main({parameters}):\n" + textwrap.indent(body, "    ")


@pytest.mark.parametrize("made", MAKERS[:4])
def test_an_iterator_made_for_one_loop_is_read_ahead(made: str) -> None:
    result = fixed(inside_main(f"files = {made}\nfor path in files:\n    print(Path(path).read_text())\n"))
    assert result.fixed
    assert b"stream=True" in result.source


@pytest.mark.parametrize("made", MAKERS)
@pytest.mark.parametrize(
    "body",
    [
        "files = {made}\ntry:\n    for path in files:\n        print(1 / len(Path(path).read_text()))\nexcept ZeroDivisionError:\n    print(sum(1 for _ in files))\n",
        "files = {made}\nwhile True:\n    try:\n        for path in files:\n            print(1 / len(Path(path).read_text()))\n        break\n    except ZeroDivisionError:\n        print()\n",
        "files = {made}\nupcoming = files\nfor path in files:\n    print(Path(path).read_text(), next(upcoming, None))\n",
        "files = {made}\nfor path in files:\n    print(Path(path).read_text(), list(files))\n",
        "files = {made}\nlook = lambda: next(files)\nfor path in files:\n    print(Path(path).read_text())\nlook()\n",
        "files = {made}\ntry:\n    print([1 / len(Path(path).read_text()) for path in files])\nexcept ZeroDivisionError:\n    print(list(files))\n",
        "files = {made}\nfor n, path in enumerate(files):\n    print(Path(path).read_text(), next(files))\n",
        "files = {made}\nfor path in (one for one in files if one):\n    print(Path(path).read_text(), next(files))\n",
        "files = {made}\nfor attempt in range(3):\n    for path in files:\n        print(1 / len(Path(path).read_text()))\n",
    ],
)
def test_an_iterator_that_is_used_again_is_not(body: str, made: str) -> None:
    assert not fixed(inside_main(body.format(made=made))).fixed


@pytest.mark.parametrize(
    "prune", ["dirs[:] = []", "dirs.clear()", "del dirs[:]", "prune(dirs)", "dirs.remove('x')", "self.walker.prune(root, dirs)", "other = dirs", "dirs.sort()", "dirs += ['x']"]
)
@pytest.mark.parametrize("inner", [True, False])
def test_a_walk_that_is_pruned_stays(prune: str, inner: bool) -> None:
    read = "        with open(os.path.join(root, name)) as file:\n            print(file.read())\n"
    body = f"for root, dirs, files in os.walk('data'):\n    for name in files:\n{read}" + f"        {prune}\n" * inner + f"    {prune}\n" * (not inner)
    assert b"for root, dirs, files in os.walk('data'):\n" in fixed(inside_main(body), unsafe=True).source  # only the files of one folder are read at once
    flat = f"for root, dirs, files in os.walk('data'):\n    print(Path(root, 'index').read_text())\n    {prune}\n"
    assert not fixed(inside_main(flat), unsafe=True).fixed


@pytest.mark.parametrize(
    "change",
    [
        "row.update(path='x')", "row.update({'path': 'x'})", "row |= {'path': 'x'}", "row.clear()", "row.setdefault('path', 'x')", "row.pop('path', None)",
        "operator.setitem(row, 'path', 'x')", "dict.update(row, path='x')",
    ],
)  # fmt: skip
@pytest.mark.parametrize("loop", ["for row in rows:", "for name, row in rows.items():"])
def test_one_object_may_be_several_items(loop: str, change: str) -> None:
    body = f"{loop}\n    with open(row['path']) as file:\n        text = file.read()\n    print(text)\n    {change}\n"
    assert not fixed(inside_main(body, "rows")).fixed


@pytest.mark.parametrize("change", ["paths.append('x')", "paths.reverse()", "paths.rotate()", "heapq.heappop(paths)", "list.append(paths, 'x')", "paths += ['x']"])
def test_one_list_may_be_several_items(change: str) -> None:
    body = f"for paths in versions:\n    with open(paths[-1]) as file:\n        text = file.read()\n    print(text)\n    {change}\n"
    assert not fixed(inside_main(body, "versions")).fixed


@pytest.mark.parametrize("change", ["row.update(text=text)", "row['text'] = text", "texts.append(text)"])
def test_what_is_read_is_no_part_of_what_is_changed(change: str) -> None:
    body = f"texts = []\nfor row in rows:\n    with open(row['path']) as file:\n        text = file.read()\n    {change}\n"
    assert fixed(inside_main(body, "rows")).fixed


GROWING = (
    HEAD + "todo = ['other']\ndef follow(text):\n    {grow}\ndef main(folders):\n    for folder in folders:\n        for path in sorted(glob.glob(f'{{folder}}/*.txt')):\n"
    "            with open(path) as file:\n                text = file.read()\n            follow(text)\nmain(todo)\n"
)  # fmt: skip


@pytest.mark.parametrize("grow", ["todo.append(text)", "todo.extend([text])", "todo.insert(1, text)"])
def test_folders_that_grow_under_another_name(grow: str) -> None:
    assert not fixed(GROWING.format(grow=grow)).fixed
    assert fixed(GROWING.format(grow="print(text)")).fixed


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("for folder in folders:", "sorted(folder.glob('*.txt'))"), ("for folder, least in folders:", "sorted(glob.glob(folder + '/*.txt'))"),
        ("for pattern in folders:", "Path('data').glob(pattern)"), ("for folder in folders:", "sorted(glob.glob(folder.path + '/*.txt'))"),
    ],
)  # fmt: skip
def test_an_error_of_a_listing_comes_at_its_place(outer: str, inner: str) -> None:
    result = fixed(inside_main(f"{outer}\n    for path in {inner}:\n        print(Path(path).read_text())\n", "folders"))
    assert result.fixed
    assert b"stream=True" in result.source or outer.encode() in result.source  # the folders are listed one after the other, as the loop goes on


@pytest.mark.parametrize(
    "value",
    ["defaultdict(lambda: path, text=file.read())", "(file.read(), lambda: path)", "enumerate(path + word for word in file.read().split())",
     "[(path + word for word in file.read().split())]", "itertools.chain(path + word for word in file.read().split())", "map(lambda word: path + word, file.read().split())"],
)  # fmt: skip
def test_code_that_runs_later_sees_the_variables_of_the_loop(value: str) -> None:
    body = f"from collections import defaultdict\nfound = []\nfor path in paths:\n    with open(path) as file:\n        value = {value}\n    found.append(value)\nreturn found\n"
    result = fixed(inside_main(body, "paths"))
    assert not result.fixed or re.search(r"^ +value = .*(lambda|path \+)", result.source.decode(), re.MULTILINE)  # only the read moves


@pytest.mark.parametrize("value", ["sum(len(word) for word in open(path).read().split() if word != path)", "sorted(open(path).read().split(), key=lambda word: (word, path))"])
def test_code_that_runs_at_once_moves(value: str) -> None:
    assert fixed(inside_main(f"found = []\nfor path in paths:\n    found.append({value})\nreturn found\n", "paths")).fixed


LATE = (
    "def texts(paths):\n    return [open(path).read() for path in paths]\n\nprint(texts(['a', 'b', 'c', 'd']))\n\n{late}\n",
    "class Reader:\n    def texts(self, paths):\n        return [open(path).read() for path in paths]\n\nReader().texts(['a'] * 4)\n{late}\n",
    "def texts(paths):\n    return [open(path).read() for path in paths]\n\nif __name__ == '__main__':\n    texts(['a', 'b', 'c', 'd'])\n{late}\n",
)  # fmt: skip


@pytest.mark.parametrize("program", LATE)
@pytest.mark.parametrize("late", ["from collections import Counter", "import sys", "from par_lint.parallel import run_parallel", "from par_lint.parallel import batch_map"])
def test_the_import_comes_before_the_first_call(program: str, late: str) -> None:
    text = fixed(program.format(late=late)).source.decode()
    assert text.startswith("from par_lint.parallel import run_parallel")
