"""Pages and tables about the rules, generated from their docstrings."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import importlib.util
import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from par_lint.core import internal_errors, unused_noqa
from par_lint.core.config.rule_codes import find_code, unknown_code_message
from par_lint.core.config.schema import SCHEMA
from par_lint.core.files.read_errors import Problem
from par_lint.core.findings import FixAvailability
from par_lint.rules import rule_modules

BEGIN, END = "<!-- rules:begin -->", "<!-- rules:end -->"
SETTINGS = "settings"
_ABOUT_SETTINGS = """\
The keys of [tool.par-lint], read from the nearest pyproject.toml in the file's folder or above. All keys are optional; defaults are in
parentheses. A code can be written in upper or lower case, as a rule name, or as a prefix: PRL101, prl101, sequential-file-io, PRL1.

select, ignore, per-file-ignores and exclude apply to check, fix, flake8 and editors. flake8's own configuration has priority: its select
or extend-select replaces the select here if it contains a PRL code; its ignore, per-file-ignores and exclude replace ours in the same
way; extend-ignore and extend-exclude are added. Command-line options such as --select have priority over both. If several entries match
a code, the longest one decides: select = ["PRL101"] beats ignore = ["PRL1"]. Patterns work as in flake8: they match a file name, or,
with a slash, a path relative to the folder of the pyproject.toml. An excluded file is skipped even if a command names it.
`par-lint config` shows the settings in effect, and `par-lint config --schema` prints a JSON schema for editors.
"""
_TITLE = re.compile(r"^(?P<title>\S.*)\n-+\n", re.MULTILINE)
_EXAMPLE = re.compile(r"^(?P<label>Bad|Good)::\n\n(?P<code>(?:    .*\n|\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """The documentation of one rule. `text` is the docstring of the rule's module."""

    code: str
    name: str
    fix: str
    message: str
    text: str

    @property
    def summary(self) -> str:
        """Return the first sentence."""
        return self.text.splitlines()[0]

    @functools.cached_property
    def sections(self) -> dict[str, str]:
        """Return the sections by title."""
        parts = _TITLE.split(self.text)[1:]
        return {title: body.strip("\n") for title, body in zip(parts[::2], parts[1::2], strict=True)}

    @property
    def why(self) -> str:
        """Return the reason for the rule."""
        return self.sections["Why"]

    @property
    def examples(self) -> dict[str, str]:
        """Return the code of the examples, under `bad` and `good`."""
        found = _EXAMPLE.findall(self.sections["Example"] + "\n")
        return {label.lower(): textwrap.dedent(code).strip("\n") + "\n" for label, code in found}


@functools.cache
def pages() -> tuple[Page, ...]:
    """Return the pages of all rules, sorted by code. The rules are read and not imported, which would import libcst."""
    return tuple(sorted(map(_read_page, rule_modules()), key=lambda page: page.code))


def _read_page(module: str) -> Page:
    """Return the page of a rule from the source of its module: its docstring, and `RULE = Rule(code, name, message, FixAvailability...)`."""
    spec = importlib.util.find_spec(module)
    assert spec is not None
    assert spec.loader is not None
    tree = ast.parse(spec.loader.get_source(module))  # type: ignore[attr-defined]
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name("RULE")], value=ast.Call(args=[code, name, message, ast.Attribute(attr=fix), *_])):
                text = (ast.get_docstring(tree, clean=False) or "").strip()
                return Page(ast.literal_eval(code), ast.literal_eval(name), FixAvailability[fix].value, ast.literal_eval(message), text)
            case _:
                pass
    raise LookupError(f"{module} has no RULE")


@functools.cache
def all_pages() -> tuple[Page, ...]:
    """Return the pages of all rules, then those of the codes that are not rules: internal errors and unused comments."""
    failed = Page(internal_errors.CODE, internal_errors.NAME, FixAvailability.NEVER.value, internal_errors.MESSAGE, (internal_errors.__doc__ or "").strip())
    unused = Page(unused_noqa.CODE, unused_noqa.NAME, FixAvailability.SAFE.value, unused_noqa.MESSAGE, (unused_noqa.__doc__ or "").strip())
    return (*pages(), failed, unused)


def rule_name(code: str) -> str:
    """Return the name of a rule, such as `sequential-file-io`."""
    return next(page.name for page in all_pages() if page.code == code)


def help_uri(code: str) -> str | None:
    """Return the URL of a rule's page, or None if the package metadata has no documentation URL."""
    url = _documentation_url()
    return f"{url}#{code.lower()}" if url is not None else None


@functools.cache
def _documentation_url() -> str | None:
    urls = importlib.metadata.metadata("par-lint").get_all("Project-URL") or []
    return dict(url.split(", ", 1) for url in urls if ", " in url).get("Documentation")


def explain(wanted: Sequence[str], *, as_json: bool = False) -> str:
    """Return the pages for codes, prefixes of codes, rule names, or `settings`. Raises Problem if there is no such rule."""
    if as_json:
        return json.dumps([record for word in wanted for record in ([SCHEMA] if word == SETTINGS else map(_page_record, _find_pages(word)))], indent=2)
    return "\n\n\n".join(text for word in wanted for text in ([settings_page()] if word == SETTINGS else map(_page_text, _find_pages(word))))


def _page_text(page: Page) -> str:
    return f"{page.code} {page.name}\nFix: {page.fix}\n\n{page.text}"


def settings_page() -> str:
    """Return the description of every key in [tool.par-lint], from its schema."""
    return f"{_ABOUT_SETTINGS}\n{chr(10).join(_describe_keys(SCHEMA['properties']))}"


def _describe_keys(properties: dict[str, Any], indent: str = "") -> Iterator[str]:
    for key, schema in properties.items():
        yield f"{indent}{key}: {schema['description']}{_default(schema)}"
        yield from _describe_keys(schema.get("items", schema).get("properties", {}), indent + "    ")


def _default(schema: dict[str, Any]) -> str:
    return f" ({json.dumps(schema['default'])})" if schema.get("default") else ""


def markdown(code: str) -> str:
    """Return the page of a rule in Markdown."""
    (page,) = _find_pages(code)
    title = f"{page.code} {page.name}"
    text = _EXAMPLE.sub(_fenced, page.text)
    return f"{title}\n{'=' * len(title)}\n\nFix: {page.fix}\n\n{text}\n"


def _fenced(example: re.Match[str]) -> str:
    code = textwrap.dedent(example["code"]).strip("\n")
    return f"{example['label']}:\n\n```python\n{code}\n```\n\n"


def _find_pages(word: str) -> list[Page]:
    code = find_code(word)
    if code is None:
        raise Problem(unknown_code_message(word, (SETTINGS,)))
    return [page for page in (all_pages() if code in (internal_errors.CODE, unused_noqa.CODE) else pages()) if page.code.startswith(code)]


def _page_record(page: Page) -> dict[str, object]:
    return {
        "code": page.code, "name": page.name, "fix": page.fix, "summary": page.summary, "message": page.message, "why": page.why,
        "examples": page.examples, "silent_when": page.sections["Not reported when"], "fix_safety": page.sections["Fix safety"],
        "url": help_uri(page.code),
    }  # fmt: skip


def rules_table() -> str:
    """Return all rules as a Markdown table."""
    lines = ["| code | name | what it reports | fix |", "|---|---|---|---|"]
    lines += [f"| {page.code} | {page.name} | {page.summary} | {page.fix} |" for page in all_pages()]
    return "\n".join(lines)


def insert_rules_table(text: str) -> str:
    """Return a document in which the table between the two markers is up to date."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{rules_table()}\n{END}{after}"
