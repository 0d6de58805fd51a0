import itertools

import pytest
from unit.job.samples import detector, stream

from fraud_api import FraudDetector
from fraud_api.sql import parse_condition
from fraud_api.understanding import of_columns
from fraud_job.scope import LATE, ON_TIME, Scope, event_id, gate, with_views_below


def scope(on_time: bool = False, **spec: object) -> Scope:
    return Scope("rule large", detector(**spec).spec, on_time=on_time)


@pytest.mark.parametrize(
    ("written", "sql"),
    [
        ("amount > :limit", "(`amount` > (900E0))"),
        ("amount>:limit", "(`amount`>(900E0))"),
        ("amount > -:limit", "(`amount` > -(900E0))"),
        ("  amount > 1 -- large\n", "(`amount` > 1)"),
        ("/* why */ amount > 1 OR card = 'x' /* so */", "(`amount` > 1 OR `card` = 'x')"),
        ("card = ':limit' AND id = 'amount'", "(`card` = ':limit' AND `id` = 'amount')"),
        ("card = 'it''s' AND `amount` > :limit", "(`card` = 'it''s' AND `amount` > (900E0))"),
        ("UPPER(card) IN ('A', 'B') AND NOT amount BETWEEN 1 AND :limit",
         "(UPPER(`card`) IN ('A', 'B') AND NOT `amount` BETWEEN 1 AND (900E0))"),
        ("CAST(amount AS INT) > 1 AND EXTRACT(HOUR FROM event_time) < 6",
         "(CAST(`amount` AS INT) > 1 AND EXTRACT(HOUR FROM `event_time`) < 6)"),
        ("payments.amount > 1", "(`payments`.`amount` > 1)"),
        ("CAST(card AS INT) / amount > 1",
         "(attempt('rule large', 'CAST(card AS INT)', CAST(`event_id` AS STRING), 'CAST(a0 AS INT)',"
         " CAST(NULL AS INT), `card`) / nonzero('rule large', '/ amount', CAST(`event_id` AS STRING), `amount`) > 1)"),
    ],
)  # fmt: skip
def test_conditions_are_quoted_and_filled(written: str, sql: str) -> None:
    assert scope().condition(written, of_columns(None)) == sql


def test_a_condition_can_use_other_names() -> None:
    names = {"amount": "S0.`amount`", "left.amount": "`l`.`a`"}
    assert (
        scope().condition("amount > left.amount AND card = 'x'", of_columns(None), names)
        == "(S0.`amount` > `l`.`a` AND `card` = 'x')"
    )


def test_a_query_keeps_its_text_but_for_parameters() -> None:
    query = "SELECT  card -- who\n, ':limit' AS c FROM payments WHERE amount > :limit;"
    assert scope().query(query) == "SELECT  card -- who\n, ':limit' AS c FROM payments WHERE amount > (900E0)"


def test_gates_hold_for_every_record_and_differ() -> None:
    owners = [
        f"{kind} {name}" for kind in ("rule", "output") for name in itertools.chain("abcdef", map(str, range(500)))
    ]
    gates = {gate(owner) for owner in owners}
    assert len(gates) == len(owners)
    for one in gates:
        bound = int(one.removeprefix("`_offset` > "))
        assert bound < 0, "offsets begin at 0"
    assert gate("rule a") == gate("rule a")


def test_opening_a_scope_makes_only_what_is_asked_for() -> None:
    views = [
        {"name": "big", "query": "SELECT * FROM payments WHERE amount > :limit"},
        {"name": "larger", "query": "SELECT * FROM big WHERE amount > 1000"},
        {"name": "other", "query": "SELECT * FROM refunds"},
    ]
    one = scope(streams=[stream(), stream("refunds")], views=views)
    opened = one.statements({"larger"})
    assert opened[:2] == ["CREATE DATABASE IF NOT EXISTS `rule large`", "USE `rule large`"]
    assert [statement.split(" AS ")[0] for statement in opened[2:]] == [
        "CREATE TEMPORARY VIEW `payments`",
        "CREATE TEMPORARY VIEW `big`",
        "CREATE TEMPORARY VIEW `larger`",
    ]
    assert opened[3].endswith("WHERE amount > (900E0)")


def test_views_below_are_found_through_views() -> None:
    spec = detector(
        streams=[stream(), stream("refunds")],
        views=[
            {"name": "all", "query": "SELECT * FROM payments UNION ALL SELECT * FROM refunds"},
            {"name": "some", "query": "SELECT * FROM `all`"},
        ],
    ).spec
    assert with_views_below(spec, {"some"}) == {"some", "all", "payments", "refunds"}
    assert with_views_below(spec, {"refunds"}) == {"refunds"}


@pytest.mark.parametrize("on_time", [True, False])
def test_dead_letters_never_reach_a_rule_and_late_events_only_those_without_state(on_time: bool) -> None:
    (view,) = scope(on_time=on_time).statements({"payments"})[2:]
    assert "WHERE `_error` IS NULL AND `_offset` > -" in view
    assert (ON_TIME in view) is on_time


def test_on_time_and_late_are_opposites() -> None:
    assert f"NOT {LATE}" == ON_TIME


def test_event_ids_are_declared_or_made_of_the_place() -> None:
    def of(**more: object) -> str:
        made: FraudDetector = detector(streams=[stream(**more)])
        return event_id(made.spec.streams[0])

    assert of() == "CAST(`id` AS STRING)"
    assert of(eventId=None, topic="in.payments") == (
        "CONCAT_WS('-', 'in.payments', CAST(`_partition` AS STRING), CAST(`_offset` AS STRING))"
    )


def test_declared_names_of_time_and_id_are_not_selected_twice() -> None:
    columns = [{"name": "event_id", "type": "BIGINT"}, {"name": "event_time", "type": "STRING"}]
    own = stream(columns=columns, eventId="event_id", eventTime={"column": "event_time"})
    (view,) = scope(streams=[own]).statements({"payments"})[2:]
    assert "SELECT `_event_time` AS `event_time`, `event_id` AS `event_id` FROM" in view


def test_what_a_condition_is_made_of_is_valid_sql() -> None:
    parse_condition(scope().condition("amount > :limit AND card IS NOT NULL", of_columns(None)))


def test_what_is_told_is_what_the_analyst_wrote() -> None:
    known = of_columns({"amount": "INT", "parts": "INT"})
    found = scope().condition("amount * amount / parts > 10", known)
    event = "CAST(`event_id` AS STRING)"
    parts = f"attempt('rule large', 'parts', {event}, 'CAST(a0 AS BIGINT)', CAST(NULL AS BIGINT), `parts`)"
    divided = (
        f"CAST(`amount` AS BIGINT) * CAST(`amount` AS BIGINT) / nonzero('rule large', '/ parts', {event}, {parts})"
    )
    assert found == f"({divided} > 10)"


@pytest.mark.parametrize(
    ("query", "event"),
    [
        ("SELECT 10 / amount AS x FROM payments", "CAST(`payments`.`event_id` AS STRING)"),
        ("SELECT 10 / p.amount AS x FROM payments AS p", "CAST(`p`.`event_id` AS STRING)"),
        ("SELECT SUM(10 / amount) AS x FROM payments", "CAST(NULL AS STRING)"),
        ("SELECT 10 / amount AS x FROM payments WHERE id IN (SELECT id FROM payments)", "CAST(NULL AS STRING)"),
        ("SELECT 10 / a.amount AS x FROM payments AS a JOIN payments AS b ON a.id = b.id", "CAST(NULL AS STRING)"),
        ("SELECT 10 / amount AS x, COUNT(*) OVER (ORDER BY event_time) AS n FROM payments", "CAST(NULL AS STRING)"),
    ],
)
def test_a_query_tells_of_its_event_where_there_is_one(query: str, event: str) -> None:
    assert f", {event}, " in scope().query(query)
