"""Kafka's topics and offsets, through kafka-python's admin client."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from uuid import UUID

from fraud_api import FraudDetector
from fraud_api.kafka_clients import (
    CA,
    CERTIFICATE,
    KEY,
    KEYS,
    PLACE,
    Credentials,
    SecretError,
    check,
    kafka_python,
    needs_secret,
)
from fraud_job.topics import Topic
from fraud_operator.metrics import KAFKA_SECONDS
from fraud_operator.names import beside
from fraud_operator.topics import Present

_TIMEOUT_MS = 10_000
_PATIENCE_MS = 8_000

Secret = Mapping[str, bytes]
"""The keys of a Secret."""


class KafkaUnreachable(Exception):
    """No broker answers, or it does not let us in; the text says so without any secret."""


class TopicRefused(Exception):
    """The broker refuses a topic or a setting of it; the text is its own."""


class Topics(Protocol):
    """What is asked of a Kafka cluster. Every method raises KafkaUnreachable."""

    def describe(self, names: Iterable[str]) -> dict[str, Present]:
        """Those of the topics that exist."""

    def create(self, topic: Topic) -> str | None:
        """Create a topic and return its id; None where somebody else was faster. Raises TopicRefused."""

    def grow(self, name: str, partitions: int) -> None:
        """Give a topic more partitions. Raises TopicRefused."""

    def configure(self, name: str, config: Mapping[str, str]) -> None:
        """Change settings of a topic. Raises TopicRefused."""

    def delete(self, name: str) -> None:
        """Delete a topic; fine where there is none. Raises TopicRefused."""

    def written(self, names: Iterable[str]) -> dict[str, int]:
        """How many records were ever written to each topic."""

    def read(self, group: str, names: Iterable[str]) -> int:
        """How many records of topics lie before what a consumer group has committed."""


class Brokers(Protocol):
    """The way to Kafka clusters."""

    def open(self, detector: FraudDetector, secret: Secret | None) -> AbstractContextManager[Topics]:
        """A detector's Kafka cluster. Raises KafkaUnreachable."""


class Kafka:
    """Kafka clusters; a client lives as long as one look."""

    @contextmanager
    def open(self, detector: FraudDetector, secret: Secret | None) -> Iterator[Topics]:
        """A detector's Kafka cluster; the Secret is used to connect and then forgotten."""
        from kafka import KafkaAdminClient  # seven megabytes that are not needed before
        from kafka.errors import KafkaError
        from kafka.net.compat import KafkaNetClient

        networks: list[Any] = []

        def network(**config: Any) -> Any:
            networks.append(KafkaNetClient(**config))
            return networks[-1]

        with KAFKA_SECONDS.time(), _security(detector, secret) as security:
            try:
                try:
                    admin = KafkaAdminClient(**_settings(detector), **security, kafka_client=network)
                except (ValueError, OSError, AssertionError) as error:
                    raise KafkaUnreachable(_unreachable(detector, error)) from None
                yield _Topics(admin)
            except KafkaError as error:
                raise KafkaUnreachable(_unreachable(detector, error)) from None
            finally:
                # a client that does not get as far as a broker would leave its thread behind
                for made in networks:
                    made.close()


@contextmanager
def _security(detector: FraudDetector, secret: Secret | None) -> Iterator[dict[str, str]]:
    """What the client is told of the brokers' security; certificates are files for as long as it lives."""
    security = detector.spec.kafka.security
    if secret is None or not needs_secret(security):
        yield kafka_python(security, None)
        return
    try:
        texts = {key: secret[key].decode() for key in KEYS if key in secret}
    except UnicodeDecodeError:
        raise KafkaUnreachable(f"{PLACE}: a key of the Secret is not UTF-8 text") from None
    with TemporaryDirectory(prefix="kafka-") as directory:
        credentials = Credentials(directory, texts)
        try:
            check(security, credentials)
        except SecretError as error:
            raise KafkaUnreachable(str(error).replace(f"{directory}/", "")) from None
        for key in (CA, CERTIFICATE, KEY):
            if key in texts:
                Path(credentials.path(key)).write_text(texts[key])
        yield kafka_python(security, credentials)


class _Topics:
    """Topics of one cluster."""

    def __init__(self, admin: Any) -> None:
        self._admin = admin

    def describe(self, names: Iterable[str]) -> dict[str, Present]:
        wanted = list(names)
        known = [topic for topic in self._admin.describe_topics(wanted) if not topic["error_code"]]
        config = self._config([topic["name"] for topic in known])
        return {
            topic["name"]: Present(
                partitions=len(topic["partitions"]),
                replication=min((len(one["replica_nodes"]) for one in topic["partitions"]), default=0),
                config=config.get(topic["name"], {}),
                id=_id(topic),
            )
            for topic in known
        }

    def _config(self, names: list[str]) -> dict[str, dict[str, str]]:
        from kafka.admin import ConfigResource, ConfigResourceType

        if not names:
            return {}
        asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        found = self._admin.describe_configs(asked, config_filter="all").get("topic", {})
        return {
            name: {key: str(one["value"]) for key, one in settings.items() if one.get("value") is not None}
            for name, settings in found.items()
        }

    def create(self, topic: Topic) -> str | None:
        from kafka.errors import TopicAlreadyExistsError

        settings = {
            "num_partitions": topic.partitions,
            "replication_factor": topic.replication,
            "configs": dict(topic.config),
        }
        with _refusals(topic.name, besides=TopicAlreadyExistsError):
            (made,) = self._admin.create_topics({topic.name: settings}, timeout_ms=_TIMEOUT_MS)["topics"]
            return _id(made)
        return None

    def grow(self, name: str, partitions: int) -> None:
        with _refusals(name):
            self._admin.create_partitions({name: partitions}, timeout_ms=_TIMEOUT_MS)

    def configure(self, name: str, config: Mapping[str, str]) -> None:
        from kafka.admin import ConfigResource, ConfigResourceType

        with _refusals(name):
            asked = [ConfigResource(ConfigResourceType.TOPIC, name, dict(config))]
            # a refusal is no exception here, but a text in the place of "OK"
            said = str(self._admin.alter_configs(asked).get("topic", {}).get(name))
        if said != "OK":
            raise TopicRefused(f"topic {name}: {said}")

    def delete(self, name: str) -> None:
        from kafka.errors import UnknownTopicOrPartitionError

        with _refusals(name, besides=UnknownTopicOrPartitionError):
            self._admin.delete_topics([name], timeout_ms=_TIMEOUT_MS)

    def written(self, names: Iterable[str]) -> dict[str, int]:
        from kafka.admin import OffsetSpec

        counts = dict.fromkeys(names, 0)
        places = self._partitions(counts)
        if places:
            found = self._admin.list_partition_offsets(dict.fromkeys(places, OffsetSpec.LATEST))
            for place, offset in found.items():
                counts[place.topic] += max(0, offset.offset)
        return counts

    def read(self, group: str, names: Iterable[str]) -> int:
        from kafka.errors import CoordinatorNotAvailableError

        wanted = set(names)
        try:
            found = self._admin.list_group_offsets(group).get(group, {})
        except CoordinatorNotAvailableError:  # a young cluster, in which no group has committed anything
            return 0
        return sum(max(0, place.offset) for at, place in found.items() if at.topic in wanted)

    def _partitions(self, names: Iterable[str]) -> list[Any]:
        from kafka import TopicPartition

        known = self._admin.describe_topics(list(names))
        return [
            TopicPartition(topic["name"], one["partition_index"])
            for topic in known
            if not topic["error_code"]
            for one in topic["partitions"]
        ]


def _id(topic: Mapping[str, Any]) -> str:
    """A topic's id; empty where the broker has none."""
    found = topic.get("topic_id")
    return str(found) if found and UUID(str(found)).int else ""


@contextmanager
def _refusals(name: str, besides: type[Exception] | tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Tells what the broker refuses from a broker that is away; ``besides`` is no refusal."""
    from kafka import errors

    try:
        yield
    except besides:
        return
    except errors.BrokerResponseError as error:
        if isinstance(error, errors.RetriableError):
            raise
        raise TopicRefused(f"topic {name}: {_told(error)}") from None
    except ValueError as error:  # the client knows settings that no broker would take
        raise TopicRefused(f"topic {name}: {error}") from None


def _settings(detector: FraudDetector) -> dict[str, Any]:
    return {
        "bootstrap_servers": servers(detector),
        "client_id": "fraud-operator",
        "request_timeout_ms": _TIMEOUT_MS,
        "bootstrap_timeout_ms": _PATIENCE_MS,
    }


def servers(detector: FraudDetector) -> list[str]:
    """The brokers as this process finds them."""
    found = []
    for server in detector.spec.kafka.bootstrap_servers.split(","):
        host, colon, port = server.strip().rpartition(":")
        found.append(f"{beside(host, detector.metadata.namespace)}:{port}" if colon else server.strip())
    return found


def _unreachable(detector: FraudDetector, error: Exception) -> str:
    return f"no broker answers at {detector.spec.kafka.bootstrap_servers}: {_told(error)}"


def _told(error: Exception) -> str:
    """What Kafka says, without the request that it says it of (which may hold anything)."""
    description = getattr(error, "description", "") or ""
    name = type(error).__name__.removesuffix("Error")
    return f"{name}: {description}" if description else name
