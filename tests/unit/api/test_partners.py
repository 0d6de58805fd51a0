"""Warnings of outer joins whose rows are counted by time."""

import pytest

from fraud_api.load import read_text

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: sample}
spec:
  streams:
    - name: paid
      columns: &columns
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: amount, type: INT}
        - {name: at, type: STRING}
      eventId: id
      eventTime: &time {column: at}
    - {name: ordered, columns: *columns, eventId: id, eventTime: *time}
  views:
    - name: pairs
      query: >
        SELECT p.card, p.amount, o.id AS other, p.event_time, p.event_id FROM paid AS p IN_VIEW ordered AS o
        ON p.card = o.card AND o.event_time BETWEEN p.event_time AND p.event_time + INTERVAL '1' HOUR
    - name: above
      query: SELECT card, amount, event_time, event_id FROM pairs
  rules:
    - name: rule
      entity: {type: card, columns: [card]}
      reason: x
      RULE
"""
QUERY = (
    "SELECT p.card, p.event_time, p.event_id FROM paid AS p IN_QUERY ordered AS o"
    " ON p.card = o.card AND o.event_time BETWEEN p.event_time AND p.event_time + INTERVAL '1' HOUR"
)
VELOCITY = "velocity: {from: above, within: 1h, aggregates: [{name: n, function: Count}], having: n > 1}"
WINDOW = "window: {from: pairs, tumble: {size: 1h}, aggregates: [{name: n, function: Count}], having: n > 1}"
FILTER = "filter: {from: pairs, where: amount > 1}"
ONCE = "firstOnly: 1h"
SQL = f'sql: {{query: "{QUERY}"}}'
OVER = (
    "sql: {query: 'SELECT card, COUNT(*) OVER w AS n, event_time, event_id FROM above"
    " WINDOW w AS (PARTITION BY card ORDER BY event_time ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)', stateTtl: 1d}"
)
COUNTED = (
    f'sql: {{query: "SELECT card, COUNT(*) OVER w AS n, event_time, event_id FROM ({QUERY})'
    ' WINDOW w AS (PARTITION BY card ORDER BY event_time ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)", stateTtl: 1d}'
)


def warnings(rule: str, in_view: str, in_query: str) -> list[tuple[str, str]]:
    text = DETECTOR.replace("RULE", rule).replace("IN_VIEW", in_view).replace("IN_QUERY", in_query)
    found = [one for one in read_text(text, "sample.yaml").warnings if "found no partner" in one.message]
    return [(one.path, one.message.partition(" that ")[0]) for one in found]


@pytest.mark.parametrize(
    ("rule", "whose", "where"),
    [
        (VELOCITY, "view 'pairs'", "velocity"),
        (WINDOW, "view 'pairs'", "window"),
        (f"{FILTER}\n      {ONCE}", "view 'pairs'", "filter"),
        (f"{SQL}\n      {ONCE}", "this query", "sql.query"),
        (OVER, "view 'pairs'", "sql.query"),
        (COUNTED, "this query", "sql.query"),
    ],
)
def test_what_counts_by_time_is_warned_of(rule: str, whose: str, where: str) -> None:
    assert warnings(rule, "LEFT JOIN", "LEFT JOIN") == [(f"spec.rules[rule].{where}", f"rows of {whose}")]


@pytest.mark.parametrize("rule", [FILTER, SQL])
def test_what_looks_at_one_row_at_a_time_is_not(rule: str) -> None:
    assert warnings(rule, "LEFT JOIN", "FULL JOIN") == []


@pytest.mark.parametrize("rule", [VELOCITY, f"{SQL}\n      {ONCE}", OVER])
def test_nor_is_an_inner_join(rule: str) -> None:
    assert warnings(rule, "JOIN", "INNER JOIN") == []
