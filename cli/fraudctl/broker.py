"""Kafka as a client sees it: the connection, topics, offsets."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from fraud_api.kafka_clients import Credentials, SecretError, librdkafka
from fraud_api.secret_files import kafka_credentials
from fraud_api.streams import KafkaSecurity
from fraud_generator.errors import SettingsError
from fraud_generator.options import read_properties
from fraud_job.topics import Topic
from fraudctl.errors import FraudctlError, MachineError, UserError

CONNECT_SECONDS = 10.0
_REQUEST_SECONDS = 3.0
_PATIENCE_SECONDS = 90.0
"""A broker that is away for a minute is waited for, also at the end of a run."""
_RETRY_SECONDS = 0.2

T = TypeVar("T")

Place = tuple[str, int]
"""A topic and a partition of it."""


class Broker:
    """A Kafka cluster.

    Attributes:
        bootstrap: comma-separated host:port list.
        config: what every client of it is made with.
    """

    def __init__(self, bootstrap: str, config: Mapping[str, str] | None = None) -> None:
        """Nothing is asked yet; ``config`` has librdkafka's properties, for credentials."""
        self.bootstrap = bootstrap
        self.config: dict[str, Any] = {
            "bootstrap.servers": bootstrap,
            "log_level": 0,  # what matters is told by us; librdkafka's lines would run into the live view
            "error_cb": self._hear,
            "reconnect.backoff.max.ms": 2_000,
            **(config or {}),
        }
        self._admin: AdminClient | None = None
        self._refused: str | None = None
        self._consumers: dict[str, Consumer] = {}

    @property
    def admin(self) -> AdminClient:
        """The administration client. Raises UserError for properties that librdkafka refuses."""
        if self._admin is None:
            try:
                self._admin = AdminClient(self.config)
            except (KafkaException, ValueError) as error:
                raise UserError(f"--kafka-config: {reason(error)}") from error
        return self._admin

    def partitions(self) -> dict[str, int]:
        """Every topic and how many partitions it has. Raises MachineError when no broker answers in time."""
        try:
            known = self.admin.list_topics(timeout=CONNECT_SECONDS).topics
        except KafkaException as error:
            raise self._unreachable(error) from error
        return {name: len(topic.partitions) for name, topic in known.items()}

    def _hear(self, error: KafkaError) -> None:
        """Clients mend their connections themselves; only why a broker wants none of us is told."""
        if error.code() in (KafkaError._AUTHENTICATION, KafkaError._SSL):
            self._refused = error.str()

    def _unreachable(self, error: Exception) -> FraudctlError:
        self.admin.poll(0)  # what was heard is told only when asked for
        if self._refused:
            return UserError(
                f"Kafka at {self.bootstrap} and we do not come together: {self._refused}",
                "check spec.kafka.security and the Secret's files",
            )
        wants = (
            ", and does it want a login or certificate of another kind?" if "security.protocol" in self.config else "?"
        )
        return MachineError(
            f"no Kafka broker answers at {self.bootstrap} within {CONNECT_SECONDS:g} s ({reason(error)})",
            f"is it running, is the address right{wants}",
        )

    def create(self, topics: Iterable[Topic]) -> dict[str, int]:
        """Create those topics that are missing; the answer is how many partitions each one has."""
        wanted = list(topics)
        known = self.partitions()
        new = [
            NewTopic(topic.name, topic.partitions, topic.replication, config=dict(topic.config))
            for topic in wanted
            if topic.name not in known
        ]
        for name, future in self.admin.create_topics(new, operation_timeout=CONNECT_SECONDS).items() if new else ():
            _created(name, future)
        return {topic.name: known.get(topic.name, topic.partitions) for topic in wanted}

    def ends(self, places: Iterable[Place]) -> dict[Place, int]:
        """Offset of the next record of each place. Raises KafkaException when the broker can't be asked."""
        return {place: self._watermarks(place)[1] for place in places}

    def beginnings(self, places: Iterable[Place]) -> dict[Place, int]:
        """Offset of the first record of each place. Raises KafkaException when the broker can't be asked."""
        return {place: self._watermarks(place)[0] for place in places}

    def _watermarks(self, place: Place) -> tuple[int, int]:
        consumer = self._consumer("fraudctl")
        first, end = consumer.get_watermark_offsets(TopicPartition(*place), timeout=_REQUEST_SECONDS)
        return first, end

    def committed(self, group: str, places: Iterable[Place]) -> dict[Place, int]:
        """Offsets that the group has committed, where it has. Raises KafkaException likewise."""
        return {place: offset for place, (offset, _) in self.noted(group, places).items()}

    def noted(self, group: str, places: Iterable[Place]) -> dict[Place, tuple[int, str]]:
        """The same, each with the note that the group has committed with it."""
        asked = [TopicPartition(*place) for place in places]
        found = self._consumer(group).committed(asked, timeout=_REQUEST_SECONDS)
        return {(at.topic, at.partition): (at.offset, at.metadata or "") for at in found if at.offset >= 0}

    def commit(self, group: str, offsets: Mapping[Place, int], note: str) -> None:
        """Let a group that nobody is in begin at these offsets. Raises KafkaException likewise."""
        places = [TopicPartition(*place, offset, metadata=note) for place, offset in offsets.items()]
        self._consumer(group).commit(offsets=places, asynchronous=False)

    def _consumer(self, group: str) -> Any:
        """A client that only asks for offsets: it never joins the group, and it finds a broker that was away again.

        (The administration client of librdkafka does not: after a restart it goes on with what it knew.)
        """
        if group not in self._consumers:
            config = {**self.config, "group.id": group, "enable.auto.commit": False}
            self._consumers[group] = Consumer(config)
        return self._consumers[group]

    def forget(self, group: str, places: Iterable[Place]) -> None:
        """Delete what the group has committed. Raises UserError when somebody is using it."""
        # Only where there is something: on a new cluster, to delete is the one request that nobody answers.
        asked = list(places)
        if not patiently(lambda: self.committed(group, asked)):
            return
        try:
            self.admin.delete_consumer_groups([group], request_timeout=_REQUEST_SECONDS)[group].result()
        except KafkaException as error:
            code = error.args[0].code()
            if code == KafkaError.NON_EMPTY_GROUP:
                raise UserError(
                    f"consumer group {group} is in use", "end what uses it, or give the detector another name"
                ) from error
            if code != KafkaError.GROUP_ID_NOT_FOUND:
                raise MachineError(f"cannot reset consumer group {group}: {reason(error)}") from error


def kafka_properties(file: Path | None) -> dict[str, str]:
    """The properties in a --kafka-config file. Raises UserError when it can't be read."""
    try:
        return read_properties(file) if file else {}
    except SettingsError as error:
        raise UserError(f"--kafka-config: {error}") from error


def credentials(security: KafkaSecurity, secrets_dir: Path | None) -> Credentials | None:
    """What the Secret has for Kafka clients. Raises UserError when it can't be used."""
    try:
        return kafka_credentials(security, secrets_dir)
    except SecretError as error:
        raise UserError(str(error)) from error


def secured_properties(security: KafkaSecurity, secrets_dir: Path | None) -> dict[str, str]:
    """What clients are made with for secured brokers; never to be shown. Raises UserError likewise."""
    return librdkafka(security, credentials(security, secrets_dir))


def patiently(work: Callable[[], T]) -> T:
    """Ask again until a broker answers; new topics and groups need a moment. Raises MachineError in the end."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return work()
        except KafkaException as error:
            if time.monotonic() > deadline:
                raise MachineError(f"Kafka does not answer: {reason(error)}", "is the broker well?") from error
        time.sleep(_RETRY_SECONDS)


def reason(error: Exception) -> str:
    """What librdkafka says, in its own words."""
    first = error.args[0] if error.args else error
    return str(first.str()) if isinstance(first, KafkaError) else str(first)


def _created(name: str, future: "Future[None]") -> None:
    try:
        future.result()
    except KafkaException as error:
        code = error.args[0].code()
        if code == KafkaError.TOPIC_ALREADY_EXISTS:  # by somebody else, in the meantime
            return
        wrong = code in (KafkaError.INVALID_REPLICATION_FACTOR, KafkaError.TOPIC_EXCEPTION, KafkaError.INVALID_CONFIG)
        kind: type[FraudctlError] = UserError if wrong else MachineError
        raise kind(f"cannot create topic {name}: {reason(error)}") from error
