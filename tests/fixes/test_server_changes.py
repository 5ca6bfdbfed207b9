"""Requests are not sent ahead of a rest that may change what the server answers; a rest that only uses the answers keeps the safe fix."""

from __future__ import annotations

import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = """
import functools, json, queue, re, smtplib, socket, sqlite3, subprocess, sys, threading, urllib.request
import http.client, json
from pathlib import Path
import requests
from project import control
from project.reports import Report
BASE = "http://127.0.0.1:8000/"
session = requests.Session()
jobs = queue.Queue()
"""
Piece = tuple[str, str]
CHANGES: dict[str, Piece] = {
    "post": ("", "requests.post(BASE + name, data='x', timeout=5)"),
    "put": ("", "requests.put(BASE + name, data='x', timeout=5)"),
    "delete": ("", "requests.delete(BASE, timeout=5)"),
    "any method": ("", "requests.request(text, BASE, timeout=5)"),
    "session": ("", "session.post(BASE, data='x', timeout=5)"),
    "session that is given": ("def note(client):\n    client.post(BASE, data='x')", "note(session)"),
    "session in a function": ("def note(name):\n    session.patch(BASE + name, data='x', timeout=5)", "note(name)"),
    "method of the file": ("class Api:\n    def note(self, name): requests.post(BASE + name, timeout=5)\napi = Api()", "api.note(name)"),
    "mapped": ("", "list(map(requests.post, [BASE]))"),
    "partial": ("note = functools.partial(requests.post, BASE)", "note(data=text)"),
    "urlopen with data": ("", "urllib.request.urlopen(BASE, b'x', timeout=5)"),
    "urlopen with a request": ("", "urllib.request.urlopen(urllib.request.Request(BASE, data=b'x'), timeout=5)"),
    "urlopen with a method": ("def note():\n    asked = urllib.request.Request(BASE, method='PUT')\n    urllib.request.urlopen(asked, timeout=5)", "note()"),
    "connection": ("", "link = http.client.HTTPConnection('x')\nlink.request('POST', '/')"),
    "socket": ("def note(name):\n    with socket.create_connection(('x', 1), timeout=5) as sock:\n        sock.sendall(name)", "note(name)"),
    "socket that is given": ("def note(link):\n    link.sendall(b'x')", "note(jobs)"),
    "mail": ("mail = smtplib.SMTP('x')", "mail.sendmail('a', 'b', text)"),
    "command": ("", "subprocess.run(['curl', '-X', 'POST', BASE], check=True, timeout=5)"),
    "command in a function": ("def restart(name):\n    subprocess.run(['restart', name], check=True, timeout=5)", "restart(name)"),
    "function of the project": ("", "control.restart(name)"),
    "function of the project, imported": ("from control import restart", "restart(name)"),
    "function of the project with what is derived": ("NEXT = {}", "if text == 'none':\n    control.restart(NEXT[name])"),
    "function of the project in a function": ("def step(it):\n    control.restart(it)", "step(name)"),
    "function of the project in a method": ("class Steps:\n    def go(self, count, it):\n        key = f'{it}-{count}'\n        self.client.restart(key)\nsteps = Steps()", "steps.go(1, it=name)"),
    "thread": ("def serve():\n    while True:\n        requests.post(BASE + jobs.get(), timeout=5)\nthreading.Thread(target=serve, daemon=True).start()", "jobs.put(name)"),
    "object that goes": ("class Lease:\n    def __del__(self): requests.post(BASE, timeout=5)", "Lease()"),
    "with": ("class Lock:\n    def __enter__(self): requests.post(BASE, timeout=5)\n    def __exit__(self, *a): pass", "with Lock(): pass"),
}
PLAIN: dict[str, Piece] = {
    "print": ("", "print(name, text)"),
    "get by its name": ("", "if text:\n    print(requests.request('GET', BASE + text, timeout=5).ok)"),
    "file": ("", "Path('out', name).write_text(text)"),
    "file in a function": ("def save(name, text):\n    with open(name, 'w') as file:\n        file.write(text)", "save(name, text)"),
    "data to json": ("", "print(name, json.loads(text))"),
    "report": ("report = Report()", "report.add(name, text)"),
    "parsed": ("", "data = json.loads(text)\nfor key, value in data.items():\n    print(name, key, re.sub('a', 'b', value))"),
    "database": ("db = sqlite3.connect('x')", "db.execute('insert', (name, text))"),
    "queue": ("", "jobs.put((name, text))"),
    "own function": ("def show(name, text):\n    line = f'{name}: {text}'\n    print(line.strip())", "show(name, text)"),
}


def _is_safe(head: str, rest: str) -> bool:
    loop = "def main(names: list[str]):\n    for name in names:\n        text = requests.get(BASE + name, timeout=5).text\n"
    text = f"{HEAD}{head}\n{loop}{textwrap.indent(rest, ' ' * 8)}\n"
    compile(text, "<text>", "exec")
    return "run_parallel(" in fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("piece", CHANGES.values(), ids=CHANGES)
def test_a_server_that_may_be_changed_is_not_asked_ahead(piece: Piece) -> None:
    assert not _is_safe(*piece)


@pytest.mark.parametrize("piece", PLAIN.values(), ids=PLAIN)
def test_a_rest_that_changes_no_server_keeps_the_safe_fix(piece: Piece) -> None:
    assert _is_safe(*piece)
