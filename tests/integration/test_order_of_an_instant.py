"""Events of one instant have one order in every kind of rule: shorter ids first, so 999 comes before 1000.

All ids count up, and every rule's events of the instant came in another order than that.
"""

import pytest
from harness.events import alert_id, alerts, at, detector, event
from harness.flink import Flink
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: instants}
spec:
  streams:
    - name: pay
      columns:
        - {name: id, type: STRING}
        - {name: what, type: STRING}
        - {name: card, type: STRING}
        - {name: amount, type: INT}
        - {name: time, type: STRING}
      eventId: id
      eventTime: {column: time, outOfOrderness: 1d, idleTimeout: 1h}
  rules:
    - name: change
      entity: {type: card, columns: [card]}
      reason: "{previous.amount} then {amount}"
      change: {from: pay, where: what = 'change', within: 1h, having: amount > previous.amount}
    - name: first-seen
      entity: {type: card, columns: [card]}
      reason: "{id}"
      firstSeen: {from: pay, where: what = 'seen', value: [amount], memory: 1d}
    - name: edge
      entity: {type: card, columns: [card]}
      reason: "{id}"
      edge: {memory: 1d}
      filter: {from: pay, where: what = 'edge'}
    - name: edge-of-totals
      entity: {type: card, columns: [card]}
      reason: "{n}"
      edge: {memory: 1d}
      velocity:
        from: pay
        where: what = 'totals'
        memory: 1d
        aggregates: [{name: n, function: Count}]
        having: n >= 2
    - name: first-only
      entity: {type: card, columns: [card]}
      reason: "{id}"
      firstOnly: 1h
      filter: {from: pay, where: what = 'once'}
    - name: trailing
      entity: {type: card, columns: [card]}
      reason: "{n}"
      firstOnly: 1h
      velocity:
        from: pay
        where: what = 'trailing'
        within: 1h
        aggregates: [{name: n, function: Count}]
        having: n >= 22
    - name: window
      entity: {type: card, columns: [card]}
      reason: "{n}"
      window:
        from: pay
        where: what = 'window'
        tumble: {size: 1h}
        aggregates: [{name: n, function: Count}]
        having: n > 0
    - name: steps
      entity: {type: card, columns: [card]}
      reason: "{first.amount} then {second.amount}"
      sequence:
        from: pay
        where: what = 'steps'
        steps:
          - {name: first, where: amount > 0}
          - {name: second, where: amount > first.amount}
        within: 1h
        contiguity: Strict
    - name: again
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      filter: {from: pay, where: what = 'again'}
    - name: pairs
      entity: {type: card, columns: [card]}
      reason: "{pay.amount} and {refund.amount}"
      join:
        left: pay
        right: refund
        keys: [{left: id, right: of}]
        before: 1h
        after: 1h
"""
SECOND = """
    - name: refund
      columns:
        - {name: id, type: STRING}
        - {name: of, type: STRING}
        - {name: amount, type: INT}
        - {name: time, type: STRING}
      eventId: id
      eventTime: {column: time, outOfOrderness: 1d, idleTimeout: 1h}
"""


def pay(what: str, id: str, amount: int = 1, when: str = "10:00:00") -> Record:
    return event("pay", None, len(id) % 2, id=id, what=what, card="A", amount=amount, time=at(when))


RECORDS = [
    # in the order of ids 5, 3, 7, 9; as texts it would be 1000, 1001, 99, 999: 7, 9, 5, 3
    pay("change", "1001", 9),
    pay("change", "999", 3),
    pay("change", "1000", 7),
    pay("change", "99", 5),
    pay("seen", "1003", 4),
    pay("seen", "998", 4),
    pay("edge", "997"),
    pay("edge", "1004"),
    pay("edge", "98"),
    pay("totals", "1005"),
    pay("totals", "996"),
    pay("once", "1006"),
    pay("once", "995"),
    # 22 events, of which 9 is the earliest by time and 20 of the other 21 are the newest by id
    *[pay("trailing", str(number)) for number in range(110, 89, -1)],
    pay("trailing", "9000", when="09:59:59"),
    pay("window", "1007", when="10:30:00"),
    pay("window", "994", when="10:30:00"),
    pay("window", "1008", when="10:30:00"),
    # in the order of ids 2, 1, 3: only the last two are a step and the next
    pay("steps", "1010", 3),
    pay("steps", "993", 2),
    pay("steps", "1009", 1),
    # an id that is used again, and a copy of it
    pay("again", "a1", 1, "10:00:00"),
    pay("again", "a1", 2, "12:00:00"),
    pay("again", "a1", 2, "12:00:00"),
    pay("paid", "p1", 10, "11:00:00"),
    event("refund", None, 0, id="r1", of="p1", amount=4, time=at("11:00:01")),
    event("refund", None, 0, id="r1", of="p1", amount=5, time=at("11:00:02")),
]


@pytest.fixture(scope="module")
def results(kafka: Broker, warm_flink: Flink) -> Results:
    text = DETECTOR.replace("  rules:\n", SECOND.lstrip("\n") + "  rules:\n", 1)
    return Lab(kafka, warm_flink).run_to_end(detector(text), RECORDS)


def told(results: Results, rule: str) -> list[tuple[str, list[str]]]:
    found = [(alert["reason"], alert["evidence"]["ids"]) for alert in alerts(results, rule)]
    return sorted(found)


def test_each_event_is_compared_with_the_one_before_it(results: Results) -> None:
    assert told(results, "change") == [("3 then 7", ["999", "1000"]), ("7 then 9", ["1000", "1001"])]


def test_the_first_of_an_instant_is_the_one_with_the_shortest_id(results: Results) -> None:
    assert told(results, "first-seen") == [("998", ["998"])]
    assert told(results, "first-only") == [("995", ["995"])]


def test_the_last_of_an_instant_is_the_one_with_the_longest_id(results: Results) -> None:
    assert told(results, "edge") == [("1004", ["1004"])]
    (alert,) = alerts(results, "edge-of-totals")
    assert (alert["row"]["id"], alert["evidence"]["ids"]) == ("1005", ["996", "1005"])


def test_evidence_is_in_that_order(results: Results) -> None:
    (alert,) = alerts(results, "trailing")
    assert alert["row"]["id"] == "90"
    assert alert["evidence"] == {"count": 22, "ids": [str(number) for number in range(91, 111)]}
    assert told(results, "window") == [("3", ["994", "1008"])]


def test_steps_are_taken_in_that_order(results: Results) -> None:
    assert told(results, "steps") == [("1 then 3", ["1009", "1010"])]


def test_an_id_that_is_used_again_is_another_event(results: Results) -> None:
    first, *copies = alerts(results, "again")
    assert first["alert_id"] == alert_id(results.detector, "again", "A", "a1", at("10:00:00"))
    assert [one["alert_id"] for one in copies] == [
        alert_id(results.detector, "again", "A", "a1", at("12:00:00"))
    ] * 2  # fmt: skip
    pairs = {alert["reason"]: alert["alert_id"] for alert in alerts(results, "pairs")}
    assert pairs == {
        f"10 and {amount}": alert_id(results.detector, "pairs", "A", "p1/r1", at("11:00:00"), at(f"11:00:0{second}"))
        for amount, second in ((4, 1), (5, 2))
    }
