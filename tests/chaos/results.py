"""What a fault has done, round by round."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Round:
    """One strike of a fault, and what came of it.

    Attributes:
        to_ready: seconds from the fault's end until Ready was True and the job at work.
        in_all: seconds from the fault's beginning until then.
        expected: alerts that the oracle wants.
        lost: what was never written, or not as it should be: alerts, dead letters, late events, documents.
        doubled: ids under which two different alerts were written.
        again: alerts that were written another time, word for word.
        strange: what was written and nobody wants.
    """

    to_ready: float
    in_all: float
    expected: int
    lost: int
    doubled: int
    again: int
    strange: int

    @property
    def right(self) -> bool:
        """Whether exactly what was wanted has come, however often."""
        return not (self.lost or self.doubled or self.strange)


@dataclass
class Result:
    """All rounds of a fault.

    Attributes:
        what: the fault in words.
        rounds: those that came to their end.
        failure: why a round did not.
        left_out: why there are fewer rounds than were wanted; empty where there are not.
    """

    what: str
    rounds: list[Round] = field(default_factory=list)
    failure: str = ""
    left_out: str = ""

    def problems(self) -> list[str]:
        """What keeps this from being survived, in words."""
        found = [
            f"round {number}: of {one.expected} alerts {one.lost} lost, {one.doubled} doubled, {one.strange} unwanted"
            for number, one in enumerate(self.rounds, start=1)
            if not one.right
        ]
        return found + [f"round {len(self.rounds) + 1}: {self.failure}"] * bool(self.failure)

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)
