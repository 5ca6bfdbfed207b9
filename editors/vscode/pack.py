"""Pack the extension into a .vsix file: `python editors/vscode/pack.py [FILE]`. Needs npm, for the one library that it contains."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

HERE = Path(__file__).resolve().parent
LICENSE = HERE.parents[1] / "LICENSE"
FILES = ("package.json", "extension.js", "README.md")
_UNUSED = (".ts", ".map", ".md", ".yml", ".d.mts", ".mts", ".cts")  # in libraries: types, sources, documentation
_DATE = (1980, 1, 1, 0, 0, 0)  # the same files always make the same archive
_TYPES = {
    "js": "application/javascript", "cjs": "application/javascript", "mjs": "application/javascript", "json": "application/json", "md": "text/markdown",
    "txt": "text/plain", "vsixmanifest": "text/xml",
}  # fmt: skip


def manifest(package: Mapping[str, Any]) -> str:
    """Return `extension.vsixmanifest`, which says what the archive contains."""
    identity = f"Id={quoteattr(package['name'])} Version={quoteattr(package['version'])} Publisher={quoteattr(package['publisher'])}"
    return f"""<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" {identity}/>
    <DisplayName>{escape(package["displayName"])}</DisplayName>
    <Description xml:space="preserve">{escape(package["description"])}</Description>
    <Tags>{escape(",".join(package["keywords"]))}</Tags>
    <Categories>{escape(",".join(package["categories"]))}</Categories>
    <License>extension/LICENSE.txt</License>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value={quoteattr(package["engines"]["vscode"])}/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
  </Metadata>
  <Installation>
    <InstallationTarget Id="Microsoft.VisualStudio.Code"/>
  </Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
"""


def content_types(names: list[str]) -> str:
    """Return `[Content_Types].xml`, with the type of each file name extension."""
    extensions = sorted({name.rpartition(".")[2] for name in names if "." in Path(name).name})
    types = "".join(f'<Default Extension=".{one}" ContentType="{_TYPES.get(one, "application/octet-stream")}"/>' for one in extensions)
    return f'<?xml version="1.0" encoding="utf-8"?>\n<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{types}</Types>\n'


def install_libraries(folder: Path) -> Path:
    """Install the libraries of the lock file in a folder; return their `node_modules`."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("pack.py: npm is not on the PATH; install Node.js")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    subprocess.run([npm, "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True, timeout=600)
    return folder / "node_modules"


def pack(target: Path, libraries: Path) -> None:
    """Write the archive."""
    files = {f"extension/{name}": HERE / name for name in FILES} | {"extension/LICENSE.txt": LICENSE}
    for path in sorted(libraries.rglob("*")):
        inner = path.relative_to(libraries)
        if path.is_file() and ".bin" not in inner.parts and (path.name.lower().startswith("license") or not path.name.endswith(_UNUSED)) and path.name != ".package-lock.json":
            files[f"extension/node_modules/{inner.as_posix()}"] = path
    package = json.loads((HERE / "package.json").read_text(encoding="utf-8"))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("extension.vsixmanifest", manifest(package)), ("[Content_Types].xml", content_types([*files, ".vsixmanifest"]))):
            archive.writestr(zipfile.ZipInfo(name, _DATE), text, zipfile.ZIP_DEFLATED)
        for name, path in files.items():  # noqa: PRL101 - an archive is written in order
            archive.writestr(zipfile.ZipInfo(name, _DATE), path.read_bytes(), zipfile.ZIP_DEFLATED)


def main() -> None:
    """Pack the extension, and print the name of the archive."""
    version = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["version"]
    parser = argparse.ArgumentParser(description="Pack the extension for Visual Studio Code.")
    parser.add_argument("file", type=Path, nargs="?", default=Path(f"par-lint-{version}.vsix"), help="the archive (%(default)s)")
    target = parser.parse_args().file
    with tempfile.TemporaryDirectory() as folder:
        pack(target, install_libraries(Path(folder)))
    print(target)


if __name__ == "__main__":
    main()
