"""Open files in moved code: whose position a call changes, and whether its result reads later."""

from __future__ import annotations

import libcst as cst

from par_lint.analysis.effects.fresh_objects import FreshNames
from par_lint.analysis.facts import Facts
from par_lint.analysis.semantics.call_resolver import Named, Value
from par_lint.analysis.semantics.scopes import Function
from par_lint.analysis.syntax.expression_names import root_name
from par_lint.analysis.syntax.nodes import descend
from par_lint.core.catalog.entry import spread
from par_lint.core.findings import Ground, Reason

_OF_HANDLES = frozenset(spread("""
    json.load tomllib.load tomli.load pickle.load marshal.load plistlib.load ujson.load simplejson.load tomlkit.load dill.load cloudpickle.load
    yaml.{load load_all safe_load safe_load_all full_load full_load_all unsafe_load unsafe_load_all} msgpack.{load unpack} csv.{reader DictReader}
    email.{message_from_file message_from_binary_file} hashlib.file_digest configparser.ConfigParser.read_file configparser.RawConfigParser.read_file
"""))  # fmt: skip
"""Functions that read an open file to its end, and do not take a file name."""
_OPENING = frozenset(spread("""
    PIL.Image.open numpy.memmap pyarrow.parquet.ParquetFile xarray.open_dataset h5py.File pypdf.PdfReader PyPDF2.PdfReader pdfplumber.open fitz.open
    astropy.io.fits.open rasterio.open netCDF4.{Dataset MFDataset} zarr.open safetensors.safe_open fiona.open shapefile.Reader nibabel.load
    xml.etree.ElementTree.iterparse wave.open tokenize.open fileinput.input yaml.{load_all safe_load_all full_load_all unsafe_load_all}
    csv.{reader DictReader}
"""))  # fmt: skip
"""Functions whose result reads later and keeps a file open."""
_TAKING = frozenset({"list", "tuple", "set", "frozenset", "sorted", "dict", "sum", "len", "any", "all", "max", "min", "next"})
_ADDING = frozenset({"extend", "update", "join", "writerows", "writelines"})
"""Methods that consume their argument immediately."""
_LATER = {"requests.get": "stream", "httpx.get": "stream", "numpy.load": "mmap_mode", "openpyxl.load_workbook": "read_only", "nbformat.read": "stream"}
"""Arguments that make the result of a function read later."""


def handle_doubt(call: cst.Call, name: str, local: FreshNames, facts: Facts) -> Reason | None:
    """Return why other users of an open file may notice a catalogue call that reads it; None if they do not."""
    spelled = name.rpartition(".")[2]
    handle = _read_handle(call, name)
    if handle is not None and not _is_own(handle, local):
        return Ground.SHARED(f"{spelled} moves on a file that was opened elsewhere")
    opens = name in _OPENING or any(_asks_for_later(arg, name) for arg in call.args)
    if opens and not _ends(call, facts, is_function=bool(local.given)):
        return Ground.SHARED(f"what {spelled} gives keeps its file open, and is read later")
    return None


def _asks_for_later(arg: cst.Arg, name: str) -> bool:
    is_off = isinstance(arg.value, cst.Name) and arg.value.value in ("False", "None")
    return arg.keyword is not None and arg.keyword.value == _LATER.get(name) and not is_off


def given_doubt(call: cst.Call, function: Function, local: FreshNames, facts: Facts) -> Reason | None:
    """Return why others may notice what a function of the file does with the open files passed to it."""
    parameters = function.parameters[1:] if function.owner is not None and not function.is_static else function.parameters
    read = _read_parameters(function, facts)
    for position, arg in enumerate(call.args if read else ()):
        name = arg.keyword.value if arg.keyword is not None else parameters[position] if position < len(parameters) else None
        if name in read and not _is_own(arg.value, local):
            return Ground.SHARED(f"{function.name} moves on a file that was opened elsewhere")
    return None


def applied_doubt(callee: Value, facts: Facts) -> Reason | None:
    """The same for calling something with one item, which is opened elsewhere."""
    match callee:
        case Function(name=name) if _read_parameters(callee, facts):
            pass
        case Named(name=name) if name in _OF_HANDLES:
            pass
        case _:
            return None
    return Ground.SHARED(f"{name.rpartition('.')[2]} moves on a file that was opened elsewhere")


def _read_parameters(function: Function, facts: Facts) -> set[str | None]:
    """The parameters of a function that are open files which it reads."""
    node = facts.body(function)
    calls = (inner for inner in descend(node.body) if isinstance(inner, cst.Call)) if node is not None else ()
    read = {root_name(handle) for call in calls if (entry := facts.entry(call)) and (handle := _read_handle(call, entry.name)) is not None}
    return read & set(function.parameters)


def _read_handle(call: cst.Call, name: str) -> cst.BaseExpression | None:
    """The open file whose position a call moves: what it is called on, or is given."""
    if name.startswith("io.File.") and isinstance(call.func, cst.Attribute):
        return call.func.value
    return call.args[0].value if name in _OF_HANDLES and call.args else None


def _is_own(handle: cst.BaseExpression, local: FreshNames) -> bool:
    """Whether a piece of code opened a file itself: others see how far another's has been read. What a function is given is
    judged where it is called."""
    root = root_name(handle)
    return root is None or root in local.fresh | local.unseen | local.given


def _ends(node: cst.CSTNode, facts: Facts, *, is_function: bool) -> bool:
    """Whether what an expression gives is used up at once, or inside the function that it stands in."""
    above = facts.parent(node)
    match above:
        case cst.WithItem() | cst.Attribute():
            return True
        case cst.For(iter=iterable) | cst.CompFor(iter=iterable):
            return iterable is node
        case cst.Arg():
            call = facts.parent(above)
            match call:
                case cst.Call(func=cst.Name(value=taking)):
                    return taking in _TAKING
                case cst.Call(func=cst.Attribute(attr=cst.Name(value=adding))):
                    return adding in _ADDING
                case _:
                    return False
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]) if (around := facts.around(above)) is not None:
            block = facts.parent(facts.parent(above) or above) or above
            is_read_here = isinstance(node, cst.Call) and (facts.name(node) or "") in _OF_HANDLES and len(facts.tree.named_below(around, name)) == len(facts.tree.named_below(block, name))
            if not is_function and not is_read_here:
                return False
            uses = [one for one in facts.tree.named_below(around, name) if not isinstance(facts.parent(one), cst.AssignTarget)]
            return all(_ends(one, facts, is_function=False) for one in uses)
        case _:
            return False
