"""Recall and precision of PRL104 on hand-labelled loops, next to another flake8 plugin's rule, such as WPS476 of wemake-python-styleguide.

    python tests/benchmarks/await_in_loop.py FOLDER LABELS.jsonl ... [--peer PYTHON WPS476]

A label is one JSON object on a line: `artifact` and `path` (the file is FOLDER/src/artifact/path), `line`, `code`, `label` ("report" or
"silent") and perhaps `alt_lines`; only those with the code PRL104 count. PYTHON has flake8 with the other plugin. A finding of a loop rule
within one line, or on another loop of the same nest, is the label's; one of the other plugin anywhere in the loop is.
"""

from __future__ import annotations

import argparse
import ast
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LOOPS = (ast.For, ast.AsyncFor, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
OURS = ("PRL101", "PRL102", "PRL103", "PRL104", "PRL105", "PRL111")
Found = dict[Path, set[int]]


def load(folder: Path, names: list[str]) -> dict[Path, list[dict[str, Any]]]:
    """Return the labels of the rule by file."""
    by_file: defaultdict[Path, list[dict[str, Any]]] = defaultdict(list)
    for name in names:
        for label in map(json.loads, Path(name).read_text().splitlines()):
            if label["code"] == "PRL104":
                by_file[folder / "src" / label["artifact"] / label["path"]].append(label)
    return by_file


def lint(python: str, codes: tuple[str, ...], files: list[Path]) -> Found:
    """Return the lines of the findings of some codes by file."""
    command = [python, "-m", "flake8", "--isolated", "--disable-noqa", "--select", ",".join(codes), "--format", "%(path)s\t%(row)d", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stderr)
    found: Found = defaultdict(set)
    for row in done.stdout.splitlines():
        path, _, line = row.rpartition("\t")
        found[Path(path)].add(int(line))
    return found


def nest(tree: ast.Module, line: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last lines of the loops at a line, and of those around and inside them."""
    loops = [node for node in ast.walk(tree) if isinstance(node, LOOPS)]
    own = [loop for loop in loops if abs(loop.lineno - line) <= 1]
    for loop in loops:
        if any(_holds(loop, one) or _holds(one, loop) for one in own):
            yield loop.lineno, loop.end_lineno or loop.lineno


def _holds(outer: ast.expr | ast.stmt, inner: ast.expr | ast.stmt) -> bool:
    return outer.lineno <= inner.lineno and (inner.end_lineno or 0) <= (outer.end_lineno or 0)


def score(labels: dict[Path, list[dict[str, Any]]], found: Found, *, in_body: bool) -> str:
    """Return recall and precision as text; `in_body` says that findings are at the `await`, not at the loop."""
    hits = misses = alarms = 0
    for path, its in labels.items():
        tree = ast.parse(path.read_bytes())
        for label in its:
            lines = {label["line"] + shift for shift in (-1, 0, 1)} | set(label.get("alt_lines", ()))
            for first, last in nest(tree, label["line"]):
                if in_body and first >= label["line"] - 1:
                    lines.update(range(first, last + 1))
                elif label["label"] == "report":
                    lines.add(first)
            is_found = not lines.isdisjoint(found.get(path, ()))
            if label["label"] == "report":
                hits, misses = hits + is_found, misses + (not is_found)
            else:
                alarms += is_found
    return f"recall {hits / (hits + misses):.0%} ({hits} of {hits + misses}), precision {hits / max(1, hits + alarms):.0%} ({hits} of {hits + alarms})"


def main() -> None:
    """Print one line for each plugin."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("labels", nargs="+")
    parser.add_argument("--peer", nargs=2, metavar=("PYTHON", "CODE"))
    args = parser.parse_args()
    labels = load(args.folder, args.labels)
    print("PRL104:", score(labels, lint(sys.executable, OURS, list(labels)), in_body=False))
    if args.peer:
        python, code = args.peer
        print(f"{code}:", score(labels, lint(python, (code,), list(labels)), in_body=True))


if __name__ == "__main__":
    main()
