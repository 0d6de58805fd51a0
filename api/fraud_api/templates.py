"""Reason templates: text with ``{column}`` and ``{:parameter}`` in it; ``{{`` and ``}}`` are braces themselves."""

import re
from dataclasses import dataclass

_PLACEHOLDER = re.compile(r"\{(:?)([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)\}")
_NO_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_SHOWN = 24


@dataclass(frozen=True)
class Placeholder:
    """A value to fill in: a parameter's, or a column's, of a join's side or a sequence's step if it has a group."""

    name: str
    group: str | None = None
    parameter: bool = False

    @property
    def full_name(self) -> str:
        """Its name with its group in front."""
        return f"{self.group}.{self.name}" if self.group else self.name


@dataclass(frozen=True)
class Template:
    """A template's pieces in order, and what is wrong with it."""

    pieces: tuple[str | Placeholder, ...]
    faults: tuple[str, ...]

    @property
    def placeholders(self) -> list[Placeholder]:
        """The values to fill in."""
        return [piece for piece in self.pieces if isinstance(piece, Placeholder)]


def parse_template(text: str) -> Template:
    """Read a template; a brace that belongs to no placeholder is a fault, and text."""
    pieces: list[str | Placeholder] = []
    faults = []
    at = 0
    while at < len(text):
        match = _PLACEHOLDER.match(text, at)
        if match and not text.startswith("{{", at):
            group, _, name = match.group(2).rpartition(".")
            pieces.append(Placeholder(name, group or None, parameter=bool(match.group(1))))
            at = match.end()
            continue
        doubled = text[at : at + 2] in ("{{", "}}")
        wrong = None if doubled else _NO_PLACEHOLDER.match(text, at)
        if wrong:
            faults.append(_no_placeholder(wrong[0]))
            pieces.append(wrong[0])
            at = wrong.end()
            continue
        if text[at] in "{}" and not doubled:
            faults.append(_fault(text, at))
        pieces.append(text[at])
        at += 2 if doubled else 1
    return Template(tuple(_joined(pieces)), tuple(faults))


def _no_placeholder(written: str) -> str:
    shown = written if len(written) <= _SHOWN else f"{written[:_SHOWN]}..."
    braces = "{{ and }} are braces themselves"
    return f"'{shown}' is no placeholder, which is {{column}} or {{:parameter}}; {braces}"


def _fault(text: str, at: int) -> str:
    start = at if text[at] == "{" else max(0, at - _SHOWN)
    near = text[start : start + _SHOWN] if text[at] == "{" else text[start : at + 1]
    return (
        f"a brace belongs to no placeholder in '{near.strip()}': write {{column}} or {{:parameter}}, "
        f"and {{{{ or }}}} for a brace itself"
    )


def _joined(pieces: list[str | Placeholder]) -> list[str | Placeholder]:
    found: list[str | Placeholder] = []
    for piece in pieces:
        if isinstance(piece, str) and found and isinstance(found[-1], str):
            found[-1] += piece
        else:
            found.append(piece)
    return found
