"""A fix moves the I/O itself, never another part of the loop: then the finding would be gone, and nothing gained."""

from __future__ import annotations

import textwrap

import pytest

from par_lint.core.config.settings import Config
from par_lint.engine.fix_file import fix

BODIES = {
    "else of a for": "for name in skipped:\n    if name in path:\n        break\nelse:\n    {io}",
    "else of a for over a part": "for name in self.skipped:\n    if name in path:\n        break\nelse:\n    {io}",
    "else of a while": "while skipped:\n    if skipped.pop() == path:\n        break\nelse:\n    {io}",
    "body of a for": "for name in skipped:\n    if name in path:\n        {io}",
    "else of a for that reads, too": "for line in open(path + '.a').read().split():\n    out.append(line)\nelse:\n    {io}",
}
IO = {"read": "out.append(open(path).read())", "write": "open(path, 'w').write(path)"}


@pytest.mark.parametrize("io", IO.values(), ids=list(IO))
@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_what_moves(body: str, io: str) -> None:
    source = "def main(self, paths, skipped):\n    out = []\n    for path in paths:\n" + textwrap.indent(body.format(io=io), " " * 8) + "\n    return out\n"
    assert not fix(source.encode(), Config(), runtime="par_lint.parallel").fixed
    fixed = fix(source.encode(), Config(), unsafe=True, runtime="par_lint.parallel").source.decode()
    assert fixed == source or "lambda path: open(" in fixed or "open(path" in fixed.partition("run_parallel(")[0]
