"""The commands of the language server: what an editor's command palette can do beside fixes."""

from __future__ import annotations

from pathlib import Path

from par_lint.core.config.loading import load_config
from par_lint.engine.runtime_module.location import display_path, find_runtime
from par_lint.engine.runtime_module.vendored_copy import vendor
from par_lint.rules.doc_url import page_link
from par_lint.rules.rule_docs import all_pages

RULES = "par-lint.rules"


def vendor_for(path: Path, text: str) -> tuple[str, bool]:
    """Copy the runtime to where a file can import it, if it needs a copy. Return a line that says what was done, and whether something was.

    Raises Problem or ConfigError.
    """
    config = load_config(path)
    runtime = find_runtime(path, config, source=text.encode("utf-8", "replace"))
    if runtime.module is not None:
        return f"no copy is needed: {path.name} can import run_parallel from {runtime.module}", False
    if runtime.copy is None:
        return f"no copy was made for {display_path(path)} ({runtime.reason}): {runtime.adding}, or name a module with `runtime` in [tool.par-lint]", False
    return vendor(runtime.copy), True


def rules() -> list[dict[str, str | None]]:
    """Return all rules for a list to choose from, each with the link to its page."""
    return [{"code": page.code, "name": page.name, "summary": page.summary, "page": page_link(page.code)} for page in all_pages()]
