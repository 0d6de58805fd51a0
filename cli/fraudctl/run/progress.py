"""How far the job has read its input: by its sources' metrics, where these say nothing by the offsets it commits."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from confluent_kafka import KafkaException

from fraud_api import FraudDetector, naming
from fraud_api.streams import StartFrom
from fraudctl.broker import Broker, Place, patiently

_EVERY_SECONDS = 0.5
_RATE_SECONDS = 5.0


@dataclass(frozen=True)
class Reading:
    """One look at the offsets.

    Attributes:
        asked_at: when it was begun (monotonic); records sent before are in it.
        sent: records that the input topics have got since the start.
        read: how many of them the job has read; never fewer than before.
        lag: how many it has yet to read, again after a restart.
    """

    asked_at: float
    sent: int = 0
    read: int = 0
    lag: int = 0


@dataclass
class Progress:
    """A thread that looks at the offsets again and again.

    Attributes:
        positions: asks the sources how far they are, where they can tell.
        last: the last look.
        lost_since: since when the broker has not answered; None while it does.
    """

    broker: Broker
    group: str
    starts: dict[Place, int]
    positions: Callable[[], Mapping[Place, int]]
    last: Reading = field(default_factory=lambda: Reading(0.0))
    lost_since: float | None = None
    _history: deque[tuple[float, int]] = field(default_factory=deque)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            try:
                self.look()
                self.lost_since = None
            except KafkaException:
                self.lost_since = self.lost_since or time.monotonic()

    def look(self) -> Reading:
        """Look once. Raises KafkaException when the broker does not answer."""
        now = time.monotonic()
        at = self._positions()
        sent = self._since_start(self.broker.ends(self.starts))
        read = min(sent, self._since_start(at))
        self.last = Reading(now, sent, max(read, self.last.read), sent - read)
        self._history.append((now, self.last.read))
        while len(self._history) > 2 and self._history[0][0] < now - _RATE_SECONDS:
            self._history.popleft()
        return self.last

    def settle(self, positions: Mapping[Place, int]) -> bool:
        """What the job had read when it stopped; False where ``positions`` lacks a partition."""
        if not self.starts.keys() <= positions.keys():
            return False
        read = self._since_start(positions)
        self.last = replace(self.last, asked_at=time.monotonic(), read=read, lag=self.last.sent - read)
        return True

    def _since_start(self, at: Mapping[Place, int]) -> int:
        return sum(max(0, at[place] - self.starts[place]) for place in at)

    def _positions(self) -> dict[Place, int]:
        """How far the job is. What it has committed is never ahead of where a restart begins, but seconds late."""
        seen = {place: at for place, at in self.positions().items() if place in self.starts}
        unseen = [place for place in self.starts if place not in seen]
        return seen | (self.broker.committed(self.group, unseen) if unseen else {})

    def rate(self) -> float:
        """Records a second that were read lately."""
        history = list(self._history)
        if len(history) < 2:
            return 0.0
        (begin, before), (end, after) = history[0], history[-1]
        return (after - before) / (end - begin)

    def all_read(self, since: float) -> bool:
        """Whether everything that was sent before ``since`` (monotonic) has been read."""
        return self.last.asked_at > since and self.last.lag == 0

    def kept(self) -> bool:
        """Whether a completed checkpoint holds all that was sent: whatever happens, it need not be read again."""
        try:
            return self._since_start(self.broker.committed(self.group, list(self.starts))) >= self.last.sent
        except KafkaException:
            return False

    def close(self) -> None:
        """Stop looking; returns within a moment."""
        self._stop.set()


def input_starts(broker: Broker, detector: FraudDetector, partitions: dict[str, int]) -> dict[Place, int]:
    """Where the job begins to read each input, as its streams say."""
    earliest = _places(detector, partitions, StartFrom.EARLIEST)
    latest = _places(detector, partitions, StartFrom.LATEST)
    return patiently(lambda: broker.beginnings(earliest)) | patiently(lambda: broker.ends(latest))


def make_progress(
    broker: Broker,
    detector: FraudDetector,
    partitions: dict[str, int],
    positions: Callable[[], Mapping[Place, int]],
    new: bool,
) -> Progress:
    """Look at the detector's inputs. Unless all is ``new``, what an earlier run has committed is forgotten first."""
    group = naming.consumer_group(detector)
    starts = input_starts(broker, detector, partitions)
    if not new:
        broker.forget(group, starts)
    return Progress(broker, group, starts, positions)


def _places(detector: FraudDetector, partitions: dict[str, int], start: StartFrom) -> Sequence[Place]:
    topics = dict.fromkeys(stream.topic_name for stream in detector.spec.streams if stream.start_from is start)
    return [(topic, number) for topic in topics for number in range(partitions[topic])]
