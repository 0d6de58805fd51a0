from unit.operator.driver import edited, transactions

from fraud_job.topics import topics
from fraud_operator.topics import Present, deletable, keyed_topics, plan

ALERTS, FRAUD, INPUT = "default.transactions.alerts", "streaming.transactions.fraud", "queueing.transactions"


def present(detector, **changes) -> dict[str, Present]:
    return {
        topic.name: Present(
            changes.get("partitions", topic.partitions),
            changes.get("replication", topic.replication),
            {**topic.config, **changes.get("config", {}), "segment.bytes": "1073741824"},
        )
        for topic in topics(detector)
    }


def names(detector) -> dict[str, str]:
    return {topic.name: "" for topic in topics(detector)}


def test_missing_topics_are_created() -> None:
    todo = plan(transactions(), {}, {})
    assert [topic.name for topic in todo.create] == list(names(transactions()))


def test_as_wanted_nothing_is_to_be_done() -> None:
    todo = plan(transactions(), present(transactions()), names(transactions()))
    assert todo.idle
    assert todo.differences == ()


def test_partitions_grow_but_not_under_keys() -> None:
    wider = transactions(kafka={"topics": {"partitions": 4}})
    todo = plan(wider, present(transactions()), names(wider))
    assert todo.grow[FRAUD] == 4
    assert todo.grow[INPUT] == 4
    assert ALERTS not in todo.grow
    assert todo.differences == (
        f"{ALERTS} has 2 partitions, not 4: a topic with keys never grows, or a key would change its partition",
    )


def test_partitions_never_shrink() -> None:
    todo = plan(transactions(), present(transactions(), partitions=9), names(transactions()))
    assert todo.idle
    assert all("has 9 partitions, not 2: partitions never shrink" in one for one in todo.differences)


def test_retention_follows() -> None:
    shorter = transactions(kafka={"topics": {"retention": "1h"}})
    todo = plan(shorter, present(transactions()), names(shorter))
    assert todo.configure[FRAUD] == {"retention.ms": "3600000"}


def test_copies_are_only_told() -> None:
    todo = plan(transactions(), present(transactions(), replication=3), names(transactions()))
    assert todo.idle
    assert f"{FRAUD} has 3 copies, not 1: move them with Kafka's own tools" in todo.differences


def test_a_topic_of_somebody_else_is_left_as_it_is() -> None:
    found = present(transactions(), partitions=1, config={"retention.ms": "60000"})
    todo = plan(transactions(), found, {})
    assert todo.idle
    assert f"{FRAUD} was there before, with retention.ms 60000, not 604800000: left as it is" in todo.differences
    assert not any(INPUT in one for one in todo.differences)


def test_a_setting_that_is_not_set_is_told_as_such() -> None:
    found = {FRAUD: Present(2, 1, {})}
    assert any("with retention.ms unset" in one for one in plan(transactions(), found, {}).differences)


def test_only_what_was_made_for_it_goes_and_no_input() -> None:
    assert deletable(transactions(), dict.fromkeys([INPUT, ALERTS, FRAUD], "")) == [ALERTS, FRAUD]
    assert deletable(transactions(), {}) == []


def test_a_topic_that_was_made_anew_by_somebody_else_is_left_as_it_is() -> None:
    found = {FRAUD: Present(1, 1, {"retention.ms": "60000"}, "theirs")}
    todo = plan(transactions(), found, {FRAUD: "ours"})
    assert FRAUD not in todo.grow
    assert FRAUD not in todo.configure
    assert f"{FRAUD} was there before, with retention.ms 60000, not 604800000: left as it is" in todo.differences
    assert plan(transactions(), found, {FRAUD: "theirs"}).configure.keys() == {FRAUD}


def test_keys_are_those_of_alerts_blocks_and_keyed_outputs() -> None:
    keyed = {
        "name": "totals",
        "mode": "Upsert",
        "key": ["account_id"],
        "stateTtl": "1d",
        "columns": [{"name": "account_id", "type": "BIGINT"}, {"name": "n", "type": "BIGINT"}],
        "query": "SELECT account_id, COUNT(*) AS n FROM transactions GROUP BY account_id",
    }
    assert keyed_topics(transactions()) == {ALERTS}
    assert keyed_topics(edited(transactions(), outputs=[keyed])) == {ALERTS, "totals"}
