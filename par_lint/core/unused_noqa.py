"""A `# noqa` comment for a PRL code suppresses nothing.

`par-lint check --unused-noqa` reports these comments, and `par-lint fix --unused-noqa` removes them.

Why
---
The comment outlives the code it was written for: it hides the next real finding on its line, and readers wonder what is wrong there.

Example
-------
Bad::

    print("done")  # noqa: PRL101

Good::

    print("done")

Not reported when
-----------------
The comment names no code, or only codes of other plugins; a finding in its lines is suppressed by it; the code is not selected or is ignored
for the file; the comment is in a string, or is for the whole file (`# flake8: noqa`). Without `--unused-noqa`, and by flake8, it is never
reported.

Fix safety
----------
The fix is safe: only the codes that suppress nothing are removed, and the whole comment if no other code or word is in it.
"""

from __future__ import annotations

from par_lint.core.config.rule_codes import OPTIONAL, UNUSED_NOQA

CODE = UNUSED_NOQA
NAME = OPTIONAL[UNUSED_NOQA]
MESSAGE = "# noqa for {codes} suppresses nothing: remove it"
