"""The indexer's Kafka clients: their settings, and the topic of its dead letters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewTopic

from fraud_api import FraudDetector, naming
from fraud_api.base import milliseconds
from fraud_api.flink import Delivery
from fraud_api.kafka_clients import librdkafka
from fraud_api.secret_files import kafka_credentials

LARGEST_RECORD_BYTES = 12_582_912
"""A record of 10 MiB and its headers."""
_AHEAD_KILOBYTES = 16_384
"""What the client reads ahead, for all partitions together."""
_REQUEST_SECONDS = 30.0

Config = Mapping[str, Any]


def connection(detector: FraudDetector, secrets: Path | None) -> Config:
    """What every client is made with; it holds the password.

    Raises:
        SecretError: the Secret lacks what the protocol needs.
    """
    security = detector.spec.kafka.security
    return {
        **librdkafka(security, kafka_credentials(security, secrets)),
        "bootstrap.servers": detector.spec.kafka.bootstrap_servers,
        "log_level": 2,
        "error_cb": lambda error: None,  # clients mend their connections themselves
        "reconnect.backoff.max.ms": 2_000,
    }


def consumer(detector: FraudDetector, config: Config, group: str | None = None) -> Config:
    """Settings of the reader; the indexers of one group, by default the detector's, share its partitions."""
    committed = detector.spec.delivery is Delivery.EXACTLY_ONCE
    return {
        **config,
        "group.id": group or naming.indexer_group(detector),
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
        "isolation.level": "read_committed" if committed else "read_uncommitted",
        "partition.assignment.strategy": "roundrobin",
        # an indexer that was killed keeps its partitions from others for so long
        "session.timeout.ms": 10_000,
        "queued.max.messages.kbytes": _AHEAD_KILOBYTES,
        "fetch.message.max.bytes": LARGEST_RECORD_BYTES,
        "topic.metadata.refresh.interval.ms": 10_000,
    }


def producer(config: Config) -> Config:
    """Settings of the dead letters' writer."""
    return {
        **config,
        "enable.idempotence": True,
        "message.max.bytes": LARGEST_RECORD_BYTES,
        "delivery.timeout.ms": 20_000,
        "linger.ms": 5,
    }


def create_dead_letter_topic(detector: FraudDetector, config: Config) -> None:
    """Create it unless it is there. Raises KafkaException when the broker says no."""
    defaults = detector.spec.kafka.topics
    topic = NewTopic(
        naming.indexer_dead_letter_topic(detector),
        defaults.partitions,
        defaults.replication_factor,
        config={
            "max.message.bytes": str(LARGEST_RECORD_BYTES),
            "retention.ms": str(milliseconds(defaults.retention)),
            "message.timestamp.type": "LogAppendTime",
        },
    )
    admin = AdminClient(dict(config))  # held: what was asked of one that is gone is never answered
    try:
        admin.create_topics([topic], request_timeout=_REQUEST_SECONDS)[topic.topic].result()
    except KafkaException as error:
        if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
            raise
