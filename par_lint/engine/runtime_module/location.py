"""Which module a fixed file imports run_parallel from, and the remedies if no import is sure to work."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from par_lint.core.config.settings import Config, ConfigError
from par_lint.core.files.exclusion import is_non_project_name
from par_lint.engine.runtime_module.configured_module import find_missing
from par_lint.engine.runtime_module.dependencies import (
    MARKS,
    Declaration,
    declares_project,
    find_declaration,
    is_built,
    renamed_packages,
    required_python,
    script_declaration,
    source_folders,
)
from par_lint.engine.runtime_module.import_names import NON_PACKAGE_FOLDERS, Evidence, Layout, find_name, hiding_module, likely_name, shadows, top_package
from par_lint.engine.runtime_module.requirements import Requirements
from par_lint.engine.runtime_module.vendored_copy import OLDEST_PYTHON, is_copy, is_current

PACKAGED = "par_lint.parallel"
_NAMES = ("parallel.py", "run_parallel.py", "par_lint_parallel.py")  # for a copy: the first name that is free
_OWN_ENVIRONMENT = re.compile(r"/(pipx/venvs|uv/tools|archive-v\d+|environments-v\d+|py_env-[^/]*|prek/hooks)/")  # of pipx, uv, pre-commit, prek
_APART = "par-lint is installed in its own environment"


@dataclass(frozen=True)
class Runtime:
    """The module that fixes import; if none is sure to exist, the reason and the remedies."""

    module: str | None
    """A module that can surely be imported, or None."""
    reason: str = ""
    """Why there is none."""
    likely: str | None = None
    """The module to import anyway; None if that would surely fail."""
    adding: str = ""
    """How to add par-lint to the dependencies of the project or script."""
    copy: Path | None = None
    """A place for a copy of the runtime that can surely be imported; None if no place is sure."""

    def remedies(self) -> tuple[str, str]:
        """Return two lines: why a fix is withheld, and the two remedies."""
        second = f"copy the runtime into the project: `par-lint vendor {display_path(self.copy)}`" if self.copy else "name a module with --runtime"
        return f"par-lint: loop fixes need run_parallel, and {self.reason}:", f"par-lint: {self.adding}, or {second}."


def find_runtime(path: Path, config: Config, given: str | None = None, source: bytes | None = None, *, advises: bool = True) -> Runtime:
    """Return the module for a file, or for the files in a folder: given, configured, a copy in its project, or par-lint's own.

    par-lint's own module is used if the project, or the file itself, lists par-lint as a dependency, and if there are no dependencies
    anywhere: then the file runs where par-lint is installed.

    Args:
        path: the file or folder.
        config: its settings.
        given: the module given on the command line.
        source: the content of the file, if known.
        advises: also look for a place for a copy, which requires parsing the file.

    Raises:
        ConfigError, Problem: a file of the project cannot be read.
    """
    if given is not None:
        return Runtime(given)
    place = path.absolute()
    file = place / "-.py" if place.is_dir() else place
    if config.runtime is not None:
        return _configured(config.runtime, file, config)
    text = source if source is not None else file.read_bytes() if file.is_file() else b""
    project = _for_folder(file.parent)
    chosen = _choose_runtime(file, text, project, advises=advises)
    too_old = _too_old_python(project, config)
    if too_old is None:
        return chosen
    reason, adding = too_old
    return replace(chosen, module=None, reason=reason, likely=chosen.module or chosen.likely, adding=adding, copy=None)


def _configured(name: str, file: Path, config: Config) -> Runtime:
    missing = find_missing(name, file, _for_folder(file.parent).layout, config.path)
    if missing is None:
        return Runtime(name)
    settings = f" of {display_path(config.path)}" if config.path is not None else ""
    return Runtime(None, missing.reason, name, f"correct `runtime` in [tool.par-lint]{settings}", missing.copy)


def old_python_of(path: Path, config: Config) -> str | None:
    """Return why the project of a file or folder cannot use a copy of the runtime: it supports a Python that is too old. Raises ConfigError."""
    place = path.absolute()
    too_old = _too_old_python(_for_folder(place if place.is_dir() else place.parent), config)
    return too_old[0] if too_old is not None else None


def _too_old_python(project: _Project, config: Config) -> tuple[str, str] | None:
    """Return why run_parallel cannot run on the oldest Python that a project supports, and the remedy; None if it can."""
    root = project.layout.root
    minor, place = (config.python, config.path or root / "pyproject.toml") if config.python < OLDEST_PYTHON else project.python or (OLDEST_PYTHON, root)
    if minor >= OLDEST_PYTHON:
        return None
    shown = display_path(place)
    return f"run_parallel needs Python 3.{OLDEST_PYTHON} or newer, but {shown} supports 3.{minor}", f"raise the oldest Python in {shown} to 3.{OLDEST_PYTHON}"


def project_of(path: Path) -> object:
    """Return an object that stays the same while the project of a file is cached: until then, the runtime for the same text is the same."""
    return _for_folder(path.absolute().parent)


def runtime_outside_projects(config: Config) -> Runtime:
    """Return the module for code that has no file yet: configured, or par-lint's own. No folder is searched, as nobody knows where it will be saved."""
    if config.runtime is not None:
        return Runtime(config.runtime)
    if _is_in_own_environment():
        return Runtime(None, _APART, PACKAGED, "save the file in its project")
    return Runtime(PACKAGED)


def _is_in_own_environment() -> bool:
    """Return whether par-lint is installed in an environment of its own, which no program imports from."""
    return _OWN_ENVIRONMENT.search(f"{Path(sys.prefix).as_posix()}/") is not None


def display_path(path: Path) -> str:
    """Return a path relative to the working folder if it is inside."""
    text = os.path.relpath(path)
    return str(path) if text.startswith(os.pardir) else text


@dataclass(frozen=True)
class _Project:
    """The project that the files of a folder belong to."""

    layout: Layout
    declaration: Declaration | None
    copies: tuple[Path, ...]
    python: tuple[int, Path] | None = None
    """The minor version of the oldest Python 3 in setup.cfg or setup.py, and that file."""


def _choose_runtime(file: Path, source: bytes, project: _Project, *, advises: bool) -> Runtime:
    alone = script_declaration(source.decode("utf-8", "replace"), file.name) if b"# /// script" in source else None
    evidence = Evidence.of(source if project.copies or advises else b"", is_alone=alone is not None)
    nearest = sorted(project.copies, key=lambda copy: -len(os.path.commonpath([file, copy])))
    for copy in nearest:
        name = find_name(file, copy, project.layout, evidence)
        if name is not None and is_current(copy):
            return Runtime(name)
        if name is not None:
            adding = _dependency_hint(file, project, alone=alone is not None)
            return Runtime(None, f"the copy {display_path(copy)} is too old", adding=adding, copy=copy)
    declaration = alone or project.declaration
    reason = _import_risk(file, project, declaration)
    if reason is None:
        return Runtime(PACKAGED)
    suggested = _suggest(file, project, evidence) if advises else None
    likely = PACKAGED if _shadow(file, project) is None else None
    if nearest:  # par_lint would surely be missing there
        likely = likely_name(file, nearest[0], project.layout)
        reason += f", and {_copy_risk(file, nearest[0], project.layout, likely)}"
    return Runtime(None, reason, likely, _dependency_hint(file, project, alone=alone is not None), suggested)


def _copy_risk(file: Path, copy: Path, layout: Layout, name: str | None) -> str:
    """Return why a file may not be able to import a copy."""
    hiding = hiding_module(file, copy, name, layout) if name is not None else None
    if hiding is not None:
        return f"{display_path(hiding)} may hide the package of the copy {display_path(copy)} from it"
    return f"the copy {display_path(copy)} may not be importable from {file.name if file.is_file() else 'there'}"


def _import_risk(file: Path, project: _Project, declaration: Declaration | None) -> str | None:
    """Return why importing par_lint.parallel may fail where a file runs; None if it does not."""
    shadow = _shadow(file, project)
    if shadow is not None:
        return f"{display_path(shadow)} shadows par_lint"
    if declaration is not None:
        place = project.layout.root / declaration.place if declaration is project.declaration else file
        return None if declaration.listed is Requirements.ALWAYS else f"{display_path(place)} {declaration.listed.value}"
    return _APART if _is_in_own_environment() else None


def _shadow(file: Path, project: _Project) -> Path | None:
    """Return a module or package of the project that is called par_lint and is not par-lint's own."""
    found = shadows(file, project.layout, "par_lint")
    return None if found is not None and found.is_dir() and is_copy(found / "parallel.py") else found


def _dependency_hint(file: Path, project: _Project, *, alone: bool) -> str:
    root = project.layout.root
    shadow = _shadow(file, project)
    if shadow is not None:
        return f"rename {display_path(shadow)}"
    if alone:
        return f"add par-lint to the dependencies of the script (`uv add --script {display_path(file)} par-lint`)"
    commands = {"poetry.lock": "poetry add par-lint", "uv.lock": "uv add par-lint", "pdm.lock": "pdm add par-lint", "Pipfile": "pipenv install par-lint"}
    command = next((command for name, command in commands.items() if (root / name).is_file()), None)
    if command is not None:
        return f"add par-lint to the dependencies (`{command}`)"
    names = [project.declaration.place] if project.declaration is not None and project.declaration.listed in (Requirements.NO, Requirements.UNKNOWN) else []
    names += ["pyproject.toml", "setup.cfg", "setup.py", "requirements.txt"]
    place = next((name for name in names if (root / name).is_file() and (name != "pyproject.toml" or declares_project(root))), "requirements.txt")
    return f"add par-lint to the dependencies in {display_path(root / place)}"


def _suggest(file: Path, project: _Project, evidence: Evidence) -> Path | None:
    """Return a free place for a copy that a file could surely import."""
    for folder in _free_places(file, project.layout):
        for name in _NAMES:
            path = folder / name
            is_free = not os.path.lexists(path) and not path.with_suffix("").exists()
            if is_free and find_name(file, path, project.layout, evidence) is not None:
                return path
    return None


def _free_places(file: Path, layout: Layout) -> Iterator[Path]:
    if layout.is_built:  # one copy for the whole project, rather than one in each folder of plugins
        for source in (*layout.sources, layout.root):
            if file.is_relative_to(source) and len(parts := file.relative_to(source).parts) > 1:
                if (source / parts[0] / "__init__.py").is_file() and parts[0].lower() not in NON_PACKAGE_FOLDERS:
                    yield source / parts[0]
    own = top_package(file)
    if own is not None and not (layout.is_built and own.name.startswith("test")):
        yield own
    if layout.is_built:
        for source in (*layout.sources, layout.root):
            yield from sorted(path.parent for path in source.glob("*/__init__.py") if path.parent.name.lower() not in NON_PACKAGE_FOLDERS)
    yield file.parent


@functools.cache
def _for_folder(folder: Path) -> _Project:
    above: list[Path] = []
    for parent in (folder, *folder.parents):
        above.append(parent)
        if (parent / ".git").exists():
            break
    root = next(filter(_declares_project, above), None)
    if root is not None:
        return _project_at(root, root)
    is_repository = (above[-1] / ".git").exists()
    outermost = above[-1] if is_repository else folder
    with_settings = next((parent for parent in above if (parent / "pyproject.toml").is_file()), None)
    return _project_at(with_settings or outermost, outermost, is_any=is_repository or with_settings is not None)


_declares_project = functools.cache(declares_project)


@functools.cache
def _project_at(root: Path, declaring: Path, *, is_any: bool = True) -> _Project:
    """Return the project of a folder, cached for all folders in it. Its dependencies are declared in `declaring`. Scripts may have none."""
    layout = Layout(root, is_built(root), tuple(source_folders(root)), tuple(renamed_packages(root)))
    return _Project(layout, find_declaration(declaring), tuple(_find_copies(root, packages_only=not is_any)), required_python(declaring))


def _is_project(folder: Path) -> bool:
    """Return whether a subfolder is a project of its own; also if its files are invalid."""
    try:
        return _declares_project(folder)
    except ConfigError:
        return True


def _find_copies(root: Path, *, packages_only: bool) -> Iterator[Path]:
    """Yield the copies of the runtime in a project, except those in nested projects.

    A script without a project may be in a home folder: then `packages_only` searches only sibling folders and packages.
    """
    for folder, folders, names in os.walk(root):
        place = Path(folder)
        if place != root and any(name in MARKS or "requirements" in name for name in (*names, *folders)) and _is_project(place):
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not is_non_project_name(name) and not name.startswith("."))
        if packages_only and place != root and "__init__.py" not in names:
            folders.clear()
        yield from (place / name for name in sorted(names) if name.endswith(".py") and is_copy(place / name))


def clear_project_cache() -> None:
    """Forget cached copies and dependencies, in a long-lived process."""
    for known in (_for_folder, _declares_project, _project_at):
        known.cache_clear()
