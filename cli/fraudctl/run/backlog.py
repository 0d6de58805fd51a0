"""What the indexer has yet to settle, by the offsets that its group commits."""

from collections.abc import Iterable, Mapping

from fraudctl.broker import Broker, Place, patiently


class Backlog:
    """Records of the indexed topics that no index has and that nobody refused.

    Attributes:
        group: the indexer's consumer group.
    """

    def __init__(self, broker: Broker, group: str) -> None:
        """Nothing is asked yet."""
        self.group = group
        self._broker = broker
        self._starts: Mapping[Place, int] = {}

    def begin(self, topics: Iterable[str], partitions: Mapping[str, int]) -> None:
        """Count from the beginning of these topics."""
        places = [(topic, number) for topic in topics for number in range(partitions[topic])]
        self._starts = patiently(lambda: self._broker.beginnings(places))

    def skip(self, note: str) -> None:
        """What is in the topics already is not to be indexed; ``note`` is committed with that."""
        ends = self.ends()
        patiently(lambda: self._broker.commit(self.group, ends, note))

    def ends(self) -> dict[Place, int]:
        """Where the topics end now."""
        return patiently(lambda: self._broker.ends(self._starts))

    def left(self, ends: Mapping[Place, int], notes: Mapping[str, str]) -> int:
        """Records before ``ends`` that are not settled; what was committed with another note does not count."""
        noted = patiently(lambda: self._broker.noted(self.group, ends))
        done = {place: at for place, (at, note) in noted.items() if note == notes.get(place[0])}
        return sum(max(0, end - done.get(place, self._starts[place])) for place, end in ends.items())
