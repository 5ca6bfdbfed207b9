"""Findings and actions as plain dicts in the format of the Language Server Protocol, for both servers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from par_lint.core.files.read_errors import SyntaxProblem
from par_lint.core.files.source_text import UnparsableSource
from par_lint.core.files.text_spans import Place, Span, TextEdit, from_code_units, to_code_units
from par_lint.frontends.editors.code_actions import FIX_ALL, FIX_ALL_TITLE, QUICK_FIX, Action, Buffer
from par_lint.frontends.editors.shown_findings import MarkedFinding
from par_lint.rules.doc_url import page_link

SOURCE = "par-lint"
SEVERITIES = {"error": 1, "warning": 2, "information": 3, "hint": 4}
VENDOR = "par-lint.vendor"
"""The command that copies the runtime into the project of a document."""
_AUTOMATIC = 2  # the editor requested the actions, for example to draw a light bulb, and not the user


@dataclass(frozen=True)
class Client:
    """The capabilities and settings of an editor."""

    encoding: str = "utf-16"
    """The unit of columns."""
    takes_versions: bool = False
    """Edits may name the version of the document."""
    resolves: bool = False
    """The editor asks for the edits of the one action that the user chose."""
    severity: int = SEVERITIES["warning"]
    vendors: bool = False
    """The editor can run the command that copies the runtime into the project."""


@dataclass(frozen=True)
class DocumentMessages:
    """Creates the messages about one state of one document."""

    uri: str
    version: int | None
    client: Client
    buffer: Buffer

    def diagnostics(self, *, with_syntax_error: bool = True) -> list[dict[str, Any]]:
        """Return the diagnostics of all findings; while the text cannot be parsed, the syntax error and the last findings."""
        error = self.buffer.syntax_error if with_syntax_error else None
        return [*([self._syntax_error(error)] if error is not None else []), *(self.diagnostic(marked) for marked in self.buffer.shown)]

    def _syntax_error(self, error: UnparsableSource) -> dict[str, Any]:
        row = min(error.line, len(self.buffer.lines) or 1) - 1
        end = len(self._line(row).rstrip())
        span = Span(Place(row, min(error.column - 1, max(end - 1, 0))), Place(row, end))
        return {"range": self.range(span), "severity": SEVERITIES["error"], "code": SyntaxProblem.CODE, "source": SOURCE, "message": error.reason}

    def diagnostic(self, marked: MarkedFinding) -> dict[str, Any]:
        """Return the diagnostic of one finding. Related information is the reason why it has no fix, and the way to I/O in other files.

        There are no tags: editors fade out `Unnecessary` code and strike out `Deprecated` code, and ours is neither.
        """
        finding = marked.finding
        written: dict[str, Any] = {
            "range": self.range(marked.span),
            "severity": self.client.severity,
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
            found += self.buffer.find_actions(self.span(asked), is_lazy=self.client.resolves)
        if _is_kind(FIX_ALL, only) and (only or context.get("triggerKind") != _AUTOMATIC):
            found += self._fix_all()
        return [self._action(action) for action in found]

    def _fix_all(self) -> list[Action]:
        if self.client.resolves:
            return [Action(FIX_ALL_TITLE, FIX_ALL)] if self.buffer.offers_fix_all else []
        return [self.buffer.fix_all] if self.buffer.fix_all is not None else []

    def resolve(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """Return the edit of an action that was sent without one; None if there is no such fix after all."""
        if data["kind"] == FIX_ALL:
            action = self.buffer.fix_all
        else:
            marked = next((marked for marked in self.buffer.findings if _place(marked) == data["place"]), None)
            make = self.buffer.noqa if data["is_comment"] else self.buffer.quick_fix
            action = make(marked) if marked is not None else None
        return self._workspace_edit(action.edits) if action is not None and action.edits else None

    def _action(self, action: Action) -> dict[str, Any]:
        written: dict[str, Any] = {"title": action.title, "kind": action.kind}
        if action.is_note and action.offer is not None and self.client.vendors:
            written["title"] = f"{action.title}; {action.offer}"
            written["command"] = {"title": written["title"], "command": VENDOR, "arguments": [self.uri]}
        elif action.is_note:
            written["disabled"] = {"reason": action.title}
        elif action.edits is not None:
            written["edit"] = self._workspace_edit(action.edits)
        else:
            place = _place(action.marked) if action.marked is not None else None
            written["data"] = {
                "uri": self.uri, "version": self.version, "kind": action.kind, "place": place, "is_comment": action.is_comment,
            }  # fmt: skip
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
        return next((marked.finding.code for marked in self.buffer.shown if marked.span.start <= place <= marked.span.end), None)

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


def _place(marked: MarkedFinding) -> list[Any]:
    """Return what identifies a finding in one version of a text, as JSON gives it back."""
    return [marked.finding.line, marked.finding.column, marked.finding.code, marked.finding.message]


def _is_kind(kind: str, only: list[str] | None) -> bool:
    """Return whether an editor that asks for some kinds of actions, or for all, wants this kind."""
    return only is None or any(f"{kind}.".startswith(f"{wanted}.") for wanted in only)
