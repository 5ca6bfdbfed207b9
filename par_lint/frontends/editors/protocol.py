"""Findings and actions as plain dicts in the format of the Language Server Protocol, for both servers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from par_lint.core.files.text_spans import Place, Span, TextEdit, from_code_units, to_code_units
from par_lint.frontends.editors.code_actions import FIX_ALL, QUICK_FIX, Action, Buffer, MarkedFinding
from par_lint.rules.doc_url import page_link

SOURCE = "par-lint"
_WARNING = 2
_AUTOMATIC = 2  # the editor requested the actions, for example to draw a light bulb, and not the user


@dataclass(frozen=True)
class Client:
    """The capabilities of an editor: the unit of columns, and whether it supports versioned edits."""

    encoding: str = "utf-16"
    takes_versions: bool = False


@dataclass(frozen=True)
class DocumentMessages:
    """Creates the messages about one state of one document."""

    uri: str
    version: int | None
    client: Client
    buffer: Buffer

    def diagnostics(self) -> list[dict[str, Any]]:
        """Return the diagnostics of all findings."""
        return [self.diagnostic(marked) for marked in self.buffer.findings]

    def diagnostic(self, marked: MarkedFinding) -> dict[str, Any]:
        """Return the diagnostic of one finding. Related information is the reason why it has no fix, and the way to I/O in other files.

        There are no tags: editors fade out `Unnecessary` code and strike out `Deprecated` code, and ours is neither.
        """
        finding = marked.finding
        written: dict[str, Any] = {
            "range": self.range(marked.span),
            "severity": _WARNING,
            "code": finding.code,
            "source": SOURCE,
            "message": finding.message,
        }
        page = page_link(finding.code)
        if page is not None:
            written["codeDescription"] = {"href": page}
        if finding.withheld is not None:
            row = finding.withheld.line - 1
            place = self.range(Span(Place(row, 0), Place(row, len(self._line(row).rstrip()))))
            reason = f"not fixed: {finding.withheld.reason}"
            written["relatedInformation"] = [{"location": {"uri": self.uri, "range": place}, "message": reason}]
        for step in finding.via:
            place = {"start": {"line": step.line - 1, "character": 0}, "end": {"line": step.line, "character": 0}}
            location = {"uri": Path(step.path).as_uri(), "range": place}
            written.setdefault("relatedInformation", []).append({"location": location, "message": f"{step.function}() leads to the I/O"})
        return written

    def actions(self, asked: dict[str, Any], context: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the actions for a range of the protocol: quick fixes first, then the action for all safe fixes."""
        only: list[str] | None = context.get("only")
        found: list[Action] = []
        if _is_kind(QUICK_FIX, only):
            found += self.buffer.find_actions(self.span(asked))
        if _is_kind(FIX_ALL, only) and (only or context.get("triggerKind") != _AUTOMATIC) and self.buffer.fix_all:
            found.append(self.buffer.fix_all)
        return [self._action(action) for action in found]

    def _action(self, action: Action) -> dict[str, Any]:
        written: dict[str, Any] = {"title": action.title, "kind": action.kind, "edit": self._workspace_edit(action.edits)}
        if action.marked is not None:
            written["diagnostics"] = [self.diagnostic(action.marked)]
        if action.is_preferred:
            written["isPreferred"] = True
        return written

    def _workspace_edit(self, edits: tuple[TextEdit, ...]) -> dict[str, Any]:
        written = [{"range": self.range(edit.span), "newText": edit.text} for edit in edits]
        if self.client.takes_versions:
            return {"documentChanges": [{"textDocument": {"uri": self.uri, "version": self.version}, "edits": written}]}
        return {"changes": {self.uri: written}}

    def find_code(self, position: dict[str, Any]) -> str | None:
        """Return the code of the finding at a position, or None."""
        place = self.span({"start": position, "end": position}).start
        return next((marked.finding.code for marked in self.buffer.findings if marked.span.start <= place <= marked.span.end), None)

    def range(self, span: Span) -> dict[str, Any]:
        """Convert a span to the editor's units."""
        return {
            side: {"line": place.line, "character": to_code_units(self._line(place.line), place.column, self.client.encoding)}
            for side, place in (("start", span.start), ("end", span.end))
        }

    def span(self, asked: dict[str, Any]) -> Span:
        """Convert a range of the protocol to a span."""
        start, end = (
            Place(asked[side]["line"], from_code_units(self._line(asked[side]["line"]), asked[side]["character"], self.client.encoding))
            for side in ("start", "end")
        )
        return Span(start, end)

    def _line(self, number: int) -> str:
        return self.buffer.lines[number] if number < len(self.buffer.lines) else ""


def _is_kind(kind: str, only: list[str] | None) -> bool:
    """Return whether an editor that asks for some kinds of actions, or for all, wants this kind."""
    return only is None or any(f"{kind}.".startswith(f"{wanted}.") for wanted in only)
