"""Pages and tables about the rules, made from their docstrings."""

from __future__ import annotations

from types import ModuleType

from par_lint.problems import Problem
from par_lint.rules import all_rules

BEGIN, END = "<!-- rules:begin -->", "<!-- rules:end -->"


def explain(code: str) -> str:
    """The page of a rule. Raises Problem for a code that there is not."""
    module = next((rule for rule in all_rules() if rule.RULE.code == code.upper()), None)
    if module is None:
        known = ", ".join(rule.RULE.code for rule in all_rules())
        raise Problem(f"{code}: no such rule; there are {known}")
    rule = module.RULE
    return f"{rule.code} {rule.name}\nFix: {rule.fix.value}\n\n{_page(module)}"


def _page(module: ModuleType) -> str:
    return (module.__doc__ or "").strip()


def rules_table() -> str:
    """All rules as a Markdown table."""
    lines = ["| code | name | what it reports | fix |", "|---|---|---|---|"]
    for module in all_rules():
        rule = module.RULE
        lines.append(f"| {rule.code} | {rule.name} | {_page(module).splitlines()[0]} | {rule.fix.value} |")
    return "\n".join(lines)


def with_table(text: str) -> str:
    """A document with the table between its two marks renewed."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{rules_table()}\n{END}{after}"
