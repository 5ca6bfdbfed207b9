"""Pages and tables about the rules, made from their docstrings."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from par_lint.core import internal_errors
from par_lint.core.config.rule_codes import find_code, unknown_code_message
from par_lint.core.config.schema import SCHEMA
from par_lint.core.files.problems import Problem
from par_lint.core.findings import FixAvailability
from par_lint.rules import all_rules

BEGIN, END = "<!-- rules:begin -->", "<!-- rules:end -->"
SETTINGS = "settings"
_ABOUT_SETTINGS = """\
The keys of [tool.par-lint] in pyproject.toml, the nearest upward from a file; all are optional, (...) is what holds without one.
Codes are written in any case, by the name of a rule, or by their beginning: PRL101, prl101, sequential-file-io, PRL1.

select, ignore, per-file-ignores and exclude hold for check, fix, flake8 and editors. Where flake8's own configuration says something
about the same, it is stronger: its select or extend-select stands in the place of ours where it names a PRL code, so do its ignore and
per-file-ignores, and any exclude; extend-ignore and extend-exclude are added. What the command line says, say --select, is stronger than
both. Of two words that fit a code the longer decides: select = ["PRL101"] is stronger than ignore = ["PRL1"]. Patterns are flake8's: of
a name, or with a slash of a path from the folder of the pyproject.toml. Files left out are so even if a command names them.
`par-lint config` shows what is in force, and `par-lint config --schema` prints a JSON schema for editors.
"""
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
    failed = Page(internal_errors.CODE, internal_errors.NAME, FixAvailability.NEVER.value, internal_errors.MESSAGE, (internal_errors.__doc__ or "").strip())
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
    """The pages of rules, named by code, its beginning or name. Raises Problem for one that there is not."""
    if as_json:
        return json.dumps([record for word in wanted for record in ([SCHEMA] if word == SETTINGS else map(_record, _find(word)))], indent=2)
    return "\n\n\n".join(text for word in wanted for text in ([settings_page()] if word == SETTINGS else map(_shown, _find(word))))


def _shown(page: Page) -> str:
    return f"{page.code} {page.name}\nFix: {page.fix}\n\n{page.text}"


def settings_page() -> str:
    """What each key of [tool.par-lint] is, by its schema."""
    return f"{_ABOUT_SETTINGS}\n{chr(10).join(_keys(SCHEMA['properties']))}"


def _keys(properties: dict[str, Any], indent: str = "") -> Iterator[str]:
    for key, schema in properties.items():
        yield f"{indent}{key}: {schema['description']}{_default(schema)}"
        yield from _keys(schema.get("items", schema).get("properties", {}), indent + "    ")


def _default(schema: dict[str, Any]) -> str:
    return f" ({json.dumps(schema['default'])})" if schema.get("default") else ""


def markdown(code: str) -> str:
    """The page of a rule, as editors and viewers show it."""
    (page,) = _find(code)
    title = f"{page.code} {page.name}"
    text = _EXAMPLE.sub(_fenced, page.text)
    return f"{title}\n{'=' * len(title)}\n\nFix: {page.fix}\n\n{text}\n"


def _fenced(example: re.Match[str]) -> str:
    code = textwrap.dedent(example["code"]).strip("\n")
    return f"{example['label']}:\n\n```python\n{code}\n```\n\n"


def _find(word: str) -> list[Page]:
    code = find_code(word)
    if code is None:
        raise Problem(unknown_code_message(word))
    return [page for page in (all_pages() if code == internal_errors.CODE else pages()) if page.code.startswith(code)]


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
