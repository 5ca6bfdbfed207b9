"""Whether a project declares par-lint as a runtime dependency, in any of the files in which projects do that."""

from __future__ import annotations

import ast
import configparser
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from par_lint.core.config.pyproject import parse_toml, read_toml
from par_lint.core.config.target_project import lowest_in
from par_lint.core.files.read_errors import unreadable
from par_lint.engine.runtime_module.requirements import Requirements, is_par_lint, listed_in, listed_in_files, listed_in_table

DEVELOPMENT_WORDS = frozenset({
    "dev", "devel", "develop", "development", "test", "tests", "testing", "lint", "linting", "linters", "doc", "docs", "ci", "local", "build", "typing",
    "types", "mypy", "qa", "style", "format", "tools", "check", "checks", "tox", "bench", "benchmark", "benchmarks", "optional", "extra", "extras",
    "example", "examples",
})  # fmt: skip
"""Words in the names of requirement files that are not installed with the program."""
_PRODUCTION_WORDS = frozenset({"base", "common", "main", "prod", "production", "core", "runtime", "app", "default", "install"})
_ENVIRONMENTS = ("environment.yml", "environment.yaml", "conda.yml")
MARKS = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "Pipfile", *_ENVIRONMENTS})
"""Files that may mark a folder as a project, besides requirement files."""
_TOOL_ENVIRONMENTS = (".pre-commit-config.yaml", "prek.toml", "tox.ini", "noxfile.py")
_PROJECT_TABLES = ("poetry", "pdm", "uv", "flit", "hatch", "setuptools")
_SCRIPT = re.compile(r"^# /// script[ \t]*\r?\n((?:#(?: .*)?\r?\n)*?)# ///[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Declaration:
    """How a project or a script lists par-lint, and the name of the file."""

    listed: Requirements
    place: str


def declares_project(folder: Path) -> bool:
    """Return whether a folder is a project: it has metadata or dependencies. Raises ConfigError."""
    pyproject = folder / "pyproject.toml"
    if pyproject.is_file() and _has_project(read_toml(pyproject)):
        return True
    if any((folder / name).is_file() for name in ("setup.py", "Pipfile", *_ENVIRONMENTS)):
        return True
    return bool(_sections(folder / "setup.cfg").keys() & {"options", "metadata"}) or bool(_requirement_files(folder))


def is_built(folder: Path) -> bool:
    """Return whether a project is built to be installed, so that its packages can be imported from anywhere. Raises ConfigError."""
    pyproject = _toml(folder / "pyproject.toml")
    if _table(pyproject, "tool", "uv").get("package") is False or _table(pyproject, "tool", "poetry").get("package-mode") is False:
        return False
    is_declared = "build-system" in pyproject or "poetry" in _table(pyproject, "tool") or _table(pyproject, "tool", "uv").get("package") is True
    return is_declared or (folder / "setup.py").is_file() or bool(_sections(folder / "setup.cfg").keys() & {"options", "metadata"})


def find_declaration(folder: Path) -> Declaration | None:
    """Return how a project lists par-lint; None if it declares no dependencies. Raises ConfigError or Problem."""
    found = next(_declarations(folder), None)
    if found is None or found.listed in (Requirements.NO, Requirements.UNKNOWN):
        return next(_development_declarations(folder), found)
    return found


def required_python(folder: Path) -> tuple[int, Path] | None:
    """Return the minor version of the oldest Python 3 that setup.cfg or setup.py requires, and that file. Raises ConfigError."""
    texts = {"setup.cfg": _sections(folder / "setup.cfg").get("options", {}).get("python_requires", ""), "setup.py": ""}
    for node in ast.walk(_setup_py(folder)):
        match node:
            case ast.keyword(arg="python_requires", value=ast.Constant(value=str() as text)):
                texts["setup.py"] = text
            case _:
                pass
    return next(((minor, folder / name) for name, text in texts.items() if (minor := lowest_in(text)) is not None), None)


def script_declaration(source: str, name: str) -> Declaration | None:
    """Return how the metadata of a script (PEP 723) lists par-lint; None without metadata. Raises ConfigError."""
    block = _SCRIPT.search(source)
    if block is None:
        return None
    text = "".join(line[2:] if line.startswith("# ") else line[1:] for line in block[1].splitlines(keepends=True))
    try:
        metadata = parse_toml(text)
    except (ValueError, RecursionError):
        return Declaration(Requirements.UNKNOWN, name)
    return Declaration(listed_in(metadata.get("dependencies")), name)


def _declarations(folder: Path) -> Iterator[Declaration]:
    """Yield the declarations of a project, the decisive ones first; files without dependencies are skipped."""
    pyproject = _toml(folder / "pyproject.toml")
    project = _table(pyproject, "project")
    poetry = _table(pyproject, "tool", "poetry")
    dynamic = project.get("dynamic")
    if is_par_lint(project.get("name")) or is_par_lint(poetry.get("name")):
        yield Declaration(Requirements.ALWAYS, "pyproject.toml")
    if "dependencies" in project:
        yield Declaration(listed_in(project["dependencies"]), "pyproject.toml")
    elif isinstance(dynamic, list) and "dependencies" in dynamic:
        yield from _dynamic(folder, pyproject)
        yield from _setup_files(folder)
        yield Declaration(Requirements.UNKNOWN, "pyproject.toml")
    if "dependencies" in poetry:
        yield Declaration(listed_in_table(poetry["dependencies"]), "pyproject.toml")
    yield from _setup_files(folder)
    if (folder / "Pipfile").is_file():
        yield Declaration(listed_in_table(_toml(folder / "Pipfile").get("packages")), "Pipfile")
    yield from _requirements(folder)
    for name in _ENVIRONMENTS:
        if (folder / name).is_file():
            yield Declaration(listed_in([line.strip().removeprefix("-").strip(" '\"") for line in _read(folder / name).splitlines()]), name)
    if _has_project(pyproject):
        yield Declaration(Requirements.NO, "pyproject.toml")
    for name in ("setup.cfg", "setup.py"):
        if (folder / name).is_file() and (name == "setup.py" or _sections(folder / name).keys() & {"options", "metadata"}):
            yield Declaration(Requirements.NO, name)


def _dynamic(folder: Path, pyproject: Mapping[str, Any]) -> Iterator[Declaration]:
    """Yield the declarations of dynamic dependencies: requirement files named in pyproject.toml, or Poetry's table."""
    named = _table(pyproject, "tool", "setuptools", "dynamic", "dependencies").get("file")
    named = named or _table(pyproject, "tool", "hatch", "metadata", "hooks", "requirements_txt").get("files")
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    if names:
        yield Declaration(listed_in_files([folder / name for name in names if isinstance(name, str)]), ", ".join(map(str, names)))
    if "dependencies" in _table(pyproject, "tool", "poetry"):
        yield Declaration(listed_in_table(_table(pyproject, "tool", "poetry")["dependencies"]), "pyproject.toml")


def _setup_files(folder: Path) -> Iterator[Declaration]:
    sections = _sections(folder / "setup.cfg")
    if is_par_lint(sections.get("metadata", {}).get("name")):
        yield Declaration(Requirements.ALWAYS, "setup.cfg")
    requires = sections.get("options", {}).get("install_requires")
    if requires is not None:
        names = requires.strip().removeprefix("file:").split(",") if requires.strip().startswith("file:") else []
        listed = listed_in_files([folder / name.strip() for name in names]) if names else listed_in(requires.splitlines())
        yield Declaration(listed, "setup.cfg")
    listed_by_setup = _install_requires(folder)
    if listed_by_setup is not None:
        yield Declaration(listed_by_setup, "setup.py")


def _install_requires(folder: Path) -> Requirements | None:
    """Return how the call of setup() in a setup.py lists par-lint; None if it has no dependencies."""
    tree = _setup_py(folder)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _called(node) == "setup"]
    if not calls:
        return None
    call = calls[-1]
    given = next((keyword.value for keyword in call.keywords if keyword.arg == "install_requires"), None)
    if given is None:
        return Requirements.UNKNOWN if any(keyword.arg is None for keyword in call.keywords) else None
    nodes = list(_reachable_nodes(given, tree))
    files = [folder / node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith((".txt", ".in"))]
    if files:
        return listed_in_files(files)
    values = _strings(given, tree)
    return Requirements.UNKNOWN if values is None else listed_in(values)


def _strings(node: ast.expr, tree: ast.Module) -> list[str] | None:
    """Return the strings of a literal list, also through a name or in parts; None if it is computed."""
    match node:
        case ast.List(elts=elements) | ast.Tuple(elts=elements) if all(isinstance(one, ast.Constant) for one in elements):
            return [one.value for one in elements if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = _strings(left, tree), _strings(right, tree)
            return None if parts[0] is None or parts[1] is None else [*parts[0], *parts[1]]
        case ast.Name(id=name):
            values = [one.value for one in tree.body if isinstance(one, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in one.targets)]
            is_used_once = sum(isinstance(one, ast.Name) and one.id == name for one in ast.walk(tree)) == 2  # bound, and passed to setup()
            return _strings(values[0], tree) if len(values) == 1 and is_used_once else None
        case _:
            return None


def _reachable_nodes(node: ast.expr, tree: ast.Module) -> Iterator[ast.AST]:
    """Yield the nodes of an expression, and of the top-level values of its names."""
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    yield from ast.walk(node)
    for statement in tree.body:
        is_function = isinstance(statement, ast.FunctionDef) and statement.name in names
        is_value = isinstance(statement, (ast.Assign, ast.With)) and any(
            isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store) and inner.id in names for inner in ast.walk(statement)
        )
        if is_function or is_value:
            yield from ast.walk(statement)


def _requirements(folder: Path) -> Iterator[Declaration]:
    """Yield the declarations of requirement files for the program: all of them must list par-lint."""
    files = _requirement_files(folder)
    words = {path: _words(path) for path in files}
    production = [path for path in files if words[path] <= _PRODUCTION_WORDS] or [path for path in files if not words[path] & DEVELOPMENT_WORDS]
    listings = {path: listed_in_files([path]) for path in production}
    without = next((path for path, listed in listings.items() if listed is not Requirements.ALWAYS), None)
    if without is not None:
        yield Declaration(listings[without], without.relative_to(folder).as_posix())
    elif files:
        shown = (production or files)[0].relative_to(folder).as_posix()
        yield Declaration(Requirements.ALWAYS if production else Requirements.NO, shown)


def _requirement_files(folder: Path) -> list[Path]:
    """Return requirements.txt and similar files; a source of pip-tools (`.in`) only if it is not compiled."""
    found = [path for pattern in ("*requirements*.txt", "*requirements*.in", "requirements/*.txt", "requirements/*.in") for path in folder.glob(pattern)]
    return sorted(path for path in found if path.is_file() and not (path.suffix == ".in" and path.with_suffix(".txt") in found))


def _words(path: Path) -> frozenset[str]:
    return frozenset(re.split(r"[-_.\d]+", path.stem.lower())) - {"requirements", ""}


def _development_declarations(folder: Path) -> Iterator[Declaration]:
    """Yield declarations for development only, or for an environment that a tool creates for itself."""
    pyproject = _toml(folder / "pyproject.toml")
    tool = _table(pyproject, "tool")
    groups = [
        *_table(pyproject, "dependency-groups").values(), *_table(tool, "pdm", "dev-dependencies").values(),
        _table(tool, "uv").get("dev-dependencies"), *(_table(env).get("dependencies") for env in _table(tool, "hatch", "envs").values()),
    ]  # fmt: skip
    tables = [_table(tool, "poetry").get("dev-dependencies"), *(_table(one).get("dependencies") for one in _table(tool, "poetry", "group").values())]
    tables += [table for name, table in _toml(folder / "Pipfile").items() if name not in ("packages", "scripts")]
    extras = [*_table(pyproject, "project", "optional-dependencies").values()]
    extras += [text.splitlines() for text in _sections(folder / "setup.cfg").get("options.extras_require", {}).values()]
    side = [path for path in _requirement_files(folder) if _words(path) & DEVELOPMENT_WORDS]
    if any(listed_in(one) is not Requirements.NO for one in groups) or any(listed_in_table(one) is not Requirements.NO for one in tables):
        yield Declaration(Requirements.DEVELOPMENT, "pyproject.toml" if (folder / "pyproject.toml").is_file() else "Pipfile")
    if any(listed_in(one) is not Requirements.NO for one in extras):
        yield Declaration(Requirements.EXTRA, "pyproject.toml" if (folder / "pyproject.toml").is_file() else "setup.cfg")
    for path in side:
        if listed_in_files([path]) is not Requirements.NO:
            yield Declaration(Requirements.DEVELOPMENT, path.relative_to(folder).as_posix())
    for name in _TOOL_ENVIRONMENTS:
        if (folder / name).is_file() and re.search(r"par[-_]lint\b", _read(folder / name)):
            yield Declaration(Requirements.DEVELOPMENT, name)


def source_folders(folder: Path) -> list[Path]:
    """Return the folders that contain the packages of a project: from the settings of build tools, and `src`. Raises ConfigError."""
    tool = _table(_toml(folder / "pyproject.toml"), "tool")
    names: list[object] = [
        "src", _table(tool, "setuptools", "package-dir").get(""), _table(tool, "pdm", "build").get("package-dir"),
        _table(tool, "uv", "build-backend").get("module-root"), _table(tool, "maturin").get("python-source"),
    ]  # fmt: skip
    where = _table(tool, "setuptools", "packages", "find").get("where")
    sections = _sections(folder / "setup.cfg")
    names += where if isinstance(where, list) else [where]
    names += [one.get("from") for one in _list(_table(tool, "poetry").get("packages")) if isinstance(one, dict)]
    for build in (_table(tool, "hatch", "build"), _table(tool, "hatch", "build", "targets", "wheel")):
        names += [one.rpartition("/")[0] for one in _list(build.get("packages")) if isinstance(one, str)]
        names += _list(build.get("sources"))
    names += re.findall(r"^\s*=\s*(\S+)", sections.get("options", {}).get("package_dir", ""), re.MULTILINE)
    names.append(sections.get("options.packages.find", {}).get("where", "").strip())
    for node in ast.walk(_setup_py(folder)):
        match node:
            case ast.keyword(arg="package_dir", value=ast.Dict(keys=[ast.Constant(value="")], values=[ast.Constant(value=name)])):
                names.append(name)
            case ast.Call(args=[ast.Constant(value=name), *_]) if _called(node) in ("find_packages", "find_namespace_packages"):
                names.append(name)
    found = {folder / name for name in names if isinstance(name, str) and name not in ("", ".")}
    return sorted(one for one in found if one.is_dir() and not (one / "__init__.py").is_file())


def renamed_packages(folder: Path) -> list[Path]:
    """Return the folders of packages that are installed under another name. Raises ConfigError."""
    tables = [_table(_toml(folder / "pyproject.toml"), "tool", "setuptools", "package-dir")]
    tables += [
        ast.literal_eval(node.value) for node in ast.walk(_setup_py(folder))
        if isinstance(node, ast.keyword) and node.arg == "package_dir" and isinstance(node.value, ast.Dict)
        and all(isinstance(one, ast.Constant) for one in [*node.value.keys, *node.value.values])
    ]  # fmt: skip
    pairs = [(name, place) for table in tables for name, place in table.items()]
    pairs += re.findall(r"^\s*([\w.]+)\s*=\s*(\S+)", _sections(folder / "setup.cfg").get("options", {}).get("package_dir", ""), re.MULTILINE)
    return [folder / place for name, place in pairs if isinstance(place, str) and name and not place.replace("/", ".").endswith(str(name))]


def _has_project(pyproject: Mapping[str, Any]) -> bool:
    return bool(pyproject.keys() & {"project", "build-system", "dependency-groups"}) or any(name in _table(pyproject, "tool") for name in _PROJECT_TABLES)


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def _setup_py(folder: Path) -> ast.Module:
    try:
        return ast.parse(_read(folder / "setup.py"))
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])


def _sections(path: Path) -> dict[str, dict[str, str]]:
    """Return the sections of an INI file; none if it cannot be read, which other tools report."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(_read(path))
    except configparser.Error:
        return {}
    return {name: dict(parser[name]) for name in parser.sections()}


def _toml(path: Path) -> dict[str, Any]:
    return read_toml(path) if path.is_file() else {}


def _read(path: Path) -> str:
    """Return the text of a file; empty if there is none."""
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() else ""
    except OSError as error:
        raise unreadable(path, error) from error


def _table(value: object, *keys: str) -> Mapping[str, Any]:
    """Return a table in nested tables; empty if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
