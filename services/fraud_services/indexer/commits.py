"""Which offsets may be committed: those before which everything is settled, batches in their order. Pure."""

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

Place = tuple[str, int]
"""A topic and a partition of it."""


@dataclass
class Sent:
    """A batch on its way.

    Attributes:
        outcome: done when every document of it is settled.
        ends: the offset after its last record, by place.
    """

    outcome: "Future[None]"
    ends: dict[Place, int]


@dataclass
class Ledger:
    """Batches on their way, and offsets that are settled but not committed."""

    _sent: deque[Sent] = field(default_factory=deque)
    _settled: dict[Place, int] = field(default_factory=dict)

    def add(self, sent: Sent) -> None:
        """Remember a batch."""
        self._sent.append(sent)

    @property
    def on_the_way(self) -> int:
        """Batches that are not settled, or behind one that is not."""
        return len(self._sent)

    @property
    def oldest(self) -> "Future[None] | None":
        """What has to be settled first."""
        return self._sent[0].outcome if self._sent else None

    def settle(self) -> None:
        """Take settled batches from the front. Raises what made one fail for good."""
        while self._sent and self._sent[0].outcome.done():
            self._sent[0].outcome.result()
            self._settled.update(self._sent.popleft().ends)

    def take(self) -> dict[Place, int]:
        """Offsets to commit; they are forgotten here."""
        taken, self._settled = self._settled, {}
        return taken

    def forget(self, places: Iterable[Place]) -> None:
        """Somebody else reads these now: their offsets are no longer ours to commit."""
        gone = set(places)
        for sent in self._sent:
            sent.ends = {place: end for place, end in sent.ends.items() if place not in gone}
        self._settled = {place: end for place, end in self._settled.items() if place not in gone}
