"""Settings of the indexer's Kafka clients."""

from pathlib import Path

import pytest
from harness.detectors import written

from fraud_api.kafka_clients import SecretError
from fraud_services.indexer import kafka

STREAM = {"name": "events", "columns": [{"name": "at", "type": "STRING"}], "eventTime": {"column": "at"}}


@pytest.mark.parametrize(
    ("delivery", "isolation"), [("AtLeastOnce", "read_uncommitted"), ("ExactlyOnce", "read_committed")]
)
def test_what_is_not_committed_is_read_only_where_all_is(delivery: str, isolation: str):
    detector = written(streams=[STREAM], delivery=delivery)
    config = kafka.consumer(detector, kafka.connection(detector, None))
    assert config["isolation.level"] == isolation
    assert (config["group.id"], config["enable.auto.commit"]) == ("default.written.indexer", False)


def test_a_secured_broker_needs_its_secret(tmp_path: Path):
    security = {"protocol": "SASL_SSL", "secretRef": {"name": "kafka"}}
    detector = written(streams=[STREAM], kafka={"security": security})
    with pytest.raises(SecretError, match="--secrets-dir"):
        kafka.connection(detector, None)
    for name, value in {"username": "u", "password": "p\n", "ca.crt": "x"}.items():
        (tmp_path / "kafka").mkdir(exist_ok=True)
        (tmp_path / "kafka" / name).write_text(value)
    config = kafka.producer(kafka.connection(detector, tmp_path))
    assert (config["security.protocol"], config["sasl.username"], config["sasl.password"]) == ("SASL_SSL", "u", "p")
