"""The words of commands, who sits at them, and how long they may take."""

from __future__ import annotations

import ast

import pytest

from par_lint.analysis.semantics.command_lines import command_words, is_interactive, program, time_limit
from par_lint.analysis.semantics.index import FileIndex
from par_lint.core.config.settings import TIMEOUTS


def words(text: str) -> list[str]:
    """The words of the argument of the last call in a program."""
    tree = ast.parse(text)
    site = FileIndex(tree).calls[-1]
    return command_words(site.node.args[0], site.scope)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run(['git', 'push'])", ["git", "push"]),
        ("run('git push')", ["git", "push"]),
        ("run(f'git push {remote}')", ["git", "push", "?"]),
        ("run('git ' + what)", ["git", "?"]),
        ("run('git %s' % what)", ["git", "?"]),
        ("command = ['git', 'push']\nrun(command)", ["git", "push"]),
        ("command = ['git']\ncommand = ['hg']\nrun(command)", ["?"]),
        ("base = ['git']\nrun([*base, 'push'])", ["git", "push"]),
        ("base = ['git']\nrun(base + ['push'])", ["git", "push"]),
        ("run([sys.executable, '-m', 'pytest'])", ["python", "-m", "pytest"]),
        ("run([editor, path])", ["<editor>", "?"]),
        ("run([path])", ["?"]),
        ("run(f'{editor} {path}')", ["<editor>", "?"]),
        ("a = b\nb = a\nrun(a)", ["?"]),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_the_program_stands_first() -> None:
    assert program(["sudo", "LANG=C", "/usr/bin/git", "-C", "folder", "--no-pager", "push"]) == ["git", "push"]
    assert program(["python3.11", "-m", "pytest", "-q"]) == ["pytest", "-q"]
    assert program(["sudo"]) == []


@pytest.mark.parametrize(("command", "expected"), [
    ("vim file", True), ("<editor> file", True), ("bash", True), ("bash -c ls", False), ("ssh host", True), ("git commit", True),
    ("git commit -am text", False), ("docker exec -it box sh", True), ("docker build .", False), ("tail -f log", True), ("tail log", False),
    ("npm run dev", True), ("npm run build", False), ("python", True), ("python file.py", False), ("ls", False), ("", False),
])  # fmt: skip
def test_who_sits_at_it(command: str, expected: bool) -> None:
    assert is_interactive(command.split()) is expected


@pytest.mark.parametrize(("command", "seconds"), [
    ("git push origin", 30), ("git pull", 10), ("sudo npm install", 120), ("python -m pytest", 60), ("pytest", 60), ("", 10), ("npm", 10),
])  # fmt: skip
def test_how_long_it_may_take(command: str, seconds: int) -> None:
    assert time_limit(command.split(), TIMEOUTS) == seconds
