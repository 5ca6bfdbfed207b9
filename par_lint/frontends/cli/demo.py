"""`par-lint demo`: lint and fix a small program, and time it before and after, with a slow local server."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import parse_tree, split_lines
from par_lint.engine.fix_file import fix
from par_lint.engine.lint_file import lint
from par_lint.engine.runtime_module.location import PACKAGED
from par_lint.frontends.cli.fix import unified_diff

_RUN_SECONDS = 120  # seconds, for one run of the program

PROGRAM = '''\
import json
import sys
import urllib.request
from pathlib import Path


def fetch_titles(base, numbers):
    titles = {}
    for number in numbers:
        with urllib.request.urlopen(f"{base}/page/{number}", timeout=10) as response:
            page = json.load(response)
        titles[number] = page["title"]
    return titles


def count_words(folder):
    total = 0
    for path in sorted(Path(folder).glob("*.txt")):
        text = path.read_text()
        total += len(text.split())
    return total


if __name__ == "__main__":
    base, folder, pages = sys.argv[1], sys.argv[2], int(sys.argv[3])
    titles = fetch_titles(base, range(pages))
    print(len(titles), "titles, the last is", titles[pages - 1])
    print(count_words(folder), "words")
'''


def run_demo(pages: int = 50, latency: float = 0.1, files: int = 200) -> int:
    """Show what par-lint does.

    Args:
        pages: the number of pages to fetch.
        latency: the delay of the server for each page, in seconds.
        files: the number of files to read.

    Returns:
        The exit code: 0 if both versions print the same, else 2.
    """
    before = PROGRAM.encode()
    print("A program that fetches pages and reads files one at a time:\n")
    for finding in lint(parse_tree(before), split_lines(PROGRAM), Config()):
        print(f"program.py:{finding.line}:{finding.column}: {finding.code} {finding.message}")
    after = fix(before, Config(), runtime=PACKAGED).source
    print("\n$ par-lint fix program.py\n")
    print(unified_diff("program.py", before, after).decode())
    print(f"Both versions, with {pages} pages from a server that takes {latency * 1000:.0f} ms for each, and {files} files:\n")
    with tempfile.TemporaryDirectory() as name, _slow_server(latency) as base:
        folder = Path(name)
        for number in range(files):  # noqa: PRL101 - not part of the measurement
            (folder / f"{number}.txt").write_text("word " * 50)
        (slow, printed), (fast, also_printed) = (
            _timed(folder / f"{label}.py", source, [base, name, str(pages)]) for label, source in (("before", before), ("after", after))
        )
    print(f"  before {slow:6.2f} s\n  after  {fast:6.2f} s\n\n{slow / fast:.1f} times as fast, and the output is the same:")
    print("".join(f"  {line}\n" for line in also_printed.splitlines()), end="")
    return 0 if printed == also_printed else 2


def _timed(path: Path, source: bytes, arguments: list[str]) -> tuple[float, str]:
    """Return the run time of a program in seconds, without Python's startup time, and its output."""
    path.write_bytes(source)
    command = [sys.executable, str(path), *arguments]
    idle = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import json, urllib.request, pathlib"], check=True, timeout=_RUN_SECONDS)
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_RUN_SECONDS)
    end = time.perf_counter()
    return max(end - start - (start - idle), 0.001), done.stdout


@contextmanager
def _slow_server(latency: float) -> Iterator[str]:
    """Start a local server that answers every request after `latency` seconds; yield its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(latency)
            body = json.dumps({"title": f"Page {self.path.rpartition('/')[2]}"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
