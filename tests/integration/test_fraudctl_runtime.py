"""The embedded Kafka and Flink: up, down, up again, and nothing left of them."""

import os
from pathlib import Path

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from fraudctl.errors import MachineError
from fraudctl.runtime.cluster import FlinkCluster
from fraudctl.runtime.kafka import EmbeddedKafka

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


def send(bootstrap: str, topic: str, value: bytes) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "message.max.bytes": 16_000_000})
    errors: list[object] = []
    producer.produce(topic, value, on_delivery=lambda error, message: errors.append(error))
    producer.flush(30)
    assert errors == [None]


def read_one(bootstrap: str, topic: str) -> bytes | None:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": "t", "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    try:
        message = consumer.poll(30)
        return message.value() if message else None
    finally:
        consumer.close()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_broker_comes_back_with_its_data(end: str):
    kafka = EmbeddedKafka()
    with kafka:
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
        admin.create_topics([NewTopic("t", 1, config={"max.message.bytes": "12582912"})])["t"].result()
        send(kafka.bootstrap, "t", b"x" * 5_000_000)
        before, pid = kafka.bootstrap, kafka.pid
        getattr(kafka, end)()
        assert not kafka.running
        kafka.start()
        assert (kafka.bootstrap, kafka.running) == (before, True)
        assert kafka.pid != pid
        assert read_one(kafka.bootstrap, "t") == b"x" * 5_000_000
        directory = kafka.directory
    assert not kafka.running
    assert not directory.exists()


def test_a_taken_port_is_told():
    with EmbeddedKafka() as first:
        second = EmbeddedKafka(port=first.port)
        with pytest.raises(MachineError, match=f"port {first.port} is taken"):
            second.start()
        second.close()


def test_a_cluster_offers_its_slots_and_ends():
    with FlinkCluster(slots=3) as cluster:
        overview = cluster.rest.get("/overview")
        assert (overview["taskmanagers"], overview["slots-total"]) == (1, 3)
        directory = cluster.directory
        pids = [child.pid for child in cluster._children]
    assert not directory.exists()
    for pid in pids:
        assert not Path("/proc", str(pid), "exe").exists() or os.getpid() == pid
