"""What is wrong with a file: where it is, in the file's own terms, and what to do about it."""

import difflib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONGEST_NAME = 128

Keys = tuple[str | int, ...]
"""The way from a document's root to a part of it: field names and list indices."""

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")


@dataclass(frozen=True)
class Place:
    """A part of a resource: the way to it, and that way in words, list elements by name."""

    keys: Keys = ()
    text: str = ""

    def field(self, name: str) -> "Place":
        """A field of this object."""
        if _FIELD.fullmatch(name):
            text = f"{self.text}.{name}" if self.text else name
        else:
            text = f"{self.text}[{json.dumps(name[:64])}]"
        return Place((*self.keys, name), text)

    def item(self, index: int, name: object = None) -> "Place":
        """An element of this list, called by its name where it has a readable one."""
        readable = isinstance(name, str) and _PLAIN.fullmatch(name)
        return Place((*self.keys, index), f"{self.text}[{name if readable else index}]")


def place_of(keys: Keys, data: Any) -> Place:
    """The place that ``keys`` lead to in ``data``."""
    place = Place()
    for key in keys:
        if isinstance(key, int):
            data = data[key] if isinstance(data, list) and key < len(data) else None
            place = place.item(key, data.get("name") if isinstance(data, dict) else None)
        else:
            data = data.get(key) if isinstance(data, dict) else None
            place = place.field(key)
    return place


class Severity(StrEnum):
    """Whether something forbids a detector or is only told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """Something wrong at a place of a resource, whatever file it came from."""

    place: Place
    message: str
    hint: str | None = None
    severity: Severity = Severity.ERROR

    @property
    def path(self) -> str:
        """The place in words, such as ``spec.rules[large-amount].filter.where``."""
        return self.place.text

    def __str__(self) -> str:
        """One line: path, message and hint."""
        return _line(self.path, self.message, self.hint)


@dataclass(frozen=True)
class Problem:
    """Something wrong in a file."""

    file: str
    line: int | None
    path: str
    message: str
    hint: str | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """One line: file, line, path, message and hint; a warning says that it is one."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        kind = "warning: " if self.severity is Severity.WARNING else ""
        return f"{where}: {kind}{_line(self.path, self.message, self.hint)}"


class InvalidDetector(ValueError):
    """A file that holds no valid detector; says everything that is wrong with it at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep the problems in the file's order."""
        self.problems = sorted(problems, key=lambda problem: problem.line or 0)
        super().__init__("\n".join(map(str, self.problems)))


def did_you_mean(name: str, candidates: Iterable[str]) -> str | None:
    """A question with the candidate that is most like ``name``; None when none is."""
    nearest = closest(name, candidates)
    return None if nearest is None else f"did you mean '{nearest}'?"


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is most like ``name``, whatever its case."""
    if len(name) > LONGEST_NAME:
        return None
    by_lower = {candidate.lower(): candidate for candidate in candidates}
    found = difflib.get_close_matches(name.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def _line(path: str, message: str, hint: str | None) -> str:
    text = "; ".join(part for part in (message, hint) if part)
    text = " ".join(text.split())
    return f"{path}: {text}" if path else text
