"""What every scenario shares: its description, its ids, its partitions, its closing records."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import ClassVar, NamedTuple
from zlib import crc32

from fraud_generator.errors import SettingsError
from fraud_generator.model import Batch, ClosingLabel, Record, Settings
from fraud_generator.times import DAY, to_ms


@dataclass(frozen=True)
class Stream:
    """One stream of a scenario and what a fault needs to know about its records."""

    name: str
    topic: str
    """Kafka topic when none is given."""
    id_field: str
    """The field that identifies an event."""
    text_field: str
    """A required field; a fault removes it or gives it a wrong type."""
    number_field: str
    """A required number; a fault gives it text or a value out of range."""


class Event(NamedTuple):
    """One event before its place in the order of arrival is known."""

    time_ms: int
    stream: str
    key: str
    event_id: str
    value: bytes
    delay_ms: int | None = None
    """How long after its event time it arrives; None leaves it to the scenario's disorder."""


class Scenario(ABC):
    """One kind of traffic with planted fraud. An object is used for one run."""

    name: ClassVar[str]
    summary: ClassVar[str]
    streams: ClassVar[tuple[Stream, ...]]
    needing_partner: ClassVar[frozenset[str]] = frozenset()
    """Streams in which a lone event is suspicious in itself; faults that a reader may accept stay out."""
    patterns: ClassVar[tuple[str, ...]]
    """Rules that planted episodes trip."""
    default_count: ClassVar[int]
    default_share: ClassVar[float]
    max_share: ClassVar[float] = 0.5
    bound: ClassVar[timedelta]
    """Out-of-orderness that the scenario's detector declares."""
    default_disorder: ClassVar[timedelta]
    endless_by_default: ClassVar[bool] = False
    """Whether it runs until stopped when it goes to Kafka and no count is given."""

    def __init__(self, settings: Settings) -> None:
        """Prepare a run. Raises SettingsError for a share or disorder that this scenario cannot give."""
        self.settings = settings
        self.rng = Random(f"{self.name}/{settings.seed}/{settings.shard}/{settings.shards}")  # noqa: S311
        self.share = self.default_share if settings.fraud_share is None else settings.fraud_share
        if self.share > self.max_share:
            raise SettingsError(f"fraud share of {self.name} must be at most {self.max_share}, not {self.share}")
        self.disorder_ms = self._disorder_ms(settings.disorder)
        self.owned = range(settings.shard, settings.partitions, settings.shards)
        self.end_ms = to_ms(settings.start)
        """Latest event time so far."""

    def _disorder_ms(self, asked: timedelta | None) -> int:
        disorder = self.default_disorder if asked is None else asked
        if not timedelta(0) <= disorder < self.bound:
            raise SettingsError(
                f"disorder of {self.name} must be at least 0 and below {self.bound.total_seconds():g} s "
                f"(its detector's bound), not {disorder.total_seconds():g} s"
            )
        return disorder // timedelta(milliseconds=1)

    @property
    def count(self) -> int | None:
        """Events of this shard; None is endless."""
        if self.settings.endless:
            return None
        total = self.default_count if self.settings.count is None else self.settings.count
        whole, rest = divmod(total, self.settings.shards)
        return whole + (self.settings.shard < rest)

    def own(self, index: int) -> int:
        """A number that no other shard makes from any index."""
        return index * self.settings.shards + self.settings.shard

    def partition(self, key: bytes) -> int:
        """Where a key lives: a stable hash over the partitions that this shard owns."""
        return self.owned[crc32(key) % len(self.owned)]

    @abstractmethod
    def batches(self) -> Iterator[Batch]:
        """All events with their planted episodes, without faults and closing records."""

    @abstractmethod
    def harmless(self, stream: str, tag: str, number: int, time_ms: int) -> Event:
        """A well-formed event that trips no rule; its entity is ``tag``, or the id 0 where ids are numbers.

        ``number`` is unique within the run.
        """

    def tolerant(self) -> tuple[Stream, ...]:
        """The streams in which a lone harmless event trips no rule."""
        return tuple(stream for stream in self.streams if stream.name not in self.needing_partner)

    def closing(self) -> Batch:
        """One closing record for each stream and owned partition, a day after the last event.

        Every stream's record of a partition has the same tag and time, so that joins find their partner.
        """
        batch = Batch()
        for partition in self.owned:
            for stream in self.streams:
                tag = f"closing-{partition}"
                event = self.harmless(stream.name, tag, partition, self.end_ms + DAY + partition)
                label = ClosingLabel(closing=True, stream=stream.name, partition=partition, event_id=event.event_id)
                batch.labels.append(label)
                batch.records.append(
                    Record(stream.name, partition, event.key.encode(), event.value, event.time_ms, label)
                )
        return batch
