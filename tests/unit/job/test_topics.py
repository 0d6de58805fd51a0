from unit.job.samples import detector, rule, stream

from fraud_job.topics import MAX_MESSAGE_BYTES, TopicKind, topics

QUERY = {"query": "SELECT card, amount FROM payments", "columns": [{"name": "card", "type": "STRING"}]}


def named(**spec: object) -> dict[str, tuple[str, bool]]:
    return {topic.name: (topic.kind.value, topic.compacted) for topic in topics(detector(**spec))}


def test_names_carry_the_namespace_and_inputs_come_first() -> None:
    assert named(streams=[stream(topic="in.payments"), stream("refunds")]) == {
        "in.payments": ("input", False),
        "refunds": ("input", False),
        "test.sample.payments.dead-letters": ("dead-letters", False),
        "test.sample.refunds.dead-letters": ("dead-letters", False),
        "test.sample.late": ("late", False),
        "test.sample.rules.dead-letters": ("unknown-results", False),
        "test.sample.alerts": ("alerts", False),
    }
    found = topics(detector(streams=[stream(topic="in.payments"), stream("refunds")]))
    assert [topic.kind for topic in found][:2] == [TopicKind.INPUT, TopicKind.INPUT]


def test_what_nobody_writes_is_not_made() -> None:
    assert "test.sample.alerts" not in named(rules=[])
    assert "test.sample.rules.dead-letters" not in named(rules=[])
    assert "test.sample.blocked" not in named()


def test_what_elasticsearch_refuses_has_a_topic_where_there_is_one() -> None:
    name = "test.sample.indexer.dead-letters"
    assert named(elasticsearch={"url": "http://elasticsearch:9200"})[name] == ("refused", False)
    assert name not in named()


def test_keys_that_replace_are_compacted() -> None:
    outputs = [
        {"name": "added", **QUERY},
        {"name": "keyed", "key": ["card"], **QUERY},
        {"name": "replaced", "topic": "out", "mode": "Upsert", "key": ["card"], **QUERY},
        {"name": "flagged", "split": {"from": "payments", "part": "Flagged"}},
    ]
    found = named(outputs=outputs, rules=[rule(actions={"block": {}})])
    assert {name: compacted for name, (_, compacted) in found.items() if compacted} == {
        "out": True,
        "test.sample.blocked": True,
    }
    assert found["keyed"] == ("output", False)
    assert named(rules=[rule(actions={"block": {}})], blocking={"topic": "black.list"})["black.list"][0] == "blocked"


def test_settings_come_from_the_detector() -> None:
    kafka = {"topics": {"partitions": 7, "replicationFactor": 3, "retention": "2h"}}
    for topic in topics(detector(kafka=kafka)):
        assert (topic.partitions, topic.replication) == (7, 3)
        assert topic.config == {
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "retention.ms": "7200000",
            "message.timestamp.type": "LogAppendTime",
        }


def test_a_topic_of_two_streams_is_made_once() -> None:
    found = topics(detector(streams=[stream(topic="in"), stream("refunds", topic="in")]))
    assert [topic.name for topic in found].count("in") == 1
