from typing import Any

import pytest
from unit.job.samples import LIMIT, detector, rule, stream

from fraud_api.rules import Rule
from fraud_job import kinds
from fraud_job.alerts import alert_select, block_select, entity_id, reason, rule_version
from fraud_job.hits import Field, Hits, ids
from fraud_job.scope import Scope

VIEWS = [
    {"name": "base", "query": "SELECT * FROM payments WHERE amount > :least"},
    {"name": "above", "query": "SELECT * FROM base WHERE card <> ''"},
    {"name": "unread", "query": "SELECT * FROM payments WHERE amount > :limits"},
]
PARAMETERS = [LIMIT, {"name": "limits", "value": "1"}, {"name": "least", "value": "2"}, {"name": "lim", "value": "3"}]


def version(changed: dict[str, Any] | None = None, **spec: Any) -> str:
    whole = {"views": VIEWS, "parameters": PARAMETERS} | spec
    made = detector(**whole, rules=[rule(**(changed or {})), rule("other", reason="x")])
    return rule_version(made.spec.rules[0], made.spec)


def with_parameter(name: str, value: str) -> list[dict[str, str]]:
    return [one | ({"value": value} if one["name"] == name else {}) for one in PARAMETERS]


def with_view(name: str, query: str) -> list[dict[str, str]]:
    return [one | ({"query": query} if one["name"] == name else {}) for one in VIEWS]


OVER_VIEW = {"filter": {"from": "above", "where": "amount > :limit"}}
OVER_SQL = {"sql": {"query": "SELECT card, amount, event_time, event_id FROM above"}, "reason": "{amount}"}


def test_versions_are_eight_hex_digits() -> None:
    assert len(version()) == 8
    int(version(), 16)


@pytest.mark.parametrize(
    "changed",
    [
        {"mode": "Shadow"},
        {"mode": "Enforce"},
        {"description": "told anew"},
        {"actions": {"notify": True, "block": {"amount": "amount"}}},
        {"severity": "Medium"},
    ],
)
def test_what_does_not_change_the_meaning_keeps_the_version(changed: dict[str, Any]) -> None:
    assert version(changed) == version()


@pytest.mark.parametrize(
    "changed",
    [
        {"filter": {"from": "payments", "where": "amount > 900"}},
        {"reason": "{amount}"},
        {"severity": "High"},
        {"entity": {"type": "client", "columns": ["card"]}},
        {"firstOnly": "1h"},
        {"name": "renamed"},
    ],
)
def test_what_changes_the_meaning_changes_the_version(changed: dict[str, Any]) -> None:
    assert version(changed) != version()


@pytest.mark.parametrize("name", ["limits", "least", "lim"])
def test_other_parameters_do_not_matter(name: str) -> None:
    assert version(parameters=with_parameter(name, "77")) == version()


def test_its_own_parameters_matter() -> None:
    assert version(parameters=with_parameter("limit", "77")) != version()
    assert version(parameters=[LIMIT | {"type": "DECIMAL"}, *PARAMETERS[1:]]) != version()
    by_reason = {"filter": {"from": "payments", "where": "TRUE"}, "reason": "{:lim}"}
    assert version(by_reason, parameters=with_parameter("lim", "77")) != version(by_reason)


@pytest.mark.parametrize("kind", [OVER_VIEW, OVER_SQL])
def test_views_matter_where_they_are_read_however_deep(kind: dict[str, Any]) -> None:
    before = version(kind)
    assert version(kind, views=with_view("base", "SELECT * FROM payments")) != before
    assert version(kind, views=with_view("above", "SELECT * FROM base")) != before
    assert version(kind, parameters=with_parameter("least", "77")) != before
    assert version(kind, views=with_view("unread", "SELECT 1 AS one")) == before
    assert version(kind, parameters=with_parameter("limits", "77")) == before


def test_a_view_called_like_a_word_of_the_rule_does_not_matter() -> None:
    named = [
        {"name": "amount", "query": "SELECT * FROM payments"},
        {"name": "where", "query": "SELECT * FROM payments"},
    ]
    assert version(views=named) == version(views=[])


def test_rules_parameters_and_streams_around_it_do_not_matter() -> None:
    made = detector(
        parameters=PARAMETERS[::-1],
        views=VIEWS[::-1],
        streams=[stream("refunds"), stream()],
        rules=[rule("new", reason="x"), rule()],
    )
    assert rule_version(made.spec.rules[1], made.spec) == version()


def hits(*names: str) -> Hits:
    fields = tuple(Field(name, f"`{name}`") for name in names)
    return Hits("SELECT 1", fields, identity="`_id`", count="1", evidence=ids("`_id`"))


def parsed(**more: Any) -> Rule:
    return detector(rules=[rule(**more)]).spec.rules[0]


def test_one_column_is_the_entity_as_it_is() -> None:
    assert entity_id(parsed(), hits("card")) == "CAST(`card` AS STRING)"


def test_columns_are_joined_so_that_no_two_entities_meet() -> None:
    sql = entity_id(parsed(entity={"type": "pair", "columns": ["card", "id"]}), hits("card", "id"))
    part = r"REPLACE(REPLACE(COALESCE(CAST(`{}` AS STRING), ''), '\', '\\'), '|', '\|')"
    assert sql == f"CONCAT_WS('|', {part.format('card')}, {part.format('id')})"


def test_reasons_hold_values_and_thresholds() -> None:
    made = detector(rules=[rule(reason="it's {amount}, above {:limit}!")])
    one = made.spec.rules[0]
    scope = Scope("rule large", made.spec, on_time=False)
    sql = reason(one, kinds.hits(one, scope), scope)
    assert sql == "fill_text('it''s #, above 900!', `amount`)"


def test_reasons_may_hold_the_marks_of_templates() -> None:
    made = detector(rules=[rule(reason="#1: {card}{amount}# \\ {:limit}$?")], parameters=[LIMIT | {"value": "9"}])
    one = made.spec.rules[0]
    scope = Scope("rule large", made.spec, on_time=False)
    sql = reason(one, kinds.hits(one, scope), scope)
    assert sql == r"fill_text('\#1: ##\# \\ 9$?', `card`, `amount`)"


def select(**more: Any) -> str:
    made = detector(rules=[rule(**more)])
    one = made.spec.rules[0]
    scope = Scope("rule large", made.spec, on_time=False)
    return alert_select(one, kinds.hits(one, scope), made, scope)


def test_an_alert_has_the_promised_fields_in_order() -> None:
    sql = select()
    fields = [
        "alert_id", "namespace", "detector", "rule", "rule_version", "severity", "mode", "entity", "event_time",
        "window_start", "window_end", "reason", "evidence", "row",
    ]  # fmt: skip
    places = [sql.index(f'"{field}":') for field in fields]
    assert places == sorted(places)


def test_alerts_are_keyed_by_kind_and_id_of_the_entity() -> None:
    assert select().startswith("SELECT CONCAT('card/', COALESCE(`_entity`, '')), fill_json(")


def test_ids_depend_on_detector_rule_entity_and_event_alone() -> None:
    expected = (
        "SUBSTRING(SHA256(CONCAT_WS('/', 'test/sample/large', CAST(CHAR_LENGTH(COALESCE(`_entity`, '')) AS STRING), "
        "COALESCE(`_entity`, ''), `_identity`, CAST(`_time` AS STRING))), 1, 32)"
    )
    for more in ({}, {"severity": "Low"}, {"mode": "Shadow"}, {"reason": "x"}):
        assert expected in select(**more)


def test_first_only_looks_at_an_entitys_hits_in_order() -> None:
    sql = select(firstOnly="90s")
    inner = sql[sql.index("TABLE(first_only(") :]
    assert (
        "PARTITION BY (`_entity`) ORDER BY (`_time`, `_identity_length`, `_identity`), CAST(90000 AS BIGINT)" in inner
    )
    assert "_reason" not in inner, "what remembers the first hit must not depend on the words"


def test_blocking_needs_to_be_asked_for() -> None:
    made = detector()
    one = made.spec.rules[0]
    scope = Scope("rule large", made.spec, on_time=False)
    with pytest.raises(ValueError, match="does not block"):
        block_select(one, kinds.hits(one, scope), made, scope)


def test_the_block_record_lasts_as_long_as_the_rule_or_the_detector_says() -> None:
    for block, blocking, until in (({"ttl": "2h"}, {"ttl": "7d"}, "'2' HOUR"), ({}, {"ttl": "7d"}, "'1' DAY * 7")):
        made = detector(rules=[rule(actions={"block": block})], blocking=blocking)
        one = made.spec.rules[0]
        scope = Scope("rule large", made.spec, on_time=False)
        sql = block_select(one, kinds.hits(one, scope), made, scope)
        assert f"+ INTERVAL {until}" in sql
        assert '"amount":null' in sql
