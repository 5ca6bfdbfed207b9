"""Code that a worker would run without a call that says so: hooks, special methods, loaders, objects with a state under the name of texts.

Each row is what stands before the function that reads, and what this does with the text that it has read.
"""

from __future__ import annotations

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

HEAD = """
import codecs, collections, configparser, decimal, functools, importlib.resources, itertools, json, pkgutil, runpy, string, types, uuid
from pathlib import Path
import numpy, yaml
calls = []
def count(*given):
    calls.append(given)
    return 2
def new():
    calls.append(1)
    return []
"""
Row = tuple[str, str]
_DECODER = "DECODER = codecs.lookup('utf-8').incrementaldecoder()"
_FORMATTER = "class Lenient(string.Formatter):\n    def get_value(self, key, given, named):\n        count(key)\n        return '?'\nFORMATTER = Lenient()"
_LEVEL = "class Level:\n    def __index__(self): return count()\nLEVEL = Level()"
_KEY = "class Key:\n    def __hash__(self): return count()\nKEY = Key()"
_NUMBER = "class Number:\n    def __int__(self): return count()\n    def __float__(self): return float(count())\nNUMBER = Number()"
_PROTOCOL = (
    "from typing import Protocol, runtime_checkable\n@runtime_checkable\nclass HasSize(Protocol):\n    @property\n    def size(self): ...\n"
    "class Shelf:\n    @property\n    def size(self): return count()\nSHELF = Shelf()"
)
_FAILURES = "FAILURES = {'a': ValueError('a')}"
_TABLE = "table = collections.defaultdict(list); "
_SEEN = "def seen(option): return count(option)"
_HIDDEN: dict[str, Row] = {
    # What is no reading
    "run_path": ("", "text = runpy.run_path(path)['x']"),
    "run_module": ("", "text = runpy.run_module(text)['x']"),
    "resource of a package": ("", "text = importlib.resources.read_text(text, 'about.txt')"),
    "resource by its name": ("from importlib.resources import read_binary", "text = read_binary(text, 'about.txt')"),
    "packages": ("", "text = list(pkgutil.walk_packages([text]))"),
    "uuid1": ("", "text += str(uuid.uuid1())"),
    "uuid7": ("", "text += str(uuid.uuid7())"),
    # What unpickles
    "numpy": ("", "text = numpy.load(path, allow_pickle=True)"),
    "numpy by position": ("", "text = numpy.load(path, None, True)"),
    "numpy by a name": ("MAY = True", "text = numpy.load(path, allow_pickle=MAY)"),
    "numpy by a dict": ("OPTIONS = {'allow_pickle': True}", "text = numpy.load(path, **OPTIONS)"),
    "yaml.Loader": ("", "text = yaml.load(text, Loader=yaml.Loader)"),
    "yaml.Loader by position": ("", "text = yaml.load(text, yaml.Loader)"),
    "yaml.UnsafeLoader": ("", "text = yaml.load(text, Loader=yaml.UnsafeLoader)"),
    "yaml.FullLoader": ("from yaml import FullLoader", "text = yaml.load(text, Loader=FullLoader)"),
    "yaml.CLoader": ("", "text = yaml.load(text, Loader=yaml.CLoader)"),
    "no loader": ("", "text = yaml.load(text)"),
    "unsafe_load": ("", "text = yaml.unsafe_load(text)"),
    "full_load": ("", "text = yaml.full_load(text)"),
    "load_all": ("", "text = list(yaml.load_all(text, yaml.Loader))"),
    "another SafeLoader": ("from loaders import SafeLoader", "text = yaml.load(text, Loader=SafeLoader)"),
    # Callbacks with the name of a class of Python
    "another OrderedDict": ("from ordered import OrderedDict", "text = json.loads(text, object_pairs_hook=OrderedDict)"),
    "OrderedDict of another module": ("import ordered", "text = json.loads(text, object_pairs_hook=ordered.OrderedDict)"),
    "another Decimal": ("from money import Decimal", "text = json.loads(text, parse_float=Decimal)"),
    # Objects with a state
    "decoder": (_DECODER, "text = DECODER.decode(b'a')"),
    "encoder": ("ENCODER = codecs.lookup('utf-8').incrementalencoder()", "text = ENCODER.encode(text)"),
    "decoder as an argument": (f"{_DECODER}\ndef part(data, decoder): return decoder.decode(data)", "text = part(b'a', DECODER)"),
    "decoder as a default": (f"{_DECODER}\ndef part(data, decoder=DECODER): return decoder.decode(data)", "text = part(b'a')"),
    "decoder in a dict": ("DECODERS = {'u': codecs.lookup('utf-8').incrementaldecoder()}", "text = DECODERS['u'].decode(b'a')"),
    "decoder in an attribute": ("class Reader:\n    def __init__(self): self.decoder = codecs.lookup('utf-8').incrementaldecoder()\nREADER = Reader()", "text = READER.decoder.decode(b'a')"),
    "decoder that a function gives": ("def make(): return codecs.lookup('utf-8').incrementaldecoder()\nDECODER = make()", "text = DECODER.decode(b'a')"),
    "decoder by a condition": ("DECODER = codecs.lookup('utf-8').incrementaldecoder() if calls else None", "text = DECODER.decode(b'a')"),
    "decoder that is gone over": (_DECODER, "text = [one.decode(b'a') for one in [DECODER]]"),
    "decoder added to a list": ("DECODERS = []\nDECODERS.append(codecs.lookup('utf-8').incrementaldecoder())", "text = DECODERS[0].decode(b'a')"),
    "decoder among arguments": (f"{_DECODER}\ndef part(*given): return given[0].decode(b'a')", "text = part(DECODER)"),
    "decoder in a field": (
        "from dataclasses import dataclass\n@dataclass\nclass Reader:\n    decoder: object\nREADER = Reader(codecs.lookup('utf-8').incrementaldecoder())",
        "text = READER.decoder.decode(b'a')",
    ),
    "index of a client": ("from search import connect\nCLIENT = connect()\ndef add(client, text): return client.index(text)", "text = add(CLIENT, text)"),
    "translator": ("import translators\nTRANSLATOR = translators.google().make()", "text = TRANSLATOR.translate(text)"),
    "cache as an argument": ("import caches\nCACHE = caches.make().cache()\ndef look(cache, key): return cache.get(key)", "text = look(CACHE, text)"),
    "formatter": (_FORMATTER, "text = FORMATTER.format(text)"),
    "formatter as an argument": (f"{_FORMATTER}\ndef render(formatter, text): return formatter.format(text)", "text = render(FORMATTER, text)"),
    # Special methods
    "index in a format": (_LEVEL, "text = '%d' % LEVEL"),
    "index in a format of several": (_LEVEL, "text = '%d %s' % (LEVEL, 'a')"),
    "index in a slice": (_LEVEL, "text = text[:LEVEL]"),
    "index in a step": (_LEVEL, "text = text[::LEVEL]"),
    "index": (_LEVEL, "text = text[LEVEL]"),
    "index in a product": (_LEVEL, "text = 'a' * LEVEL"),
    "int in a format": (_NUMBER, "text = '%d' % NUMBER"),
    "float in a format": (_NUMBER, "text = '%5.1f' % (NUMBER,)"),
    "hash in a look-up": (f"{_KEY}\nTABLE = {{'a': 1}}", "text = TABLE[KEY]"),
    "hash in a dict": (_KEY, "text = {KEY: 1}"),
    "hash in a set": (_KEY, "text = {KEY}"),
    "protocol": (_PROTOCOL, "text = text if isinstance(SHELF, HasSize) else ''"),
    "protocol among others": (_PROTOCOL, "text = text if isinstance(SHELF, (str, HasSize)) else ''"),
    "protocol in a pattern": (_PROTOCOL, "match SHELF:\n        case HasSize():\n            text = ''"),
    "protocol for a class": (_PROTOCOL, "text = text if issubclass(Shelf, HasSize) else ''"),
    "protocol of another module": (f"{_PROTOCOL}\nfrom protocols import Sized", "text = text if isinstance(SHELF, Sized) else ''"),
    # Hooks that are set
    "factory": ("", f"{_TABLE}table.default_factory = new; table[1]"),
    "factory with another value": ("", f"{_TABLE}table.default_factory, other = new, 1; table[1]"),
    "annotated factory": ("", f"{_TABLE}table.default_factory: object = new; table[1]"),
    "factory by a condition": ("", f"{_TABLE}table.default_factory = new if text else list; table[1]"),
    "factory that is a class": ("class New:\n    def __init__(self): count()", f"{_TABLE}table.default_factory = New; table[1]"),
    "factory in a namespace": ("WAYS = types.SimpleNamespace(new=new)", f"{_TABLE}table.default_factory = WAYS.new; table[1]"),
    "factory that a call gives": ("def give(): return new", f"{_TABLE}table.default_factory = give(); table[1]"),
    "factory of another module": ("from other import make", f"{_TABLE}table.default_factory = make; table[1]"),
    "factory as an argument": ("def fill(factory):\n    table = collections.defaultdict(list)\n    table.default_factory = factory\n    return table[1]", "text = fill(new)"),
    "optionxform": (_SEEN, "parser = configparser.ConfigParser(); parser.optionxform = seen; parser.read(path)"),
    # Exceptions
    "exception of a table": (_FAILURES, "if not text: raise FAILURES['a']"),
    "exception of a table, with a cause": (_FAILURES, "try: int(text)\n    except ValueError as error: raise FAILURES['a'] from error"),
    "exception by get": (_FAILURES, "if not text: raise FAILURES.get('a')"),
    "exception of a list": ("ERRORS = [ValueError('a')]", "if not text: raise ERRORS[0]"),
    "exception of a class": ("class Errors:\n    short = ValueError('a')", "if not text: raise Errors.short"),
    "exception that a function gives": (f"{_FAILURES}\ndef pick(kind): return FAILURES[kind]", "if not text: raise pick('a')"),
    "exception under a name": (_FAILURES, "error = FAILURES['a']\n    if not text: raise error"),
    "exception by a condition": (_FAILURES, "if not text: raise (FAILURES['a'] if path else ValueError(path))"),
    "exception as an argument": ("END = ValueError('a')\ndef fail(error): raise error", "if not text: fail(END)"),
    "exception as a default": ("def fail(error=ValueError('a')): raise error", "if not text: fail()"),
}
_PLAIN: dict[str, Row] = {
    "nothing": ("", ""),
    "uuid4": ("", "text += str(uuid.uuid4())"),
    "numpy": ("", "text = numpy.load(path)"),
    "numpy without pickles": ("", "text = numpy.load(path, allow_pickle=False)"),
    "SafeLoader": ("", "text = yaml.load(text, Loader=yaml.SafeLoader)"),
    "CSafeLoader by position": ("", "text = yaml.load(text, yaml.CSafeLoader)"),
    "the fastest SafeLoader": ("try:\n    from yaml import CSafeLoader as Loader\nexcept ImportError:\n    from yaml import SafeLoader as Loader", "text = yaml.load(text, Loader=Loader)"),
    "OrderedDict": ("from collections import OrderedDict", "text = json.loads(text, object_pairs_hook=OrderedDict)"),
    "Decimal": ("", "text = json.loads(text, parse_float=decimal.Decimal)"),
    "no hook": ("", "text = json.loads(text, object_hook=None, parse_int=float)"),
    "decoded text": ("", "text = text.encode().decode('utf-8').title()"),
    "decoded bytes": ("def split(data): return data.decode('utf-8').splitlines()", "text = split(path.read_bytes())"),
    "template": ("TEMPLATE = '{}'", "text = TEMPLATE.format(text)"),
    "text as an argument": ("def clean(text, mark): return mark.join(text.title().split(mark))", "text = clean(text, ',')"),
    "field of a record": ("", "text = json.loads(text)['a'].encode()"),
    "setting of another module": ("from settings import base\nBASE = base()", "text = BASE.rstrip('/') + text"),
    "field of a class": ("from dataclasses import dataclass\n@dataclass\nclass Doc:\n    name: str\nDOC = Doc('a')", "text = DOC.name.encode()"),
    "texts that are gone over": ("MARKS = ['a']\nMARKS.append('b')", "text = [one.title() for one in MARKS]"),
    "translation table": ("TABLE = str.maketrans('a', 'b')", "text = text.translate(TABLE)"),
    "slices beside an index": (_LEVEL, "text = text[:10] + text[2:]"),
    "index without effects": ("class Level:\n    def __index__(self): return 2\nLEVEL = Level()", "text = '%d %s' % (LEVEL, text[:LEVEL])"),
    "types beside a protocol": (_PROTOCOL, "text = text if isinstance(text, (str, Path)) or isinstance(text, Shelf) else ''"),
    "types in one": (_PROTOCOL, "text = text if isinstance(text, str | bytes) else ''"),
    "factory that is a type": ("", f"{_TABLE}table.default_factory = dict"),
    "no factory": ("", f"{_TABLE}table.default_factory = None; table[1].append(text)"),
    "attributes": ("class Doc:\n    def __init__(self, path): self.path = path", "doc = Doc(path); doc.text = text; doc.size = len(text); doc.handler = None; text = doc.text"),
    "new exception": ("", "if not text: raise ValueError(path)"),
    "exception class": ("", "if not text: raise ValueError"),
    "exception that a function makes": ("def bad(path): return ValueError(path)", "if not text: raise bad(path)"),
    "exception that is handled": ("", "try: int(text)\n    except ValueError as error: raise error"),
    "exception with a cause": ("", "try: int(text)\n    except ValueError as error: raise RuntimeError(path) from error"),
    "exception under a name": ("", "error = ValueError(path)\n    if not text: raise error"),
    "exception as an argument": ("def fail(error): raise error", "if not text: fail(ValueError(path))"),
    "exception in a class": ("class Doc:\n    class Bad(Exception): pass", "if not text: raise Doc.Bad(path)"),
}
_LOAD = "def load(path: Path):\n    text = path.read_text()\n    {}\n    return text\n"
_LOOP = "def collect(paths: list[Path]):\n    out = []\n    for path in paths:\n        text = load(path)\n        out.append(text)\n    return out\n"


def _is_safe(text: str) -> bool:
    compile(text, "<text>", "exec")
    return "run_parallel(" in fix(text.encode(), Config(), runtime="par_lint.parallel").source.decode()


@pytest.mark.parametrize("row", _HIDDEN)
def test_hidden_calls_make_it_unsafe(row: str) -> None:
    head, use = _HIDDEN[row]
    assert not _is_safe(f"{HEAD}{head}\n{_LOAD.format(use)}{_LOOP}")


@pytest.mark.parametrize("row", _PLAIN)
def test_plain_readers_keep_the_safe_fix(row: str) -> None:
    head, use = _PLAIN[row]
    assert _is_safe(f"{HEAD}{head}\n{_LOAD.format(use or 'pass')}{_LOOP}")


@pytest.mark.parametrize("params", ["decoder", "paths: list[Path], decoder"])
def test_a_decoder_of_the_caller_is_no_text(params: str) -> None:
    made = "" if params != "decoder" else "    decoder = codecs.lookup('utf-8').incrementaldecoder()\n"
    head = f"{HEAD}def part(path, decoder):\n    return decoder.decode(path.read_bytes())\ndef collect({'paths: list[Path]' if made else params}):\n"
    assert not _is_safe(f"{head}{made}    out = []\n    for path in paths:\n        text = part(path, decoder)\n        out.append(text)\n    return out\n")


_ASKING = """
import itertools
from urllib.request import urlopen
BASE = "http://127.0.0.1:1/"
other = [*"efgh"]
def fetch(first, second):
    with urlopen(f"{BASE}{first}-{second}", timeout=10) as response:
        return response.read().decode()
class Box:
    def __init__(self):
        self.names = iter(other)
BOX = Box()
"""


@pytest.mark.parametrize(("names", "pairs", "is_safe"), [
    ("iter(other)", "zip(names, names)", False), ("iter(other)", "zip(names, names, strict=True)", False), ("iter(other)", "zip(names, enumerate(names))", False),
    ("iter(other); two = names", "zip(names, two)", False), ("iter(other); two = iter(names)", "zip(names, two)", False), ("iter(other)", "zip(*[names] * 2)", False),
    ("iter(other)", "zip(*[names, names])", False), ("iter(other); pairs = zip(names, names)", "pairs", False), ("iter(other)\ndef pairs_of(one): return zip(one, one)", "pairs_of(names)", False),
    ("iter(other)\ndef get(): return names", "zip(get(), get())", False), ("iter(other)", "zip(BOX.names, BOX.names)", False),
    ("reversed(other)", "zip(names, names)", False), ("[*'abcd']", "zip(names, other)", True), ("[*'abcd']", "zip(names, names[1:])", True),
    ("[*'abcd']", "zip(names, map(str, names))", True), ("[*'abcd']", "zip(names, names)", True),
])  # fmt: skip
def test_one_iterator_gives_pairs(names: str, pairs: str, is_safe: bool) -> None:
    text = f"{_ASKING}names = {names}\nfor first, second in {pairs}:\n    text = fetch(first, second)\n    print(text)\n"
    assert _is_safe(text) is is_safe
