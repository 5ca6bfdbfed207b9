"""The words of a command in a call."""

from __future__ import annotations

import libcst as cst


def command_words(call: cst.Call) -> list[str]:
    """Return the leading literal words of the command in a subprocess call."""
    if not call.args:
        return []
    match call.args[0].value:
        case cst.SimpleString() as text:
            value = text.evaluated_value
            return value.split() if isinstance(value, str) else []
        case cst.FormattedString(parts=[cst.FormattedStringText(value=text), *_]):
            return text.split()
        case cst.List(elements=elements) | cst.Tuple(elements=elements):
            words = []
            for element in elements:
                match element.value:
                    case cst.SimpleString() as text if isinstance(text.evaluated_value, str):
                        words.append(text.evaluated_value)
                    case cst.Attribute(attr=cst.Name("executable")):
                        words.append("python")
                    case _:
                        break
            if words[:2] == ["python", "-m"]:
                words = words[2:]
            return words
        case _:
            return []
