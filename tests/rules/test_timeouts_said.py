"""What is said of a time limit that a fix adds: what it raises, whether that is caught, what goes on, and that the number is a proposal."""

from __future__ import annotations

import ast

import pytest

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.lint_file import lint

HEAD = "import os, subprocess, requests, socket, http.client\nfrom urllib.request import urlopen\n"


def said(text: str) -> str:
    (finding,) = [finding for finding in lint(ast.parse(HEAD + text), split_lines(HEAD + text), Config()) if finding.code.startswith("PRL2")]
    return finding.message


@pytest.mark.parametrize(("call", "handler", "is_caught"), [
    ("subprocess.run(['ls'])", "subprocess.TimeoutExpired", True), ("subprocess.run(['ls'])", "subprocess.SubprocessError", True),
    ("subprocess.run(['ls'])", "(OSError, Exception)", True), ("subprocess.run(['ls'], check=True)", "FileNotFoundError", False), ("os.system('ls')", "Exception", True),
    ("requests.get('x')", "requests.RequestException", True), ("requests.get('x')", "OSError", True), ("requests.get('x')", "ValueError", False),
    ("urlopen('x')", "OSError", True), ("urlopen('x')", "ValueError", False), ("urlopen('x')", "", True),
])  # fmt: skip
def test_whether_a_handler_catches_it(call: str, handler: str, is_caught: bool) -> None:
    message = said(f"try:\n    {call}\nexcept{' ' * bool(handler)}{handler}:\n    pass\n")
    assert (f"`except{' ' * bool(handler)}{handler}` (line 5) catches the exception" in message) is is_caught
    assert ("does not catch the exception" in message or "nothing catches the exception" in message) is not is_caught


@pytest.mark.parametrize(("call", "handler", "is_near"), [
    ("subprocess.run(['ls'])", "(OSError, subprocess.CalledProcessError) as e", True), ("subprocess.run(['ls'])", "FileNotFoundError as e", True),
    ("subprocess.run(['ls'])", "KeyError as e", False), ("requests.get('x')", "requests.ConnectionError as e", True),
    ("urlopen('x')", "urllib.error.URLError as e", True), ("urlopen('x')", "KeyError as e", False),
])  # fmt: skip
def test_a_handler_of_other_errors_of_the_call(call: str, handler: str, is_near: bool) -> None:
    message = said(f"try:\n    {call}\nexcept {handler}:\n    see(e)\n")
    assert (f"`except {handler[:-5]}` (line 5) does not catch the exception" in message) is is_near
    assert ("nothing catches the exception" in message) is not is_near


@pytest.mark.parametrize(("call", "handler"), [
    ("subprocess.run(['ls'])", "(OSError, subprocess.CalledProcessError)"), ("subprocess.run(['ls'])", "subprocess.CalledProcessError"),
    ("subprocess.run(['ls'])", "OSError"), ("subprocess.run(['ls'])", "FileNotFoundError"), ("os.system('ls')", "OSError"), ("requests.get('x')", "requests.exceptions.ConnectionError"),
])  # fmt: skip
def test_a_handler_that_the_fix_lets_catch_it(call: str, handler: str) -> None:
    assert f"; `except {handler}` (line 5) will catch the exception too" in said(f"try:\n    {call}\nexcept {handler}:\n    pass\n")


def test_a_long_list_of_exceptions_is_not_repeated() -> None:
    text = "try:\n    requests.get('x')\nexcept (KeyError, ValueError, TypeError, requests.exceptions.ConnectionError):\n    pass\n"
    assert "; `except (...)` (line 5) will catch the exception too" in said(text)


def test_grpc_of_asyncio_raises_a_kind_of_its_error() -> None:
    text = "from a_pb2_grpc import AStub\nasync def f(c, r):\n    try:\n        await AStub(c).Buy(r)\n    except grpc.aio.AioRpcError:\n        pass\n"
    assert "`except grpc.aio.AioRpcError` (line 7) catches the exception" in said(text)


def test_a_handler_is_looked_for_around_the_call_only() -> None:
    assert "nothing catches the exception" in said("try:\n    pass\nexcept Exception:\n    subprocess.run(['ls'])\n")
    assert "nothing catches the exception" in said("try:\n    def f():\n        subprocess.run(['ls'])\nexcept Exception:\n    pass\n")
    inner = "    try:\n        subprocess.run(['ls'])\n    finally:\n        pass\n"
    assert "(line 8)" in said(f"try:\n{inner}except Exception:\n    pass\n")


@pytest.mark.parametrize(("text", "words"), [
    ("subprocess.run(['git', 'push'])", "add timeout=30 (raises subprocess.TimeoutExpired) (unsafe fix: 30 is a proposal; nothing catches the exception, line 3)"),
    ("subprocess.run('ls | wc', shell=True)", "is a proposal; nothing catches the exception; what the shell started runs on"),
    ("os.system('make')", "use subprocess.run(..., timeout=1800) (raises subprocess.TimeoutExpired) (unsafe fix: 1800 is a proposal; nothing catches the exception; what the shell started runs on"),
    ("p = subprocess.Popen(['make'])\np.wait()", "add timeout=1800 and kill it then (raises subprocess.TimeoutExpired)"),
    ("p = subprocess.Popen('make', shell=True)\np.wait()", "(unsafe fix: 1800 is a proposal; nothing catches the exception; what the shell started runs on"),
    ("p = subprocess.Popen('make', shell=True, start_new_session=True)\np.wait()", "(unsafe fix: 1800 is a proposal; nothing catches the exception"),
    ("p = subprocess.Popen(['make'])\np.terminate()\np.wait()", "add timeout=10 and kill it then (unsafe fix: 10 is a proposal; it raises nothing"),
    ("c = http.client.HTTPConnection('x')\nc.request('GET', 'y')", "(raises TimeoutError) (unsafe fix: 10 is a proposal; the exception is raised where the object is used"),
    ("subprocess.run(x)", "add timeout=... (raises subprocess.TimeoutExpired) (no fix: nothing says how long the command takes: set it, or default, in [tool.par-lint.timeouts], line 3)"),
    ("import aiomcache\nasync def f():\n    await aiomcache.Client('h').get(b'k')", "use asyncio.wait_for(..., timeout=10) (raises TimeoutError) (unsafe fix: 10 is a proposal"),
    ("import aiomcache\nasync def f():\n    return aiomcache.Client('h').get(b'k')", "(no fix: it takes no timeout, and is not awaited here, line 5)"),
    ("from curl_cffi import requests as r\nr.get('x', timeout=None)", "add timeout=30 (unsafe fix: 30 is a proposal; the exception of the library is new"),
    ("import paramiko\nparamiko.SSHClient().exec_command(x)", "add timeout=... (raises TimeoutError) (no fix: nothing says how long the command takes"),
    ("import boto3, botocore.config\nbotocore.config.Config(read_timeout=None)", "add read_timeout=60"),
    ("import boto3, botocore.config\nbotocore.config.Config(connect_timeout=None)", "add connect_timeout=60 (raises"),
    ("import boto3, botocore.config\nbotocore.config.Config(connect_timeout=None, read_timeout=None)", "add connect_timeout=60, read_timeout=60 (raises"),
    ("requests.get('x', **{'timeout': None})", "add timeout=10 (raises requests.Timeout) (no fix: `timeout` is given in a mapping, line 3)"),
    ("c = http.client.HTTPConnection('x')\nc.request('PUT', 'y', z)", "(no fix: the limit counts over all that is sent, and that may be large: set it, or upload, in [tool.par-lint.timeouts], line 3)"),
    ("def f(timeout=3):\n    subprocess.run(x)", "add timeout=timeout (raises subprocess.TimeoutExpired) (unsafe fix: the limit is the parameter's; nothing catches the exception, line 4)"),
    ("def f(timeout=None):\n    requests.get('x')", "add timeout=timeout (raises requests.Timeout) (no fix: pass on the parameter `timeout`, with a number as its default, line 3)"),
    ("def f(n):\n    requests.get('x', params={'wait': n})", "(no fix: it takes as long as it is asked to, or as what it starts: set more than that, line 4)"),
    ("requests.get('x')", "add timeout=10 (raises requests.Timeout) (unsafe fix: 10 is a proposal; nothing catches the exception, line 3)"),
])  # fmt: skip
def test_what_is_said(text: str, words: str) -> None:
    assert words in said(text)


@pytest.mark.parametrize(("handler", "said_of_it"), [
    ("except subprocess.CalledProcessError as e:\n    print(e.returncode)", "`except subprocess.CalledProcessError` (line 8) around a caller does not catch the exception"),
    ("except Exception:\n    raise", "`except Exception` (line 8) around a caller catches the exception"),
    ("except KeyError:\n    pass", "nothing catches the exception"),
])  # fmt: skip
def test_the_handlers_of_callers(handler: str, said_of_it: str) -> None:
    assert said_of_it in said(f"def f():\n    subprocess.run(['bzip2', 'x'], check=True)\n\ntry:\n    f()\n{handler}\n")
