"""The Kafka sink against a stand-in for the client: order, back-pressure, losses, topics."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import confluent_kafka
import confluent_kafka.admin
import pytest

from fraud_generator import KafkaTarget, Settings, SettingsError, SinkError, run


class Error:
    def __init__(self, name: str, fatal: bool = False) -> None:
        self._name, self._fatal = name, fatal

    def name(self) -> str:
        return self._name

    def str(self) -> str:
        return f"text of {self._name}"

    def fatal(self) -> bool:
        return self._fatal


class Broker:
    """What all stand-ins of one test share."""

    def __init__(self) -> None:
        self.topics = {"queueing.transactions": 2}
        self.room = 1_000_000
        self.queue: list[tuple[str, int, dict[str, Any]]] = []
        self.stored: list[tuple[str, int, dict[str, Any]]] = []
        self.labels: list[tuple[str, bytes, bytes]] = []
        self.away = False
        self.unreachable = False
        self.refuse: bytes | None = None
        self.error: Error | None = None
        self.config: dict[str, Any] = {}
        self.closed = False
        self.created: list[Any] = []


class Producer:
    def __init__(self, broker: Broker, config: dict[str, Any], logger: object) -> None:
        self.broker = broker
        broker.config = config

    def __len__(self) -> int:
        return len(self.broker.queue)

    def list_topics(self, timeout: float) -> Any:
        if self.broker.unreachable:
            raise confluent_kafka.KafkaException(Error("_TRANSPORT"))
        topics = {
            name: SimpleNamespace(partitions=dict.fromkeys(range(number)), error=None)
            for name, number in self.broker.topics.items()
        }
        return SimpleNamespace(topics=topics)

    def produce_batch(self, topic: str, messages: list[Any], partition: int, on_delivery: Any) -> int:
        for message in messages:
            if self.broker.refuse and message["value"] and self.broker.refuse in message["value"]:
                message["_error"] = Error("MSG_SIZE_TOO_LARGE")
            elif len(self.broker.queue) >= self.broker.room:
                message["_error"] = Error("_QUEUE_FULL")
            else:
                self.broker.queue.append((topic, partition, message))
        return 0

    def produce(self, topic: str, value: bytes, key: bytes) -> None:
        self.broker.labels.append((topic, value, key))

    def poll(self, timeout: float) -> None:
        if self.broker.error:
            self.broker.config["error_cb"](self.broker.error)
            self.broker.error = None
        if not self.broker.away:
            self.broker.stored += self.broker.queue[:700]
            del self.broker.queue[:700]

    def purge(self) -> None:
        self.broker.queue.clear()

    def close(self) -> None:
        self.broker.closed = True


class AdminClient:
    def __init__(self, broker: Broker, config: dict[str, Any]) -> None:
        self.broker = broker
        self.broker.created.append(config)

    def create_topics(self, topics: list[Any], request_timeout: float) -> dict[str, Any]:
        self.broker.topics.update({topic.topic: topic.num_partitions for topic in topics})
        return {topic.topic: SimpleNamespace(result=lambda timeout: None) for topic in topics}


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    broker = Broker()
    monkeypatch.setattr(confluent_kafka, "Producer", partial(Producer, broker))
    monkeypatch.setattr(confluent_kafka.admin, "AdminClient", partial(AdminClient, broker))
    return broker


def ids(broker: Broker, partition: int) -> list[bytes]:
    return [message["value"] for _, where, message in broker.stored if where == partition]


def test_all_arrives_in_order_and_is_acknowledged(broker: Broker) -> None:
    done = run("transactions", Settings(count=5_000), KafkaTarget("somewhere:9092"))
    assert (done.sent, done.acknowledged, done.failed) == (5_002, 5_002, 0)
    assert {topic for topic, _, _ in broker.stored} == {"queueing.transactions"}
    assert broker.closed
    assert broker.config["enable.idempotence"] is True
    assert broker.config["message.timeout.ms"] == 0


def test_a_full_queue_keeps_the_order(broker: Broker) -> None:
    target = KafkaTarget("somewhere:9092")
    run("transactions", Settings(count=5_000), target)
    expected, broker.stored = [ids(broker, 0), ids(broker, 1)], []
    broker.room = 300
    done = run("transactions", Settings(count=5_000), target)
    assert [ids(broker, 0), ids(broker, 1)] == expected
    assert done.acknowledged == 5_002


def test_no_event_time_becomes_a_timestamp_of_the_record(broker: Broker) -> None:
    run("transactions", Settings(count=10), KafkaTarget("somewhere:9092"))
    # A record that says it is from 2024 would be deleted by the topic's retention at once.
    assert all(set(message) == {"key", "value"} for _, _, message in broker.stored)


def test_a_refused_record_is_counted_and_the_rest_goes_on(broker: Broker) -> None:
    broker.refuse = b'"transaction_id":7,'
    done = run("transactions", Settings(count=100), KafkaTarget("somewhere:9092"))
    assert (done.sent, done.acknowledged, done.failed) == (102, 101, 1)


def test_a_lost_broker_is_waited_for_and_reported(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fraud_generator.kafka.MOST_QUEUED", 1_000)
    now = SimpleNamespace(time=0.0)
    monkeypatch.setattr("time.monotonic", lambda: now.time)
    broker.away, broker.error = True, Error("_ALL_BROKERS_DOWN")
    seen = []

    def progress(at: Any) -> None:
        now.time += 1
        seen.append(at.connected)
        broker.away = len(seen) < 30

    done = run("transactions", Settings(count=9_000), KafkaTarget("x:1"), progress=progress, every=0.0)
    assert done.acknowledged == 9_002
    assert False in seen
    assert done.connected


def test_stopping_while_the_broker_is_away_drops_the_rest(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fraud_generator.kafka.STOP_SECONDS", 0.05)
    broker.away = True
    done = run("transactions", Settings(count=2_000), KafkaTarget("x:1"), stop=lambda: len(broker.queue) >= 1_000)
    assert (done.sent, done.acknowledged, done.stopped) == (1_000, 0, True)
    assert broker.closed


def test_a_fatal_error_ends_the_run(broker: Broker) -> None:
    broker.error = Error("_FATAL", fatal=True)
    with pytest.raises(SinkError, match="text of _FATAL"):
        run("transactions", Settings(count=10), KafkaTarget("x:1"))
    assert broker.closed


def test_missing_topics_are_created_with_the_client_part_of_the_properties(broker: Broker) -> None:
    target = KafkaTarget("x:1", {"clicks": "my.clicks"}, labels_topic="truth", config={"sasl.username": "me"})
    run("ad-clicks", Settings(count=1_000, partitions=3), target)
    assert broker.topics["my.clicks"] == broker.topics["displays"] == broker.topics["truth"] == 3
    assert {topic for topic, _, _ in broker.labels} == {"truth"}
    assert broker.created == [
        {"bootstrap.servers": "x:1", "client.id": "fraud-generator", "sasl.username": "me"},
    ]


def test_topics_are_left_alone_on_request(broker: Broker) -> None:
    with pytest.raises(SettingsError, match="no topic 'clicks'"):
        run("ad-clicks", Settings(), KafkaTarget("x:1", create_topics=False))


def test_too_few_partitions(broker: Broker) -> None:
    with pytest.raises(SettingsError, match="use --partitions 2"):
        run("transactions", Settings(partitions=5), KafkaTarget("x:1"))


def test_no_broker(broker: Broker) -> None:
    broker.unreachable = True
    with pytest.raises(SinkError, match="no Kafka broker answers at x:1 within 10 s"):
        run("transactions", Settings(), KafkaTarget("x:1"))
    assert broker.closed


def test_unknown_streams_and_properties() -> None:
    with pytest.raises(SettingsError, match="has no stream 'click'"):
        run("ad-clicks", Settings(), KafkaTarget("x:1", {"click": "t"}))
    with pytest.raises(SettingsError, match=r"No such configuration property: \"no\.such\""):
        run("transactions", Settings(), KafkaTarget("x:1", config={"no.such": "1"}))
