"""Reason templates: text with ``{column}`` and ``{:parameter}`` in it."""

import re
from dataclasses import dataclass

PLACEHOLDER = re.compile(r"\{(:?)([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)\}")


@dataclass(frozen=True)
class Placeholder:
    """A value to fill in: a parameter's, or a column's, of a join's side or a sequence's step if it has a group."""

    name: str
    group: str | None = None
    parameter: bool = False


def parse_template(text: str) -> list[str | Placeholder]:
    """The pieces of a template, in order.

    Raises:
        ValueError: a brace belongs to no placeholder.
    """
    pieces: list[str | Placeholder] = []
    at = 0
    for match in PLACEHOLDER.finditer(text):
        pieces += _plain(text[at : match.start()])
        pieces.append(_placeholder(match))
        at = match.end()
    return pieces + _plain(text[at:])


def _placeholder(match: "re.Match[str]") -> Placeholder:
    group, _, name = match.group(2).rpartition(".")
    return Placeholder(name, group or None, parameter=bool(match.group(1)))


def _plain(text: str) -> list[str | Placeholder]:
    if "{" in text or "}" in text:
        raise ValueError(f"a brace belongs to no placeholder in '{text.strip()}': write {{column}} or {{:parameter}}")
    return [text] if text else []
