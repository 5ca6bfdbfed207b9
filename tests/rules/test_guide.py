"""The guide that the rules come from: its bad examples, made whole, are reported, its good ones are silent, its quick reference runs."""

from __future__ import annotations

import ast
import textwrap

import pytest

from par_lint import parallel
from par_lint.core.config.settings import Config
from par_lint.core.files.source_text import split_lines
from par_lint.engine.lint_file import lint

BAD = {
    "sequential loop with I/O": ("PRL101", """
        def process(content):
            print(len(content))

        def main(files):
            for file in files:
                content = open(file).read()
                process(content)
    """),
    "nested loops": ("PRL111", """
        from glob import glob

        def process(file):
            print(file)

        def main(dirs):
            for dir in dirs:
                for file in glob(dir + "/*.py"):
                    process(file)
    """),
    "low max_workers for I/O": ("PRL401", """
        import requests
        from parallel import run_parallel

        def fetch_url(url):
            return requests.get(url, timeout=5)

        def main(urls):
            run_parallel(fetch_url, urls, max_workers=5)
    """),
    "threads for computing": ("PRL301", """
        from parallel import run_parallel

        def cpu_intensive_hash(data):
            value = 0
            for byte in data:
                value = (value * 31 + byte) % 1000003
            return value

        def main(data):
            run_parallel(cpu_intensive_hash, data, max_workers=50)
    """),
    "a subprocess without a timeout": ("PRL201", """
        import subprocess

        def main(cmd):
            subprocess.run(cmd, capture_output=True, text=True)
    """),
}  # fmt: skip
GOOD = {
    "files": """
        from parallel import run_parallel

        def read_file(filepath):
            with open(filepath) as f:
                return f.read()

        def main(files):
            results = run_parallel(read_file, files, max_workers=50)
            for item, result, error in results:
                if error:
                    print(f"Failed {item}: {error}")
                else:
                    print(f"Success: {result}")
    """,
    "commands": """
        import subprocess
        from parallel import run_parallel

        def run_cmd(cmd):
            return subprocess.run(cmd, timeout=10, capture_output=True, text=True, check=False)

        def main(commands):
            results = run_parallel(run_cmd, commands, max_workers=10)
            return results
    """,
    "processes for computing": """
        from concurrent.futures import ProcessPoolExecutor

        def cpu_intensive_hash(data):
            value = 0
            for byte in data:
                value = (value * 31 + byte) % 1000003
            return value

        def main(data):
            with ProcessPoolExecutor() as executor:
                results = executor.map(cpu_intensive_hash, data)
                return list(results)
    """,
    "a timeout by the kind of command": """
        import subprocess

        def main(cmd, command_type):
            timeout = {'git push': 30, 'pytest': 60, 'npm install': 120, 'default': 10}.get(command_type, 10)
            subprocess.run(cmd, timeout=timeout, capture_output=True, text=True)
    """,
    "checks inside one hook": """
        from concurrent.futures import ThreadPoolExecutor

        def check_pattern1():
            return open("1.txt").read()

        def check_pattern2():
            return open("2.txt").read()

        def check_pattern3():
            return open("3.txt").read()

        def run():
            with ThreadPoolExecutor(max_workers=5) as executor:
                futures = {
                    executor.submit(check_pattern1): 'pattern1',
                    executor.submit(check_pattern2): 'pattern2',
                    executor.submit(check_pattern3): 'pattern3',
                }
                results = {name: future.result() for future, name in futures.items()}
            return results
    """,
    "nested loops, flattened": """
        from glob import glob
        from parallel import run_parallel

        def process(file):
            print(file)

        def main(dirs):
            all_files = [f for d in dirs for f in glob(d + "/*.py")]
            return run_parallel(process, all_files, max_workers=50)
    """,
    "a file, read and processed": """
        from parallel import run_parallel

        def read_and_process(file):
            return len(open(file).read())

        def main(files):
            run_parallel(read_and_process, files, max_workers=50)
    """,
    "requests with enough workers": """
        import requests
        from parallel import run_parallel

        def fetch_url(url):
            return requests.get(url, timeout=5)

        def main(urls):
            run_parallel(fetch_url, urls, max_workers=100)
    """,
    "successes only": """
        from parallel import batch_map, optimal_workers

        def main(func, items):
            workers = optimal_workers(len(items), io_bound=True)
            return batch_map(func, items, max_workers=workers)
    """,
}  # fmt: skip


def codes(text: str) -> list[str]:
    text = textwrap.dedent(text)
    return [finding.code for finding in lint(ast.parse(text), split_lines(text), Config())]


@pytest.mark.parametrize(("code", "text"), BAD.values(), ids=BAD)
def test_bad_examples_are_reported(code: str, text: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_good_examples_are_silent(text: str) -> None:
    assert codes(text) == []


def test_the_quick_reference_runs() -> None:
    items, seen = ["1", "2", "x"], []
    results = parallel.run_parallel(int, items, max_workers=50, desc="Processing")
    for item, result, error in results:
        seen.append((item, result if error is None else type(error)))
    assert seen == [("1", 1), ("2", 2), ("x", ValueError)]
    assert parallel.batch_map(int, items, max_workers=50) == [1, 2]
    workers = parallel.optimal_workers(len(items), io_bound=True)
    assert [outcome.result for outcome in parallel.run_parallel(int, items, max_workers=workers)] == [1, 2, None]
