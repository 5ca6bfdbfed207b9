"""Pages and tables about the rules, made from their docstrings."""

from __future__ import annotations

import difflib
import functools
import importlib.metadata
import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from par_lint import internal
from par_lint.findings import FixAvailability
from par_lint.problems import Problem
from par_lint.rules import all_rules

BEGIN, END = "<!-- rules:begin -->", "<!-- rules:end -->"
_TITLE = re.compile(r"^(?P<title>\S.*)\n-+\n", re.MULTILINE)
_EXAMPLE = re.compile(r"^(?P<label>Bad|Good)::\n\n(?P<code>(?:    .*\n|\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """What there is to say about one rule; `text` is all of it, as it stands in the rule's file."""

    code: str
    name: str
    fix: str
    message: str
    text: str

    @property
    def summary(self) -> str:
        """The first sentence."""
        return self.text.splitlines()[0]

    @functools.cached_property
    def sections(self) -> dict[str, str]:
        """The sections by their titles."""
        parts = _TITLE.split(self.text)[1:]
        return {title: body.strip("\n") for title, body in zip(parts[::2], parts[1::2], strict=True)}

    @property
    def why(self) -> str:
        """Why it matters."""
        return self.sections["Why"]

    @property
    def examples(self) -> dict[str, str]:
        """The code of the examples, under `bad` and `good`."""
        found = _EXAMPLE.findall(self.sections["Example"] + "\n")
        return {label.lower(): textwrap.dedent(code).strip("\n") + "\n" for label, code in found}


@functools.cache
def pages() -> tuple[Page, ...]:
    """The pages of all rules, by code."""
    rules = [(module.RULE, (module.__doc__ or "").strip()) for module in all_rules()]
    return tuple(Page(rule.code, rule.name, rule.fix.value, rule.message, text) for rule, text in rules)


@functools.cache
def all_pages() -> tuple[Page, ...]:
    """The pages of all rules, then that of what says that par-lint itself failed, which is no rule."""
    failed = Page(internal.CODE, internal.NAME, FixAvailability.NEVER.value, internal.MESSAGE, (internal.__doc__ or "").strip())
    return (*pages(), failed)


def rule_name(code: str) -> str:
    """The name of a rule, such as `sequential-file-io`."""
    return next(page.name for page in all_pages() if page.code == code)


@functools.cache
def help_uri(code: str) -> str | None:
    """Where the page of a rule is on the web; None while the distribution names no documentation."""
    urls = importlib.metadata.metadata("par-lint").get_all("Project-URL") or []
    named = dict(url.split(", ", 1) for url in urls if ", " in url)
    return f"{named['Documentation']}#{code.lower()}" if "Documentation" in named else None


def explain(wanted: Sequence[str], *, as_json: bool = False) -> str:
    """The pages of rules, named by code or name. Raises Problem for one that there is not."""
    found = [_find(word) for word in wanted]
    if as_json:
        return json.dumps([_record(page) for page in found], indent=2)
    return "\n\n\n".join(f"{page.code} {page.name}\nFix: {page.fix}\n\n{page.text}" for page in found)


def markdown(code: str) -> str:
    """The page of a rule, as editors and viewers show it."""
    page = _find(code)
    title = f"{page.code} {page.name}"
    text = _EXAMPLE.sub(_fenced, page.text)
    return f"{title}\n{'=' * len(title)}\n\nFix: {page.fix}\n\n{text}\n"


def _fenced(example: re.Match[str]) -> str:
    code = textwrap.dedent(example["code"]).strip("\n")
    return f"{example['label']}:\n\n```python\n{code}\n```\n\n"


def _find(word: str) -> Page:
    by_word = {key: page for page in all_pages() for key in (page.code.lower(), page.name)}
    page = by_word.get(word.lower())
    if page is not None:
        return page
    close = {by_word[key] for key in difflib.get_close_matches(word.lower(), by_word, n=3, cutoff=0.7)}
    hint = " or ".join(sorted(f"{page.code} ({page.name})" for page in close))
    known = f"there are {', '.join(page.code for page in pages())}"
    raise Problem(f"{word}: no such rule; " + (f"did you mean {hint}?" if hint else known))


def _record(page: Page) -> dict[str, object]:
    return {
        "code": page.code, "name": page.name, "fix": page.fix, "summary": page.summary, "message": page.message, "why": page.why,
        "examples": page.examples, "silent_when": page.sections["Silent when"], "fix_safety": page.sections["Fix safety"],
        "url": help_uri(page.code),
    }  # fmt: skip


def rules_table() -> str:
    """All rules as a Markdown table."""
    lines = ["| code | name | what it reports | fix |", "|---|---|---|---|"]
    lines += [f"| {page.code} | {page.name} | {page.summary} | {page.fix} |" for page in pages()]
    return "\n".join(lines)


def with_table(text: str) -> str:
    """A document with the table between its two marks renewed."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{rules_table()}\n{END}{after}"
