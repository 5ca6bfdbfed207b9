"""What a file replaces in a library may run in any call of that library, whatever name the call has; plain settings replace no code."""

from __future__ import annotations

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = """
import builtins, codecs, http.client, importlib, io, json, os, pathlib, socket, ssl, sys, types, unittest.mock, urllib.request, zipfile
from pathlib import Path
import requests, requests.adapters, requests.sessions, urllib3, yaml
from requests import Session
calls = []
original = Path.open
def count(*given):
    calls.append(given)
    return original(*given)
class Counting:
    def __init__(self, *given):
        calls.append(given)
def replace(module, name):
    setattr(module, name, count)
def put(module):
    module.open = count
"""
LOOP = "def collect(paths: list[str]):\n    out = []\n    for path in paths:\n        text = Path(path).read_text()\n        out.append(text)\n    return out\n"
REPLACED = [
    "socket.getaddrinfo = count", "socket.socket = Counting", "requests.Session.send = count", "requests.sessions.Session = Counting",
    "requests.sessions.HTTPAdapter = Counting", "requests.adapters.HTTPAdapter.send = count", "Session.request = count", "io.open = count", "Path.open = count",
    "pathlib.Path.open = count", "json.JSONEncoder.default = count", "yaml.SafeLoader.construct_object = count", "zipfile.ZipFile.open = count",
    "http.client.HTTPConnection.debuglevel = 1", "urllib3.connection.HTTPConnection.connect = count", "ssl.SSLContext.wrap_socket = lambda *a: count(*a)",
    "builtins.__import__ = count", "__builtins__.open = count", "codecs.BufferedIncrementalDecoder.decode = count", "del Path.open", "Path.open: object = count",
    "setattr(io, 'open', count)", "setattr(requests.Session, 'send', count)", "replace(io, 'open')", "put(io)", "put(module=io)", "type.__setattr__(Path, 'open', count)",
    "unittest.mock.patch.object(Path, 'open', count).start()", "unittest.mock.patch('io.open', count).start()", "unittest.mock.patch(target='io.open', new=count).start()",
    "io.__dict__['open'] = count", "vars(io)['open'] = count", "io.__dict__.update(open=count)", "sys.modules['io'] = Counting()", "sys.modules['io'].open = count",
    "importlib.import_module('io').open = count", "source = io\nsource.open = count", "Base = requests.Session\nBase.send = count", "from io import open as base\nimport io as source\nsource.open = count",
    "for module in (io, os):\n    module.open = count", "for module, name in [(io, 'open')]:\n    setattr(module, name, count)", "def begin():\n    socket.socket = Counting",
    "def begin():\n    import io as inner\n    inner.open = count", "type(Path('x')).open = count", "Path('x').__class__.open = count", "io.open, io.other = count, count",
    "import wrapt\nwrapt.wrap_function_wrapper(Path, 'open', count)", "from gevent import monkey\nmonkey.patch_all()",
    "import http.client as client\nclient.HTTPConnection.debuglevel += 1", "json.decoder.JSONObject = count", "json.decoder.scanner.c_make_scanner = count",
    "unittest.mock.patch.multiple('io', open=count).start()", "unittest.mock.patch.multiple(io, open=count).start()", "unittest.mock.patch.dict(sys.modules, io=count).start()",
    "unittest.mock.patch.dict('sys.modules', io=count).start()", "@unittest.mock.patch('io.open')\ndef test(given): pass",
    "class Test:\n    def run(self, monkeypatch):\n        monkeypatch.setattr(io, 'open', count)",
]
PLAIN = [
    "", "unittest.mock.patch.dict(os.environ, HOME='x')", "options = dict(sys.modules)", "sys.excepthook = count", "sys.argv = list(calls)", "urllib3.util.ssl_.DEFAULT_CIPHERS += ':HIGH'", "from PIL import Image\nImage.MAX_IMAGE_PIXELS = None", "LIMIT = 10 ** 9\nfrom PIL import Image\nImage.MAX_IMAGE_PIXELS = LIMIT", "requests.adapters.DEFAULT_RETRIES = 5",
    "import pandas\npandas.options.mode.chained_assignment = None", "ssl._create_default_https_context = ssl._create_unverified_context", "sys.dont_write_bytecode = True",
    "session = requests.Session()\nsession.verify = False\nsession.auth = None", "import types\nstate = types.SimpleNamespace()\nstate.seen = []", "os.environ['HOME'] = '/tmp'",
    "import torch\ntorch.backends.cudnn.benchmark = True", "class Own:\n    def __init__(self):\n        self.open = 1", "import helpers\nhelpers.DEBUG = count",
    "requests.patch('http://example.org/io.open', timeout=9)",
]


def _is_safe(text: str) -> bool:
    compile(text, "<text>", "exec")
    return "run_parallel(" in fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("way", REPLACED)
def test_a_library_that_the_file_changes_is_no_safe_library(way: str) -> None:
    assert not _is_safe(f"{HEAD}{way}\n{LOOP}")


@pytest.mark.parametrize("way", PLAIN)
def test_plain_settings_keep_the_safe_fix(way: str) -> None:
    assert _is_safe(f"{HEAD}{way}\n{LOOP}")
