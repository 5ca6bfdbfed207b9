"""Programs do the same before and after their fix: output, exit code, exception, files left behind, requests sent.

The first line of a program says which fixes change it: `# fix: safe`, `# fix: unsafe` (safe ones alone change nothing)
`# fix: none`, or `# fix: person` (unsafe, and not the same: what a person would have to refuse). Each runs in a folder of its own and may send requests to a server at its first argument.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

PROGRAMS = sorted((Path(__file__).parents[1] / "equivalence").glob("*.py"))
ENOUGH = 20
Request = tuple[str, str, bytes]


class Server(ThreadingHTTPServer):
    """Answers every path with its own name, `/gone` with 404, and keeps what was asked."""

    requests: list[Request]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.requests.append((self.command, self.path, body))
        answer = f"this is {self.path}".encode()
        self.send_response(404 if self.path == "/gone" else 200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.requests = []
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@dataclass(frozen=True)
class Behaviour:
    """All that a program did that others can see."""

    code: int
    printed: str
    error: str
    files: dict[str, bytes]
    requests: Counter[Request]


def behaviour(source: bytes, folder: Path, server: Server) -> Behaviour:
    """Run a program in a new folder."""
    folder.mkdir()
    program = folder / "program.py"
    program.write_bytes(source)
    work = folder / "work"
    prepare(work)
    server.requests.clear()
    base = f"http://127.0.0.1:{server.server_port}"
    done = subprocess.run(
        [sys.executable, str(program), base], cwd=work, capture_output=True, text=True, timeout=60, check=False
    )
    files = {str(path.relative_to(work)): path.read_bytes() for path in work.rglob("*") if path.is_file()}
    error = done.stderr.strip().splitlines()[-1:] or [""]
    return Behaviour(done.returncode, done.stdout, error[0], files, Counter(server.requests))


def prepare(work: Path) -> None:
    """The files that programs read."""
    for number in range(6):
        write(work / "data" / f"{number}.txt", f"line {number}\n" * number)
        write(work / "links" / f"{number}.txt", f"{number + 1}.txt" if number < 5 else "")
    write(work / "data" / "lines.txt", "header\nabcdefghijklmnopqrstuvwxyz\n")
    for name in "abcd":
        write(work / "data" / f"{name}.json", f'{{"name": "{name}"}}')
        for number in range(3):
            write(work / "tree" / name / f"{number}.txt", f"{name}{number}")
    write(work / "data" / "broken.json", '{"name": ')
    (work / "data" / "binary.bin").write_bytes(b"\xff\xfe\xff")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_there_are_enough_programs() -> None:
    kinds = Counter(declared(path) for path in PROGRAMS)
    assert kinds["safe"] >= ENOUGH
    assert kinds["unsafe"] >= 5
    assert kinds["none"] >= 5


def declared(path: Path) -> str:
    return path.read_text().partition("\n")[0].removeprefix("# fix: ")


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_program_does_the_same_after_its_fix(path: Path, tmp_path: Path, server: Server) -> None:
    source = path.read_bytes()
    safe = fix(source, Config(), runtime="par_lint.parallel").source
    every = fix(source, Config(), unsafe=True, runtime="par_lint.parallel").source
    assert (safe != source, every != source) == {
        "safe": (True, True), "unsafe": (False, True), "none": (False, False), "person": (False, True)
    }[declared(path)], every.decode()  # fmt: skip

    if declared(path) == "person":
        return
    before = behaviour(source, tmp_path / "before", server)
    for number, fixed in enumerate({safe, every} - {source}):
        assert any(word in fixed for word in (b"run_parallel", b"gather(", b"started = ", b"run_together"))
        after = behaviour(fixed, tmp_path / f"after{number}", server)
        assert (after.code, after.printed, after.error, after.files) == (before.code, before.printed, before.error, before.files)
        assert not before.requests - after.requests
        # Pages ahead of one that raised may have been asked for. Nothing else may be sent, and nothing twice.
        ahead = after.requests - before.requests
        assert not ahead or before.code != 0
        assert all(method == "GET" for method, _, _ in ahead)
