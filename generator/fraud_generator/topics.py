"""Topics before the first record: there, or created, and with enough partitions."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fraud_generator.errors import SettingsError, SinkError
from fraud_generator.model import Settings

if TYPE_CHECKING:
    from fraud_generator.kafka import KafkaTarget

LARGEST_RECORD = 10 * 1_024 * 1_024

CLIENT_PROPERTIES = ("bootstrap.", "security.", "sasl.", "ssl.", "client.", "broker.", "socket.", "enable.ssl")
"""Beginnings of the properties that an administration client understands as well as a producer."""


def prepare_topics(
    producer: Any,
    config: dict[str, Any],
    wanted: Sequence[str],
    partitioned: Collection[str],
    settings: Settings,
    target: KafkaTarget,
) -> None:
    """Create missing topics and refuse ones with too few partitions.

    Raises SinkError when no broker answers or a topic cannot be created, SettingsError for too few
    partitions.
    """
    known = partition_counts(producer, target.bootstrap, target.connect_seconds)
    missing = [topic for topic in dict.fromkeys(wanted) if topic not in known]
    if missing and target.create_topics:
        _create(config, missing, settings, target.connect_seconds)
        known = _await(producer, missing, target)
    for topic in partitioned:
        if topic not in known:
            raise SettingsError(f"there is no topic {topic!r} at {target.bootstrap}; create it first")
        if known[topic] < settings.partitions:
            raise SettingsError(
                f"topic {topic!r} has {known[topic]} partitions, fewer than the {settings.partitions} asked for; "
                f"use --partitions {known[topic]}"
            )


def partition_counts(producer: Any, bootstrap: str, timeout: float) -> dict[str, int]:
    """Every topic and its partitions. Raises SinkError when no broker answers in time (seconds)."""
    from confluent_kafka import KafkaException

    try:
        topics = producer.list_topics(timeout=timeout).topics
    except KafkaException as error:
        raise SinkError(
            f"no Kafka broker answers at {bootstrap} within {timeout:g} s ({error.args[0].str()}); "
            "is it running, and is the address right?"
        ) from error
    return {name: len(topic.partitions) for name, topic in topics.items() if topic.error is None}


def await_partitions(bootstrap: str, config: Mapping[str, str], topics: Collection[str], seconds: float = 10.0) -> int:
    """How many partitions every one of the topics has. Raises SinkError when no broker answers or one is missing."""
    from confluent_kafka.admin import AdminClient

    reasons: list[str] = []
    hear: dict[str, Any] = {"log_level": 0, "error_cb": lambda error: reasons.append(error.str())}
    admin = AdminClient({"bootstrap.servers": bootstrap, **config, **hear})
    try:
        known = partition_counts(admin, bootstrap, seconds)
    except SinkError as error:
        admin.poll(0)  # what was heard is told only when asked for
        raise SinkError(f"{error} ({reasons[0]})" if reasons else str(error)) from error
    missing = [topic for topic in topics if not known.get(topic)]
    if missing:
        raise SinkError(f"there is no topic {missing[0]!r} at {bootstrap} yet")
    return min(known[topic] for topic in topics)


def _create(config: dict[str, Any], topics: Sequence[str], settings: Settings, timeout: float) -> None:
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient, NewTopic

    admin = AdminClient({name: value for name, value in config.items() if name.startswith(CLIENT_PROPERTIES)})
    # Malformed records of five megabytes must get through where they are asked for.
    limits = {"max.message.bytes": str(LARGEST_RECORD)} if settings.poison else {}
    new = [NewTopic(topic, num_partitions=settings.partitions, config=limits) for topic in topics]
    for topic, future in admin.create_topics(new, request_timeout=timeout).items():
        try:
            future.result(timeout)
        except KafkaException as error:
            # Several processes of one run create the same topics at once.
            if error.args[0].name() != "TOPIC_ALREADY_EXISTS":
                raise SinkError(f"cannot create topic {topic!r}: {error.args[0].str()}") from error
        except TimeoutError as error:
            raise SinkError(f"cannot create topic {topic!r}: no answer within {timeout:g} s") from error


def _await(producer: Any, topics: Sequence[str], target: KafkaTarget) -> dict[str, int]:
    """A broker needs a moment until it tells of a topic it has just made."""
    deadline = time.monotonic() + target.connect_seconds
    while True:
        known = partition_counts(producer, target.bootstrap, target.connect_seconds)
        if all(known.get(topic) for topic in topics):
            return known
        if time.monotonic() > deadline:
            raise SinkError(f"topics {', '.join(topics)} were created but the broker does not tell of them")
        time.sleep(0.1)
