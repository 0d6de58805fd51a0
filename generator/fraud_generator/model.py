"""The words of this package: settings, records, labels, batches."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple, TypedDict

from fraud_generator.errors import SettingsError

DEFAULT_START = datetime(2024, 1, 1, tzinfo=UTC)


class EpisodeLabel(TypedDict):
    """Ground truth of one planted episode; sent with or after the episode's last event."""

    episode: str
    """Unique name of the episode within the run."""
    pattern: str
    """Name of the rule that must find it."""
    entity_type: str
    entity: str
    start: str
    """Event time of its first event, ISO 8601 in UTC."""
    end: str
    event_ids: list[str]
    """The ids of its first 20 events, in order of event time."""


class ClosingLabel(TypedDict):
    """A harmless record far in the future that closes every window of one partition."""

    closing: Literal[True]
    stream: str
    partition: int
    event_id: str


class PoisonLabel(TypedDict):
    """A malformed record, added on request."""

    poison: str
    """Its kind, one of ``faults.KINDS``."""
    stream: str
    partition: int
    event_id: str
    """``poison-N``; the record's Kafka key, as the value may not have an id."""


class LateLabel(TypedDict):
    """A well-formed, harmless record far behind every watermark, added on request."""

    late: Literal[True]
    stream: str
    partition: int
    event_id: str


Label = EpisodeLabel | ClosingLabel | PoisonLabel | LateLabel


class Record(NamedTuple):
    """One record as it goes to a topic or a file. A tuple, because millions are made."""

    stream: str
    partition: int
    key: bytes | None
    value: bytes | None
    """The bytes of the JSON object; None is a tombstone (only among poison)."""
    event_time_ms: int
    """Event time, milliseconds since the epoch, as precise as the value's own format."""
    label: Label | None = None
    """The label of the episode or fault that this record is a part of, if any."""


@dataclass(slots=True)
class Batch:
    """Some records in the order of their arrival, and the labels that became complete with them."""

    records: list[Record] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)


@dataclass(frozen=True)
class Settings:
    """What to generate. The same settings give the same bytes, always.

    Raises SettingsError for values that cannot work.
    """

    seed: int = 1
    count: int | None = None
    """Well-formed events in all; None is the scenario's default. Faults and closing records come on top."""
    endless: bool = False
    """Go on until stopped; ``count`` is then ignored and no closing records are made."""
    fraud_share: float | None = None
    """Share of the events that belong to planted fraud, 0 to 1; None is the scenario's default."""
    start: datetime = DEFAULT_START
    """Event time of the beginning; must have a time zone."""
    disorder: timedelta | None = None
    """How far an event may arrive behind later ones; None is the scenario's default."""
    partitions: int = 2
    """Partitions of every stream."""
    closing: bool = True
    """End every partition of every stream with a closing record, dated a day ahead."""
    poison: float = 0.0
    """Share of all records that are malformed."""
    late: float = 0.0
    """Share of all records that are far too late."""
    oversized: int = 20
    """At most so many of the malformed records have 5 MB; later ones skip that kind."""
    shard: int = 0
    """Which of several generators this is; each owns its partitions and its ids."""
    shards: int = 1
    """How many generators share the work; at most as many as partitions."""

    def __post_init__(self) -> None:
        """Refuse what cannot work, naming the setting."""
        _require(self.count is None or self.count >= 1, f"count must be at least 1, not {self.count}")
        _require(self.partitions >= 1, f"partitions must be at least 1, not {self.partitions}")
        _require(self.start.tzinfo is not None, "start must have a time zone, for example a trailing Z")
        _require(0 <= self.shard < self.shards, f"shard {self.shard} is not one of {self.shards}")
        _require(
            self.shards <= self.partitions,
            f"{self.shards} processes need at least as many partitions, not {self.partitions}",
        )
        self._check_shares()

    def _check_shares(self) -> None:
        share = self.fraud_share
        _require(share is None or 0 <= share <= 1, f"fraud share must be between 0 and 1, not {share}")
        _require(0 <= self.poison < 1, f"poison must be at least 0 and below 1, not {self.poison}")
        _require(0 <= self.late < 1, f"late must be at least 0 and below 1, not {self.late}")
        _require(self.poison + self.late <= 0.9, "poison and late together must be at most 0.9")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SettingsError(otherwise)
