"""The settings that a user makes in the editor, as the language server receives them: the section `par-lint`."""

from __future__ import annotations

from typing import Any

from par_lint.frontends.editors.lsp_messages import SEVERITIES

SECTION = "par-lint"
SEVERITY = "severity"


class InvalidSetting(Exception):
    """A setting with a value that is not allowed. The message is one line."""


def severity_in(settings: Any) -> int:
    """Return the severity of findings in the settings of the editor: the section, or settings that contain it. Raises InvalidSetting."""
    section = settings.get(SECTION, settings) if isinstance(settings, dict) else None
    named = section.get(SEVERITY) if isinstance(section, dict) else None
    if named is None:
        return SEVERITIES["warning"]
    found = SEVERITIES.get(named) if isinstance(named, str) else None
    if found is None:
        raise InvalidSetting(f"{SECTION}.{SEVERITY}: unknown value {named!r}; use one of {', '.join(SEVERITIES)}")
    return found
