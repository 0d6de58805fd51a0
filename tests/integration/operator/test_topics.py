"""The operator's Kafka client against a real broker."""

from collections.abc import Mapping

import pytest
from harness.detectors import isolated, manifest
from harness.kafka import Broker
from harness.waiting import until

from fraud_api import FraudDetector
from fraud_job.topics import Topic, TopicKind, topics
from fraud_operator.clients.kafka import Kafka, KafkaUnreachable, TopicRefused
from fraud_operator.topics import TopicPlan, plan

pytestmark = pytest.mark.integration


@pytest.fixture
def detector(kafka: Broker) -> FraudDetector:
    return isolated(manifest("transactions"), kafka.bootstrap)


def look(detector: FraudDetector, ours: Mapping[str, str]) -> TopicPlan:
    with Kafka().open(detector, None) as admin:
        return plan(detector, admin.describe([topic.name for topic in topics(detector)]), ours)


def names(detector: FraudDetector) -> dict[str, str]:
    return {topic.name: "" for topic in topics(detector)}


def make(detector: FraudDetector) -> dict[str, str]:
    """Topics with their ids."""
    found = {}
    with Kafka().open(detector, None) as admin:
        for topic in topics(detector):
            made = admin.create(topic)
            assert made
            found[topic.name] = made
            assert admin.create(topic) is None, "somebody else was faster"
    return found


def test_topics_are_made_as_they_are_wanted(detector: FraudDetector) -> None:
    assert [topic.name for topic in look(detector, {}).create] == list(names(detector))
    make(detector)
    done = until(lambda: (found := look(detector, names(detector))).idle and found, "topics to be as wanted")
    assert done.differences == ()


def test_a_topic_made_anew_is_another_one(detector: FraudDetector) -> None:
    made = make(detector)
    assert len(set(made.values())) == len(made)
    with Kafka().open(detector, None) as admin:
        found = until(lambda: (all_ := admin.describe(made)).keys() == made.keys() and all_, "topics to be there")
        assert {name: one.id for name, one in found.items()} == made
        first = topics(detector)[0]
        admin.delete(first.name)
        again = until(lambda: admin.create(first), "it to be made anew")
    assert again != made[first.name]


def test_topics_grow_and_change_their_retention(detector: FraudDetector) -> None:
    make(detector)
    wider = with_topics(detector, partitions=5, retention="1h")
    todo = until(lambda: (found := look(wider, names(wider))).configure and found, "a plan")
    assert "default" not in str(todo.differences)
    assert any("never grows" in one for one in todo.differences)  # alerts have keys
    with Kafka().open(wider, None) as admin:
        for name, partitions in todo.grow.items():
            admin.grow(name, partitions)
        for name, config in todo.configure.items():
            admin.configure(name, config)
    until(lambda: look(wider, names(wider)).idle, "topics to be as wanted")


def test_what_was_there_before_is_told_and_left(detector: FraudDetector) -> None:
    make(with_topics(detector, retention="2h"))
    todo = until(lambda: (found := look(detector, {})).differences and found, "a plan")
    assert todo.idle
    assert all("retention.ms 7200000, not 604800000: left as it is" in one for one in todo.differences)
    assert len(todo.differences) == len(names(detector)) - 1  # an input has its own owner


def test_records_are_counted(detector: FraudDetector, kafka: Broker) -> None:
    make(detector)
    topic = detector.spec.streams[0].topic_name
    kafka.write((topic, number % 2, None, b"{}") for number in range(7))
    with Kafka().open(detector, None) as admin:
        assert admin.written([topic, "there.is.none"]) == {topic: 7, "there.is.none": 0}
        assert admin.read(f"nobody-{topic}", [topic]) == 0


def test_topics_are_deleted(detector: FraudDetector) -> None:
    make(detector)
    with Kafka().open(detector, None) as admin:
        for name in names(detector):
            admin.delete(name)
            admin.delete("there.is.none")
    until(lambda: len(look(detector, {}).create) == len(names(detector)), "topics to be gone")


def test_what_the_broker_refuses_is_told(detector: FraudDetector) -> None:
    with Kafka().open(detector, None) as admin:
        with pytest.raises(TopicRefused, match=r"x\.copies: InvalidReplicationFactor"):
            admin.create(Topic("x.copies", TopicKind.OUTPUT, 1, 3, {}))
        with pytest.raises(TopicRefused, match=r"x\.config: "):
            admin.create(Topic("x.config", TopicKind.OUTPUT, 1, 1, {"retention.ms": "soon"}))


def test_a_broker_that_is_away_is_told_and_leaves_nothing_behind(detector: FraudDetector) -> None:
    import threading

    before = threading.active_count()
    away = isolated(detector, "127.0.0.1:1")
    with pytest.raises(KafkaUnreachable, match=r"no broker answers at 127\.0\.0\.1:1"), Kafka().open(away, None):
        pass
    assert threading.active_count() == before


def with_topics(detector: FraudDetector, **fields: object) -> FraudDetector:
    document = detector.model_dump(mode="json", by_alias=True, exclude_none=True)
    document["spec"]["kafka"]["topics"] |= fields
    return FraudDetector.model_validate(document)
