"""How long an editor waits: `python tests/benchmarks/editors.py FILE...`, with files of about 5,000 lines.

Drives `par-lint lsp` as VS Code does (pulled diagnostics, resolved actions), with loops added at the end of each file. "Cold" is an
action right after a change; the others come when the user has looked at the findings for a while. Wall time: measure on a quiet machine.
"""

from __future__ import annotations

import argparse
import ast
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

LOOPS = 12
ROUNDS = 6
LOOP = """
def reads{0}(paths: list[pathlib.Path]):
    found = []
    for path in paths:
        found.append(path.read_text())
    return found


"""
CAPABILITIES = {
    "workspace": {"workspaceEdit": {"documentChanges": True}},
    "textDocument": {"diagnostic": {}, "codeAction": {"dataSupport": True, "resolveSupport": {"properties": ["edit"]}}},
}
_T = TypeVar("_T")


class Server:
    """The language server with one document."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "par_lint", "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.uri = (folder / "m.py").as_uri()
        self.version = 0
        self.number = 0
        self.ask("initialize", processId=None, rootUri=folder.as_uri(), capabilities=CAPABILITIES)
        self.send("initialized")

    def send(self, method: str, number: int | None = None, **parameters: object) -> None:
        message = {"jsonrpc": "2.0", "method": method, "params": parameters} | ({"id": number} if number is not None else {})
        data = json.dumps(message).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self.process.stdin.flush()

    def ask(self, method: str, **parameters: object) -> Any:
        self.number += 1
        self.send(method, self.number, **parameters)
        assert self.process.stdout is not None
        while True:
            size = 0
            while (line := self.process.stdout.readline().strip()):
                name, _, value = line.partition(b":")
                size = int(value) if name.lower() == b"content-length" else size
            message = json.loads(self.process.stdout.read(size))
            if message.get("id") == self.number and "method" not in message:
                return message["result"]

    def show(self, text: str) -> None:
        """Open the document, or change it."""
        self.version += 1
        document = {"uri": self.uri, "version": self.version}
        if self.version == 1:
            self.send("textDocument/didOpen", textDocument={**document, "languageId": "python", "text": text})
        else:
            self.send("textDocument/didChange", textDocument=document, contentChanges=[{"text": text}])

    def findings(self) -> list[Any]:
        return list(self.ask("textDocument/diagnostic", textDocument={"uri": self.uri})["items"])

    def actions(self, finding: Any, **context: object) -> list[Any]:
        return list(self.ask("textDocument/codeAction", textDocument={"uri": self.uri}, range=finding["range"], context={"diagnostics": [finding], **context}))


def measure(path: Path, idle: float) -> dict[str, list[float]]:
    """Return the milliseconds of each kind of request."""
    text = path.read_text()
    ast.parse(text)
    text += "\n\nimport pathlib\n\n" + "".join(LOOP.format(number) for number in range(LOOPS))
    taken: dict[str, list[float]] = {}

    def timed(name: str, request: Callable[..., _T], *arguments: object, **named: object) -> _T:
        start = time.perf_counter()
        answer = request(*arguments, **named)
        taken.setdefault(name, []).append(1000 * (time.perf_counter() - start))
        return answer

    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        for number in range(ROUNDS):
            server.show(f"{text}x = {number}\n")
            findings = timed("findings after a change", server.findings)
            if number % 2:
                (first, *_) = timed("actions, cold", server.actions, findings[-1])
                timed("edits, cold", server.ask, "codeAction/resolve", **first)
                continue
            time.sleep(idle)
            for finding in findings:
                for action in timed("actions", server.actions, finding):
                    if "edit" not in action:
                        timed("edits", server.ask, "codeAction/resolve", **action)
        server.process.kill()
    return taken


def main() -> None:
    """Print a table for each file."""
    parser = argparse.ArgumentParser(description="How long an editor waits.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--idle", type=float, default=5, help="seconds that the user looks at the findings (%(default)s)")
    options = parser.parse_args()
    for path in options.files:
        print(f"{path.name}, {len(path.read_text().splitlines()):,} lines")
        for name, values in measure(path, options.idle).items():
            last = sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]
            print(f"  {name}: median {statistics.median(values):.0f} ms, p95 {last:.0f} ms, of {len(values)}")


if __name__ == "__main__":
    main()
