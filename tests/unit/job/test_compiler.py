import re

import pytest
from unit.job.samples import LIMIT, detector, rule, stream

from fraud_api import FraudDetector
from fraud_job.compiler import Insert, compile_detector
from fraud_job.runtime import settings

VELOCITY = {
    "velocity": {
        "from": "payments",
        "within": "1h",
        "aggregates": [{"name": "n", "function": "Count"}],
        "having": "n > 1",
    },
    "reason": "{n}",
}


def inserts(made: FraudDetector) -> dict[str, Insert]:
    return {insert.sink: insert for insert in compile_detector(made).inserts}


def reading(insert: Insert) -> str:
    """What an INSERT does, its scope included."""
    return "\n".join([*insert.setup, insert.sql])


def test_the_order_of_rules_changes_the_order_of_statements_only() -> None:
    rules = [rule(), rule("other", reason="x"), rule("fast", **VELOCITY)]
    one, other = (compile_detector(detector(rules=order)) for order in (rules, rules[::-1]))
    assert set(one.inserts) == set(other.inserts)
    assert set(one.tables) == set(other.tables)


def test_disabled_rules_leave_no_trace() -> None:
    disabled = rule("off", mode="Disabled", actions={"block": {}})
    assert compile_detector(detector(rules=[rule(), disabled])) == compile_detector(detector())


def test_shadow_alerts_say_so_and_nothing_else_happens() -> None:
    split = [{"name": "flagged", "split": {"from": "payments", "part": "Flagged"}}]
    shadow = rule("shade", mode="Shadow", actions={"block": {}}, filter={"from": "payments", "where": "amount > 7"})
    found = inserts(detector(rules=[rule(), shadow], outputs=split))
    assert '"mode":"Shadow"' in found["rule shade"].sql
    assert "rule shade blocked" not in found
    assert "> 7" not in found["output flagged"].sql


def test_splits_count_the_rules_they_name() -> None:
    rules = [rule(), rule("other", reason="x", filter={"from": "payments", "where": "amount > 7"})]
    outputs = [
        {"name": "any", "split": {"from": "payments", "part": "Flagged"}},
        {"name": "one", "split": {"from": "payments", "part": "Clean", "rules": ["other"]}},
    ]
    found = inserts(detector(rules=rules, outputs=outputs))
    assert found["output any"].sql.endswith("AND ((`amount` > (900E0)) OR (`amount` > 7)) IS TRUE")
    assert found["output one"].sql.endswith("AND ((`amount` > 7)) IS NOT TRUE")


def test_an_alert_and_its_block_record_share_a_scope() -> None:
    found = inserts(detector(rules=[rule(actions={"block": {}})]))
    assert found["rule large blocked"].owner == found["rule large"].owner == "rule large"
    assert found["rule large blocked"].setup == ("USE `rule large`",)


@pytest.mark.parametrize(
    ("changed", "keeps_state"),
    [
        ({}, False),
        ({"firstOnly": "1h"}, True),
        (VELOCITY, True),
        ({"filter": {"from": "plain", "where": "amount > 1"}}, False),
        ({"filter": {"from": "summed", "where": "amount > 1"}}, True),
        ({"filter": {"from": "above", "where": "amount > 1"}}, True),
    ],
)
def test_late_events_are_kept_from_what_keeps_state(changed: dict[str, object], keeps_state: bool) -> None:
    views = [
        {"name": "plain", "query": "SELECT * FROM payments"},
        {
            "name": "summed",
            "query": "SELECT id, card, at, event_time, event_id, SUM(amount) OVER (PARTITION BY card"
            " ORDER BY event_time RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND CURRENT ROW) AS amount FROM payments",
        },
        {"name": "above", "query": "SELECT * FROM summed"},
    ]
    made = detector(views=views, rules=[rule(**changed)])
    assert ("NOT `_late`" in reading(inserts(made)["rule large"])) is keeps_state


@pytest.mark.parametrize(
    ("query", "keeps_state"),
    [
        ("SELECT card FROM payments", False),
        ("SELECT card FROM payments UNION ALL SELECT card FROM payments", False),
        ("SELECT DISTINCT card FROM payments", True),
        ("SELECT card FROM payments UNION SELECT card FROM payments", True),
        ("SELECT card FROM payments GROUP BY card", True),
        ("SELECT MAX(card) FROM payments", True),
        ("SELECT p.card FROM payments AS p JOIN refunds AS r ON p.id = r.id", True),
        ("SELECT card FROM payments WHERE id IN (SELECT id FROM refunds)", True),
        ("SELECT card FROM TABLE(TUMBLE(TABLE payments, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))", True),
    ],
)
def test_late_events_reach_outputs_that_only_pass_on(query: str, keeps_state: bool) -> None:
    columns = [{"name": "card", "type": "STRING"}]
    outputs = [{"name": "out", "query": query, "columns": columns, "mode": "Upsert", "key": ["card"]}]
    made = detector(streams=[stream(), stream("refunds")], outputs=outputs)
    assert ("NOT `_late`" in reading(inserts(made)["output out"])) is keeps_state


def test_what_is_remembered_outlives_a_job_that_stands_still() -> None:
    query = "SELECT card, amount, event_time, event_id FROM payments"
    edge = {"memory": "5d"}
    totals = {
        "from": "payments",
        "memory": "30d",
        "aggregates": [{"name": "n", "function": "Count"}],
        "having": "n > 3",
    }
    rules = [
        rule(),
        rule("first", firstOnly="1h"),
        rule("both", firstOnly="1h", sql={"query": query, "stateTtl": "2h"}, reason="x"),
        rule("edge", firstOnly="1h", edge=edge),
        rule("totals", edge=edge, velocity=totals, reason="{n}"),
    ]
    found = inserts(detector(rules=rules))
    hour, day = 3_600_000, 86_400_000
    lives = {
        name: (found[f"rule {name}"].state_ttl_ms, found[f"rule {name}"].memory_ms)
        for name in ("large", "first", "both", "edge", "totals")
    }
    assert lives == {
        "large": (None, None),
        "first": (None, hour + 7 * day),
        "both": (2 * hour, hour + 7 * day),
        "edge": (None, 12 * day),
        "totals": (60 * day, 60 * day),
    }


def test_editing_a_parameter_changes_nothing_but_literals() -> None:
    before = compile_detector(detector())
    after = compile_detector(detector(parameters=[LIMIT | {"value": "901"}]))
    assert before.tables == after.tables
    changed = [insert.sink for insert, other in zip(before.inserts, after.inserts, strict=True) if insert != other]
    assert changed == ["rule large"]


def test_exactly_once_names_transactions_after_sinks() -> None:
    tables = compile_detector(detector(delivery="ExactlyOnce")).tables
    prefixes = [line for table in tables for line in table.splitlines() if "transactional-id-prefix" in line]
    assert len(prefixes) == len(set(prefixes)) == 3
    assert all("'test.sample." in line for line in prefixes)


def test_settings_of_the_detector_win() -> None:
    flink = {"parallelism": 3, "stateBackend": "RocksDB", "configuration": {"table.local-time-zone": "Asia/Tokyo"}}
    found = settings(detector(flink=flink))
    assert found["parallelism.default"] == "3"
    assert found["state.backend.type"] == "rocksdb"
    assert found["table.local-time-zone"] == "Asia/Tokyo"
    assert found["execution.checkpointing.interval"] == "10000 ms"
    assert settings(detector())["table.local-time-zone"] == "UTC"


def test_every_table_has_the_clients_properties() -> None:
    made = detector(outputs=[{"name": "all", "topic": "all", "split": {"from": "payments", "part": "Clean"}}])
    found = [table for table in compile_detector(made, {"security.protocol": "SSL"}).tables if "'connector'" in table]
    assert len(found) == 5
    assert all("'properties.security.protocol' = 'SSL'" in table for table in found)


STEPS = [{"name": "small", "where": "amount < 5"}, {"name": "large", "where": "amount > :limit"}]


def sequence(**more: object) -> str:
    kind = {"from": "payments", "steps": STEPS, "within": "1h"} | more
    return inserts(detector(rules=[rule(reason="x", sequence=kind)]))["rule large"].sql


def test_events_that_can_be_no_step_stay_away_from_a_sequence_with_gaps() -> None:
    kept = "((`amount` < 5) OR (`amount` > (900E0)))) MATCH_RECOGNIZE"
    assert f" WHERE {kept}" in sequence()
    assert f" WHERE (`card` <> 'x') AND {kept}" in sequence(where="card <> 'x'")


def test_every_event_counts_in_a_strict_sequence_and_within_a_step_of_several() -> None:
    repeated = [STEPS[0] | {"times": 2}, STEPS[1]]
    for found in (sequence(contiguity="Strict"), sequence(steps=repeated)):
        assert "AS `_length` FROM `payments`) MATCH_RECOGNIZE" in found


def test_every_event_counts_where_a_step_looks_at_an_earlier_one() -> None:
    found = sequence(steps=[STEPS[0], {"name": "large", "where": "amount > 9 * small.amount"}])
    assert "AS `_length` FROM `payments`) MATCH_RECOGNIZE" in found
    later = "{0} AS ({0}.`amount` > 9 * LAST(S0.`amount`))"
    defined = f"DEFINE S0 AS (S0.`amount` < 5), {later.format('G1')} IS NOT TRUE, {later.format('S1')}"
    assert defined in found


def test_a_gap_takes_an_event_that_can_be_the_step_only_where_a_later_step_may_prefer_another() -> None:
    def gaps(last: str = "amount > 9", **middle: object) -> list[str]:
        steps = [STEPS[0], {"name": "middle", "where": "amount > 6", **middle}, {"name": "last", "where": last}]
        return re.findall(r"(G\d) AS ", sequence(steps=steps))

    assert gaps() == ["G1", "G2"]
    assert gaps(times=2) == ["G2"]
    assert gaps("amount > 2 * middle.amount") == ["G2"]


def test_a_sequence_takes_exactly_its_time() -> None:
    assert "WITHIN INTERVAL '0 01:00:00.001' DAY(2) TO SECOND(3)" in sequence()


def followed(made: FraudDetector) -> dict[str, str]:
    """By stream what its table says it follows."""
    tables = [table for table in compile_detector(made).tables if "'fraud-kafka'" in table]
    named = {re.search(r"'stream' = '(\w+)'", table).group(1): table for table in tables}  # type: ignore[union-attr]
    found = {name: re.search(r"'follows' = '([^']+)'", table) for name, table in named.items()}
    return {name: match.group(1) for name, match in found.items() if match}


def test_a_silent_stream_follows_those_that_it_is_counted_with() -> None:
    streams = [stream(name) for name in ("payments", "refunds", "orders", "logins", "alone")]
    views = [
        {"name": "both", "query": "SELECT * FROM payments UNION ALL SELECT * FROM refunds"},
        {"name": "all", "query": "SELECT * FROM payments UNION ALL SELECT * FROM alone"},
    ]
    counted = {"velocity": VELOCITY["velocity"] | {"from": "both"}, "reason": "{n}"}
    columns = [{"name": "card", "type": "STRING"}]
    query = "SELECT p.card FROM payments AS p JOIN orders AS o ON p.id = o.id"
    outputs = [{"name": "out", "query": query, "columns": columns, "mode": "Upsert", "key": ["card"]}]
    passed = {"filter": {"from": "all", "where": "amount > 1"}, "reason": "x"}
    off = rule("off", mode="Disabled", sql={"query": "SELECT * FROM logins JOIN alone ON TRUE", "stateTtl": "1h"})
    rules = [rule("counts", **counted), rule("passes", **passed), off]
    found = followed(detector(streams=streams, views=views, rules=rules, outputs=outputs))
    assert found == {"payments": "orders;refunds", "refunds": "payments", "orders": "payments"}


def test_duplicates_are_told_by_the_event_id() -> None:
    (table,) = [
        one for one in compile_detector(detector(streams=[stream(deduplicate="90m")])).tables if "-kafka" in one
    ]
    assert "'deduplicate.within' = '5400000 ms',\n  'deduplicate.column' = 'id'" in table
