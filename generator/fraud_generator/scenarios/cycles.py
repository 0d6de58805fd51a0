"""Scenarios that are made in cycles: a stretch of event time with its own planted episodes.

A cycle is made whole and then put into the order of arrival, so memory stays bounded however long
a run goes on, and no event of a cycle can arrive behind events of the next one.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from random import Random
from typing import ClassVar

from fraud_generator.model import Batch, EpisodeLabel, Record
from fraud_generator.scenarios.base import Event, Scenario
from fraud_generator.times import SECOND, iso, to_ms

BATCH = 1_000
EVIDENCE = 20


@dataclass(slots=True)
class Cycle:
    """One stretch of event time, its budget, and what was put into it."""

    number: int
    start: int
    end: int
    size: int
    """How many events it must have in the end."""
    rng: Random
    events: list[Event] = field(default_factory=list)
    labels: list[tuple[EpisodeLabel, list[Event]]] = field(default_factory=list)
    _taken: set[int] = field(default_factory=set)

    @property
    def left(self) -> int:
        """Events still missing."""
        return self.size - len(self.events)

    def time(self, low: int, high: int) -> int:
        """A random millisecond in [low, high) that no other event of the cycle has."""
        moment = self.rng.randrange(low, high)
        while moment in self._taken:
            moment = moment + 1 if moment + 1 < high else low
        self._taken.add(moment)
        return moment

    def times(self, number: int, low: int, high: int) -> list[int]:
        """So many different moments in [low, high), in order, spread evenly but for some jitter."""
        step = (high - low) / max(number, 1)
        return sorted(self.time(int(low + i * step), int(low + (i + 1) * step)) for i in range(number))

    def window(self, length: int, clear: int) -> int:
        """Start of a random aligned window of the cycle that ends at least ``clear`` ms before it does."""
        first = -(-self.start // length)
        last = (self.end - clear) // length - 1
        return self.rng.randint(first, last) * length

    def plant(self, pattern: str, entity_type: str, entity: str, events: list[Event]) -> None:
        """Label events, which are among the cycle's or will be, as one episode."""
        ordered = sorted(events)
        label = EpisodeLabel(
            episode=f"{pattern}/{entity}/{ordered[0].event_id}",
            pattern=pattern,
            entity_type=entity_type,
            entity=entity,
            start=iso(ordered[0].time_ms),
            end=iso(ordered[-1].time_ms),
            event_ids=[event.event_id for event in ordered[:EVIDENCE]],
        )
        self.labels.append((label, events))


class CycleScenario(Scenario):
    """A scenario whose subclass fills one cycle at a time."""

    cycle_ms: ClassVar[int]
    """Event time of a full cycle; it holds ``default_count`` events."""

    @abstractmethod
    def fill(self, cycle: Cycle) -> None:
        """Add exactly ``cycle.size`` events and label what is planted."""

    def delay(self) -> int:
        """How long after its event time an event arrives, in milliseconds."""
        return int(self.rng.random() * self.disorder_ms)

    def batches(self) -> Iterator[Batch]:
        """Cycle after cycle until the count is reached."""
        start, left = to_ms(self.settings.start), self.count
        for number in count():
            size = self.default_count if left is None else min(left, self.default_count)
            if size == 0:
                return
            cycle = Cycle(number, start, start + self.cycle_ms, size, self.rng)
            self.fill(cycle)
            yield from self._arrange(cycle)
            start += self.cycle_ms
            left = None if left is None else left - size

    def _arrange(self, cycle: Cycle) -> Iterator[Batch]:
        """Order by arrival. Who arrives later by at most D is never more than D behind in event time."""
        arrivals = sorted(
            (event.time_ms + (self.delay() if event.delay_ms is None else event.delay_ms), event)
            for event in sorted(cycle.events)
        )
        self.end_ms = max(event.time_ms for event in cycle.events)
        labels = {(e.stream, e.event_id): label for label, events in cycle.labels for e in events}
        missing = {label["episode"]: len(events) for label, events in cycle.labels}
        for begin in range(0, len(arrivals), BATCH):
            yield self._batch([event for _, event in arrivals[begin : begin + BATCH]], labels, missing)

    def _batch(
        self, events: list[Event], labels: Mapping[tuple[str, str], EpisodeLabel], missing: dict[str, int]
    ) -> Batch:
        """A label goes out with the last of its events, so a run that is cut short claims nothing unsent."""
        batch = Batch()
        for event in events:
            key, label = event.key.encode(), labels.get((event.stream, event.event_id))
            batch.records.append(Record(event.stream, self.partition(key), key, event.value, event.time_ms, label))
            if label is not None:
                missing[label["episode"]] -= 1
                if not missing[label["episode"]]:
                    batch.labels.append(label)
        return batch


def episodes(size: int, share: float, costs: Mapping[str, int]) -> dict[str, int]:
    """How many episodes of each kind fit into a cycle of ``size`` events.

    ``costs`` are events per episode. At least one of each kind is planted, whatever the share (but 0),
    when together they take at most half of the cycle; beyond that the share's budget is dealt in turns.
    """
    plan = dict.fromkeys(costs, 0)
    if share <= 0:
        return plan
    budget = size * share
    if sum(costs.values()) <= size / 2:
        budget = max(budget, sum(costs.values()))
    added = True
    while added:
        added = False
        for kind, cost in costs.items():
            if cost <= budget:
                plan[kind], budget, added = plan[kind] + 1, budget - cost, True
    return plan


MARGIN = 10 * SECOND
"""How far planted events of a window keep from its edges."""
