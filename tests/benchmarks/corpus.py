"""The pinned code that the benchmarks lint, and the tools that they compare with: fetched from PyPI into a cache folder.

Nothing of it is part of this repository. A second run finds all of it in the cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
IO_HEAVY = ("ansible-core==2.17.7", "snakemake==8.25.5", "dvc==3.58.0", "celery==5.4.0", "poetry==1.8.5", "datasets==3.2.0", "certbot==3.0.1")
"""370,000 lines of programs that mostly wait: as many candidates as real code has."""
MORE = ("prefect==3.1.0",)
"""With IO_HEAVY half a million lines."""
LARGE = ("azure-mgmt-compute==33.0.0", "transformers==4.47.0", "sympy==1.13.3", "kubernetes==31.0.0")
"""3.7 million lines of what else lies in site-packages, generated code with files of 30,000 lines among it."""
SUBSET = ("poetry", "console")
"""The 5,000 lines that slow peers are timed on."""
OURS = ("flake8==7.5.0", "flake8-bugbear==26.10.27")
PEERS = ("flake8==7.5.0", "flake8-async==26.8.1")
OTHERS = ("fixit==2.2.1", "ruff==0.17.6")


class Cache:
    """The cache folder: unpacked packages, and one environment for each set of tools that has to be apart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def package(self, requirement: str) -> Path:
        """The folder with the unpacked wheel of one pinned package."""
        target = self._folder / "src" / requirement.replace("==", "-")
        if not target.is_dir():
            wheels = self._folder / "wheels" / target.name
            options = ["--quiet", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"]
            subprocess.run([sys.executable, "-m", "pip", "download", *options, "--dest", wheels, requirement], check=True)
            half_done = target.with_suffix(".part")
            shutil.rmtree(half_done, ignore_errors=True)
            for wheel in wheels.glob("*.whl"):
                with zipfile.ZipFile(wheel) as archive:
                    archive.extractall(half_done, [name for name in archive.namelist() if name.endswith(".py")])
            half_done.rename(target)
        return target

    def packages(self, requirements: Iterable[str]) -> list[Path]:
        """The folders of several packages."""
        return [self.package(requirement) for requirement in requirements]

    def environment(self, name: str, requirements: Iterable[str], *, with_par_lint: bool = False) -> Path:
        """The `bin` folder of an environment that holds these packages, and par-lint as it is in this repository."""
        folder = self._folder / f"env-{name}-{sys.version_info[0]}.{sys.version_info[1]}"
        programs = folder / ("Scripts" if os.name == "nt" else "bin")
        wanted = [*requirements, *(["-e", str(ROOT)] if with_par_lint else [])]
        done = folder / "installed.txt"
        if not done.is_file() or done.read_text() != repr(wanted):
            venv.create(folder, with_pip=True, clear=True)
            subprocess.run([programs / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted], check=True)
            done.write_text(repr(wanted))
        return programs


def default_folder() -> Path:
    """Where the cache is when nobody says otherwise."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "par-lint-benchmark"


def python_files(folders: Iterable[Path]) -> list[Path]:
    """All Python files below some folders, in a fixed order."""
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def count_lines(files: Iterable[Path]) -> int:
    """The lines of all files."""
    return sum(path.read_bytes().count(b"\n") for path in files)
