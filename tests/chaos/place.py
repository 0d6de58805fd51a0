"""Where a fault strikes: a detector in a namespace of its own, and what is done to it and waited for there."""

import threading
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import TypeVar

from chaos.counting import count, missing_and_extra
from chaos.loads import Batch, Load
from chaos.results import Round
from confluent_kafka import KafkaException
from elastic_transport import TransportError
from elasticsearch import ApiError
from harness import waiting
from harness.apiload import of_operator
from harness.clock import Clock
from harness.cluster import HOST_ELASTICSEARCH, READY_SECONDS, Applied, Cluster, Resource, resource
from harness.elastic import Elastic
from harness.kafka import Broker

from fraud_api import naming

SETTLE_SECONDS = 90.0
"""So long what was written last may take to come out; then it counts as lost."""
_FALL_SECONDS = 60.0
_POLL_SECONDS = 0.25
_UNKNOWN = -1

T = TypeVar("T")


class Place:
    """A detector with its traffic, round after round.

    Attributes:
        cluster: where it runs.
        kafka: the broker that it reads from.
        elastic: where its alerts are indexed; None where they are not.
        namespace: its namespace.
        applied: its resource.
        round: which round it is, from 1.
    """

    def __init__(
        self, load: Load, indexed: bool, cluster: Cluster, kafka: Broker, clock: Clock, stop: threading.Event
    ) -> None:
        """Make the namespace; nothing is waited for longer than the clock has left, or once ``stop`` is set."""
        self.cluster = cluster
        self.kafka = kafka
        self.elastic = Elastic(HOST_ELASTICSEARCH) if indexed else None
        self.namespace = cluster.create_namespace()
        self.applied = Applied(cluster, load.detector(self.namespace, indexed))
        self.round = 0
        self._clock = clock
        self._stop = stop
        self._began = self._ended = 0.0
        self._ids: set[str] = set()
        self._late: list[bytes] = []
        self._refused: list[bytes] = []

    def come_up(self) -> None:
        """Apply the detector and wait until it is well."""
        self.cluster.apply(resource(self.applied.detector))
        self.wait(self._well, self.applied.told, READY_SECONDS)

    def leave(self) -> None:
        """Have everything deleted; nobody waits for it."""
        with suppress(ApiError, TransportError, AssertionError):
            if self.elastic:
                self.elastic.clear(self.namespace)
        with suppress(AssertionError):
            self.cluster.kubectl("delete", "namespace", self.namespace, "--wait=false")

    # --- What faults do ---------------------------------------------------------------------------

    def begins(self) -> None:
        """The fault is there from now on."""
        self._began, self._ended = time.monotonic(), 0.0

    def ends(self) -> None:
        """The fault is over: from now on it is up to us."""
        self._ended = self._ended or time.monotonic()

    def edit(self, change: Callable[[Resource], None]) -> None:
        """Change the detector's spec."""
        self.applied.edit(change)

    def kill(self, component: str) -> None:
        """Kill a pod of the detector without notice, as soon as there is one."""
        self.wait(lambda: self.cluster.pods(self.namespace, component), f"a {component} to kill")
        self.cluster.kill_pod(self.namespace, component)

    def falls(self) -> None:
        """Wait until somebody has told that it is not Ready."""
        self.wait(lambda: not self._is("Ready"), self.applied.told, _FALL_SECONDS)

    def send_refused(self, values: Collection[bytes]) -> None:
        """Write records that must become dead letters."""
        (stream,) = self.applied.detector.spec.streams
        self.kafka.produce(
            self.applied.detector, [(stream.name, place % 2, None, value) for place, value in enumerate(values)]
        )
        self._refused += values

    def rest(self, seconds: float) -> None:
        """Let the fault last."""
        why = self._clock.forbids("the rest of this fault", seconds)
        assert not why, why
        assert not self._stop.wait(seconds), "interrupted"

    def wait(
        self,
        probe: Callable[[], T],
        what: str | Callable[[], str],
        seconds: float = waiting.SECONDS,
        pause: float = _POLL_SECONDS,
    ) -> T:
        """What a probe says once it is true."""

        def asked() -> T:
            assert not self._stop.is_set(), "interrupted"
            return probe()

        return waiting.until(asked, what, self._at_most(seconds), pause)

    def _at_most(self, seconds: float) -> float:
        return max(1.0, min(seconds, self._clock.left()))

    # --- What comes of it -------------------------------------------------------------------------

    def recovered(self) -> tuple[float, float]:
        """Wait until the detector is well and at work again; seconds since the fault's end and its beginning."""
        self.ends()
        # nobody else says how it is: what a dead operator said last is worth nothing
        self.cluster.wait_operator(self._at_most(waiting.SECONDS))
        self.wait(self._operated, "the operator works, and no longer waits for one that was killed")
        self.wait(self._well, self.applied.told, READY_SECONDS)
        self.wait(lambda: self._written() != _UNKNOWN, "what was written can be counted")
        before = self._written()
        self.wait(lambda: self._written() > before and self._well(), self.applied.told, READY_SECONDS)
        now = time.monotonic()
        return now - self._ended, now - self._began

    def _operated(self) -> bool:
        with suppress(AssertionError, ValueError):
            return of_operator(self.cluster, "fraud_operator_working") == 1
        return False

    def _well(self) -> bool:
        return self._is("Ready") and (self.elastic is None or self._is("IndicesReady"))

    def _is(self, condition: str) -> bool:
        return self.applied.condition(condition).get("status") == "True"

    def _written(self) -> int:
        """How much has come out of the last output, or into the index."""
        detector = self.applied.detector
        try:
            if self.elastic:
                return self.elastic.count(naming.alerts_topic(detector))
            return self.kafka.count(detector.spec.outputs[-1].topic_name)
        except (KafkaException, ApiError, TransportError, KeyError):
            return _UNKNOWN

    def settled(self, batch: Batch, seconds: tuple[float, float]) -> Round:
        """Wait until everything of a round has come, or nothing comes any more, and count it."""
        mine = {one.alert_id(self.namespace) for one in batch.alerts}
        self._ids |= mine
        self._late += batch.late
        with suppress(AssertionError):
            self.wait(lambda: self._enough() and not self._missing(mine), "", SETTLE_SECONDS, pause=1.0)
        alerts = self.kafka.read_topic(naming.alerts_topic(self.applied.detector))
        found = count(self.namespace, alerts, batch.alerts, self._ids)
        written = mine & {str(message.json()["alert_id"]) for message in alerts}
        beside = [self._beside(topic, wanted) for topic, wanted in self._topics_beside().items()]
        return Round(
            to_ready=round(seconds[0], 1),
            in_all=round(seconds[1], 1),
            expected=found.expected,
            lost=found.lost + sum(missing for missing, _ in beside) + len(written - self._indexed(written)),
            doubled=found.doubled,
            again=found.again,
            strange=found.strange + sum(extra for _, extra in beside),
        )

    def _enough(self) -> bool:
        """Whether as many records are there as there must be: that is soon asked."""
        wanted = {naming.alerts_topic(self.applied.detector): len(self._ids)}
        wanted |= {topic: len(values) for topic, values in self._topics_beside().items()}
        try:
            return all(self.kafka.count(topic) >= number for topic, number in wanted.items())
        except KafkaException:
            return False

    def _missing(self, ids: set[str]) -> set[str]:
        alerts = self.kafka.read_topic(naming.alerts_topic(self.applied.detector))
        return (ids - {str(message.json()["alert_id"]) for message in alerts}) | (ids - self._indexed(ids))

    def _indexed(self, ids: set[str]) -> set[str]:
        """Those that lie in the index; where nothing is indexed, all."""
        if self.elastic is None:
            return ids
        return ids & self.elastic.documents(naming.alerts_topic(self.applied.detector)).keys()

    def _topics_beside(self) -> dict[str, list[bytes]]:
        detector = self.applied.detector
        (stream,) = detector.spec.streams
        return {naming.dead_letter_topic(detector, stream): self._refused, naming.late_topic(detector): self._late}

    def _beside(self, topic: str, wanted: list[bytes]) -> tuple[int, int]:
        return missing_and_extra((message.value for message in self.kafka.read_topic(topic)), wanted)
