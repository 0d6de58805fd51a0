"""Results that are unknown because an expression failed for an event: how many, and an example of each."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from fraudctl.run.origins import Headers


@dataclass(frozen=True)
class UnknownCount:
    """What an expression could not tell.

    Attributes:
        owner: ``rule NAME`` or ``output NAME``.
        function: the expression as it was written.
        results: how many were unknown.
        example: the first value.
    """

    owner: str
    function: str
    results: int
    example: str


class Unknown:
    """Counts by rule and function; each record says how many its place in the job has had so far."""

    def __init__(self) -> None:
        """Begin with none."""
        self._latest: dict[tuple[str, str, str], int] = {}
        self._examples: dict[tuple[str, str], str] = {}

    def add(self, headers: Headers | None, value: bytes | None) -> dict[str, Any] | None:
        """Take a record; returns what a person may want to see of it, None where it only counts."""
        found = {name: (text or b"").decode(errors="replace") for name, text in headers or ()}
        kind = "rule" if "rule" in found else "output"
        owner, function = f"{kind} {found.get(kind, '')}", found.get("function", "")
        place = owner, function, found.get("place", "")
        count = int(found["count"]) if found.get("count", "").isdecimal() else 1
        self._latest[place] = max(self._latest.get(place, 0), count)
        if value is None:
            return None
        shown = value.decode(errors="replace")
        self._examples.setdefault((owner, function), shown)
        event = {"event": found["event"]} if "event" in found else {}
        told = {"function": function, "reason": found.get("reason", ""), **event, "value": shown}
        return {kind: found.get(kind, ""), **told}

    def counts(self) -> list[UnknownCount]:
        """By rule and function, in the order in which they were first seen."""
        found: Counter[tuple[str, str]] = Counter()
        for (owner, function, _), count in self._latest.items():
            found[owner, function] += count
        return [UnknownCount(*key, results, self._examples.get(key, "")) for key, results in found.items()]
