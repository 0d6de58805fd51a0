"""Rules that remember: what they may say, and how a mistake is told."""

import pytest

from fraud_api import FraudDetector, InvalidDetector, load_text
from fraud_api.load import read_text
from fraud_api.problems import Problem

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: sample}
spec:
  streams:
    - name: payments
      columns:
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: device, type: STRING}
        - {name: amount, type: DOUBLE}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at}
  views:
    - {name: gaps, query: "SELECT *, amount AS gap FROM payments"}
  rules:
    - name: rule
      entity: {type: card, columns: [card]}
      reason: REASON
      KIND
"""

FILTER = "filter: {from: payments, where: amount > 5}"
SEEN = "firstSeen: {from: payments, value: [device], memory: 90d, warmUp: 7d}"
CHANGE = "change: {from: payments, within: 365d, having: gap > 5 AND amount > previous.amount}"
TOTALS = "velocity: {from: payments, memory: 30d, aggregates: [{name: n, function: Count}], having: n > 3}"


def text(kind: str, reason: str = "x", edge: str = "") -> str:
    more = f"edge: {edge}\n      " if edge else ""
    return DETECTOR.replace("KIND", more + kind).replace("REASON", f'"{reason}"')


def load(*parts: str) -> FraudDetector:
    return load_text(text(*parts), "file.yaml")[0]


def problems(*parts: str) -> list[Problem]:
    with pytest.raises(InvalidDetector) as caught:
        load(*parts)
    return caught.value.problems


VALID: list[tuple[str, ...]] = [
    (SEEN, "{device}"),
    (CHANGE, "{gap} s, {previous.amount}, then {amount}"),
    (TOTALS, "{n}"),
    (TOTALS, "{n}", "{memory: 30d}"),
    (FILTER, "x", "{resetWhen: amount < 2 AND device IS NOT NULL, memory: 1h}"),
    (CHANGE, "x", "{resetWhen: previous.device = device OR gap < 2, memory: 1h}"),
]


@pytest.mark.parametrize("parts", VALID)
def test_what_may_be_said(parts: tuple[str, ...]) -> None:
    assert load(*parts).spec.rules[0].kind in ("filter", "velocity", "firstSeen", "change")


MISTAKES: list[tuple[tuple[str, ...], str, str]] = [
    ((SEEN.replace("[device]", "[devise]"),), "firstSeen.value[0]", "did you mean 'device'?"),
    ((SEEN.replace("[device]", "[card]"),), "firstSeen.value[0]", "'card' is a column of the key"),
    ((SEEN.replace("value", "by: [kard], value"),), "firstSeen.by[0]", "did you mean 'card'?"),
    ((SEEN.replace("from: payments", "from: payment"),), "firstSeen.from", "did you mean 'payments'?"),
    ((SEEN, "{previous.device}"), "reason", "columns go by their plain names here"),
    ((CHANGE.replace("previous.amount", "previous.amout"),), "change.having", "did you mean 'amount'?"),
    ((CHANGE.replace("previous.amount", "last.amount"),), "change.having", "unknown side 'last'"),
    ((CHANGE.replace("previous.amount", "previous.card"),), "change.having", "unknown column 'card'"),
    ((CHANGE.replace("gap >", "gapp >"),), "change.having", "did you mean 'gap'?"),
    ((CHANGE.replace("from: payments", "from: gaps"),), "change.from", "has a column 'gap'"),
    ((CHANGE, "{previous.amout}"), "reason", "did you mean 'amount'?"),
    ((FILTER, "x", "{resetWhen: amout < 2, memory: 1h}"), "edge.resetWhen", "did you mean 'amount'?"),
    ((CHANGE, "x", "{resetWhen: previous.amout < 2, memory: 1h}"), "edge.resetWhen", "did you mean 'amount'?"),
    ((TOTALS, "x", "{resetWhen: m < 2, memory: 1h}"), "edge.resetWhen", "unknown column 'm'"),
    ((FILTER, "x", "{resetWhen: amount < 2}"), "edge", "'memory' is missing"),
    ((SEEN, "x", "{memory: 1h}"), "", "edge goes with filter, velocity, window, change"),
    ((TOTALS.replace("memory: 30d", "memory: 30d, within: 1d"),), "velocity", "exactly one of within and memory"),
    ((TOTALS.replace("memory: 30d,", ""),), "velocity", "exactly one of within and memory"),
]


@pytest.mark.parametrize(("parts", "place", "message"), MISTAKES)
def test_a_mistake_is_told_at_its_place(parts: tuple[str, ...], place: str, message: str) -> None:
    (problem,) = problems(*parts)
    assert problem.path == "spec.rules[rule]" + (f".{place}" if place else "")
    assert message in str(problem)
    assert problem.line is not None


RUNNING = "SUM(amount) OVER (PARTITION BY card ORDER BY event_time) AS total"
SQL = """sql:
        stateTtl: 1d
        query: >-
          SELECT card, event_time, event_id FROM (
            SELECT *, LAG(total, 1, 0) OVER (PARTITION BY card ORDER BY event_time) AS before
            FROM (SELECT *, RUNNING FROM payments))
          WHERE total > 5 AND before <= 5"""


def test_a_comparison_that_events_of_one_instant_slip_through_is_refused() -> None:
    (problem,) = problems(SQL.replace("RUNNING", RUNNING))
    assert problem.path == "spec.rules[rule].sql.query"
    assert "events of one instant share one total" in problem.message
    assert "edge" in (problem.hint or "")


@pytest.mark.parametrize(
    "harmless",
    [
        "amount AS total",
        RUNNING.replace("event_time)", "event_time ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"),
    ],
)
def test_other_comparisons_with_the_event_before_are_fine(harmless: str) -> None:
    assert load(SQL.replace("RUNNING", harmless))


def test_it_is_seen_through_a_view() -> None:
    document = text(SQL.replace("(SELECT *, RUNNING FROM payments)", "totals"))
    view = f"{{name: totals, query: 'SELECT *, {RUNNING} FROM payments'}}"
    with pytest.raises(InvalidDetector, match="events of one instant share one total"):
        load_text(document.replace("  views:", f"  views:\n    - {view}"), "file.yaml")


@pytest.mark.parametrize(
    ("memory", "warm_up", "warned"), [("7d", "30d", True), ("7d", "7d", False), ("7d", "6d", False)]
)
def test_a_warm_up_beyond_the_memory_is_warned_of(memory: str, warm_up: str, warned: bool) -> None:
    kind = f"firstSeen: {{from: payments, value: [device], memory: {memory}, warmUp: {warm_up}}}"
    found = [(one.path, one.message) for one in read_text(text(kind), "sample.yaml").warnings]
    message = "warmUp is longer than memory: what is learnt is forgotten after 7d, before anything fires"
    assert found == ([("spec.rules[rule].firstSeen.warmUp", message)] if warned else [])


def test_a_column_that_is_a_word_of_sql_is_told_where_it_can_not_be_read() -> None:
    named = text("filter: {from: payments, where: from > 5}").replace("name: device", "name: from")
    with pytest.raises(InvalidDetector) as refusal:
        load_text(named, "sample.yaml")
    assert "column 'from' has the name of a word of SQL: write `from`" in str(refusal.value)
    load_text(named.replace("from > 5", "\"`from` = 'x'\""), "sample.yaml")
    load_text(named.replace("name: from", "name: order").replace("from > 5", "order = 'x'"), "sample.yaml")
