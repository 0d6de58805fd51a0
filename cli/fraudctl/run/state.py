"""What a view shows of a run: facts at its start, the state of the moment, the summary at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fraud_api.rules import Rule
from fraudctl.run.tally import Alert
from fraudctl.run.unknown import UnknownCount


@dataclass(frozen=True)
class Facts:
    """What does not change during a run."""

    detector: str
    kafka: str
    embedded: bool
    rules: Sequence[Rule]
    topics: Mapping[str, str]
    """Topic to what it is for."""
    elasticsearch: str | None = None
    """Where results are indexed."""


@dataclass(frozen=True)
class State:
    """One moment of a run."""

    phase: str
    seconds: float
    sent: int = 0
    read: int = 0
    lag: int = 0
    """Records sent and not yet read."""
    rate: float = 0.0
    alerts: int = 0
    by_rule: Mapping[str, int] = field(default_factory=dict)
    dead_letters: int = 0
    late: int = 0
    newest: Sequence[Alert] = ()


@dataclass(frozen=True)
class RuleCount:
    """How often a rule fired."""

    rule: str
    severity: str
    mode: str
    alerts: int


@dataclass(frozen=True)
class IndexCount:
    """What came into an index.

    Attributes:
        index: the name that it is read by.
        documents: how many it holds.
        refused: records that Elasticsearch did not take.
    """

    index: str
    documents: int
    refused: int


@dataclass(frozen=True)
class Summary:
    """What a run has done."""

    detector: str
    ended: str
    """Why it ended: ``input`` (all of it read), ``time``, ``events``, ``interrupted`` or ``failed``."""
    seconds: float
    records_in: int
    dead_letters: int
    late: int
    alerts: int
    rules: Sequence[RuleCount]
    events_per_second: float
    outputs: Mapping[str, int]
    files: Sequence[Path]
    duplicates: int = 0
    """Records that a stream's de-duplication left aside."""
    indices: Sequence[IndexCount] = ()
    unknown: Sequence[UnknownCount] = ()
    """Results that are unknown because an expression failed."""
    not_indexed: str = ""
    """Why results are not, or not all, in Elasticsearch."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Why records were refused, the most frequent reasons first."""
    exact: bool = True
    """Whether all counts are of the same records; else each is of what had been seen of it at the end."""
    warnings: Sequence[str] = ()

    @property
    def accepted(self) -> int:
        """Records that were neither dead letters nor duplicates; late ones are among them."""
        return max(0, self.records_in - self.dead_letters - self.duplicates)

    @property
    def nothing_accepted(self) -> bool:
        """Whether there were records and all of them were refused."""
        return self.dead_letters > 0 and self.accepted == 0
