"""The indexer's side of Kafka: batches of records, read from where their index stands, and their offsets."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition

from fraud_services.indexer.commits import Place

_LOG = logging.getLogger(__name__)
_SLICE = 500
_SLICE_SECONDS = 0.05
_REQUEST_SECONDS = 10.0
_PATIENCE_SECONDS = 60.0
_PAUSE_SECONDS = 0.5


class Reader:
    """Reads topics as one of a consumer group.

    A committed offset carries the version of the index that it counts for. Where an index has got a new version, its
    topic is read from the beginning again, so that the new index has everything that the topic still holds.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        versions: Mapping[str, int],
        uncommitted: Callable[[str], None],
        lost: Callable[[Sequence[Place]], None],
    ) -> None:
        """Join the group.

        Args:
            config: librdkafka's properties.
            versions: topics, and the version of their index.
            uncommitted: told why offsets could not be committed.
            lost: called before partitions go to somebody else.
        """
        self._versions = versions
        self._uncommitted = uncommitted
        self._lost = lost
        self._paused = False
        self._reached: dict[Place, int] = {}
        self._new_ends: set[Place] = set()
        self._consumer = Consumer({**config, "on_commit": self._was_committed})
        self._consumer.subscribe(
            list(versions), on_assign=self._assigned, on_revoke=self._revoked, on_lost=self._revoked
        )

    def read(self, most: int, most_bytes: int, seconds: float) -> list[Any]:
        """The next records: at most so many, about so many bytes, after at most so long."""
        self._resume()
        found: list[Any] = []
        size, deadline = 0, time.monotonic() + seconds
        while len(found) < most and size < most_bytes and time.monotonic() < deadline:
            came = self._consumer.consume(min(_SLICE, most - len(found)), _SLICE_SECONDS)
            for message in came:
                if message.error() is None:
                    found.append(message)
                    size += len(message)
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    self._reach((message.topic(), message.partition()), message.offset())
                else:
                    _complain(message.error())
        return found

    def _reach(self, place: Place, end: int) -> None:
        self._reached[place] = end
        self._new_ends.add(place)

    def take_ends(self) -> dict[Place, int]:
        """Ends of partitions that were come to since the last time: all before them has been read.

        Behind the last record of a transaction lies its end, which is no record and has an offset too.
        """
        taken = {place: self._reached[place] for place in self._new_ends}
        self._new_ends.clear()
        return taken

    def keep_alive(self) -> None:
        """Stay in the group without reading; records that are there already are read later."""
        if not self._paused:
            self._consumer.pause(self._consumer.assignment())
            self._paused = True
        self._consumer.poll(0)

    def _resume(self) -> None:
        if self._paused:
            self._consumer.resume(self._consumer.assignment())
            self._paused = False

    def commit(self, ends: Mapping[Place, int], wait: bool = False) -> None:
        """Commit offsets; a failure is told, and the next commit makes up for it."""
        if not ends:
            return
        places = [
            TopicPartition(topic, partition, end, metadata=note(self._versions[topic]))
            for (topic, partition), end in ends.items()
        ]
        try:
            self._consumer.commit(offsets=places, asynchronous=not wait)
        except KafkaException as error:
            self._uncommitted(error.args[0].str())

    def _was_committed(self, error: KafkaError | None, places: Sequence[TopicPartition]) -> None:
        failed = [f"{at.topic}-{at.partition}: {at.error.str()}" for at in places if at.error]
        if error is not None or failed:
            self._uncommitted("; ".join(([error.str()] if error is not None else []) + failed))

    def lags(self) -> dict[str, int]:
        """Records of each topic that were not read yet, as far as the client knows."""
        found = dict.fromkeys(self._versions, 0)
        for at in self._consumer.position(self._consumer.assignment()):
            _, end = self._consumer.get_watermark_offsets(at, cached=True)
            if end >= 0 and at.offset >= 0:
                found[at.topic] += max(0, end - max(at.offset, self._reached.get((at.topic, at.partition), 0)))
        return found

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _assigned(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        starts = []
        for at in _committed(consumer, places):
            known = at.offset >= 0 and at.metadata == note(self._versions[at.topic])
            at.offset = at.offset if known else OFFSET_BEGINNING
            starts.append(at)
        consumer.assign(starts)
        if self._paused:
            consumer.pause(starts)

    def _revoked(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        gone = [(place.topic, place.partition) for place in places]
        for place in gone:
            self._reached.pop(place, None)
        self._new_ends.difference_update(gone)
        self._lost(gone)


def _committed(consumer: Consumer, places: list[TopicPartition]) -> list[TopicPartition]:
    """How far the group has come; a young broker or group needs a moment to say so."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while places:
        try:
            found: list[TopicPartition] = consumer.committed(places, timeout=_REQUEST_SECONDS)
            return found
        except KafkaException:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
    return []


def note(version: int) -> str:
    """What is committed with an offset: the version of the index that it counts for."""
    return f"v{version}"


def _complain(error: KafkaError) -> None:
    """Tell of an error that came instead of a record. Raises KafkaException for one that never mends."""
    if error.fatal() or error.code() in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED):
        raise KafkaException(error)
    _LOG.warning("Kafka: %s", error.str())
