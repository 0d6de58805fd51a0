"""``firstOnly`` tells of the first hit, also where it is known late: no partner came, another match was undecided."""

import time
from collections.abc import Sequence

import pytest
from harness.events import alerts, at, detector, event
from harness.kafka import Record
from harness.lab import Lab

pytestmark = pytest.mark.integration

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: told-in-time}
spec:
  streams:
    - name: paid
      columns: &columns
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: at, type: STRING}
      eventId: id
      eventTime: &time {column: at, outOfOrderness: 1s, idleTimeout: 1h}
    - name: ordered
      columns: *columns
      eventId: id
      eventTime: *time
    - name: acts
      columns:
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: of, type: STRING}
        - {name: at, type: STRING}
      eventId: id
      eventTime: *time
  rules:
    - name: without-order
      entity: {type: card, columns: [card]}
      reason: "{id}"
      firstOnly: 1h
      join: {left: paid, right: ordered, keys: [{left: card, right: card}], before: BEFORE, after: 10m, type: Unmatched}
    - name: added-and-paid
      entity: {type: card, columns: [card]}
      reason: "{second.id}"
      firstOnly: 1d
      sequence:
        from: acts
        steps:
          - {name: first, where: of = ''}
          - {name: second, where: of = first.id}
        within: 1h
"""
SOON = 1.0
"""Seconds in which a stream's watermark has gone through the job: it is sent five times a second."""


def paid(id: str, card: str, when: str, partition: int) -> Record:
    return event("paid", None, partition, id=id, card=card, at=at(when))


def act(id: str, of: str, when: str) -> Record:
    return event("acts", None, 0, id=id, card="A", of=of, at=at(when))


def everywhere(when: str) -> list[Record]:
    """Somebody else's events that bring all partitions to a time."""
    return [
        event(
            stream, None, partition, id=f"{stream}-{when}-{partition}", card=f"other {partition}", of="-", at=at(when)
        )
        for stream in ("paid", "ordered", "acts")
        for partition in (0, 1)
    ]


def told(lab: Lab, before: str, steps: Sequence[Sequence[Record]], rule: str = "without-order") -> list[str]:
    """Reasons of a rule's alerts of the card after records that came step by step."""
    mine = lab.own(detector(DETECTOR.replace("BEFORE", before)))
    job = lab.start(mine)
    try:
        for records in steps:
            lab.produce(mine, records)
            job.wait_seen()
            time.sleep(SOON)
        job.stop(drain=True)
    finally:
        lab.flink.end(job)
    return [alert["reason"] for alert in alerts(lab.results(mine), rule) if alert["entity"]["id"] == "A"]


@pytest.mark.parametrize("before", ["0s", "1h"])
def test_the_first_by_time_is_told_of_where_a_later_one_came_before_it(lab: Lab, before: str) -> None:
    steps = [
        [paid("later", "A", "10:05:00", 0)],
        [paid("earlier", "A", "10:00:00", 1)],
        # the time that join and firstOnly go by: past the earlier one's wait, not past the later one's
        everywhere("10:13:00"),
        everywhere("11:30:00"),
    ]
    assert told(lab, before, steps) == ["earlier"]


def test_a_watermark_at_the_very_end_of_the_wait_hides_nothing(lab: Lab) -> None:
    # a watermark is a second and a millisecond behind: exactly at 10:10, when the event still waits
    steps = [[paid("only", "A", "10:00:00", 0)], everywhere("10:10:01.001"), everywhere("11:30:00")]
    assert told(lab, "0s", steps) == ["only"]


def test_a_partner_just_before_the_bound_is_none(lab: Lab) -> None:
    order = event("ordered", None, 0, id="o", card="A", at=at("09:59:59.999"))
    assert told(lab, "0s", [[order, paid("only", "A", "10:00:00", 0)], everywhere("11:30:00")]) == ["only"]


def test_a_partner_at_the_bound_is_one(lab: Lab) -> None:
    order = event("ordered", None, 0, id="o", card="A", at=at("10:00:00"))
    assert told(lab, "0s", [[order, paid("only", "A", "10:00:00", 0)], everywhere("11:30:00")]) == []


def test_a_match_that_waits_for_an_earlier_one_is_told_of(lab: Lab) -> None:
    steps = [
        # the first is never followed up, and until that is known the second's match waits
        [act("a1", "", "10:00:00"), act("a2", "", "10:05:00"), act("b2", "a2", "10:06:00")],
        everywhere("10:50:00"),
        everywhere("11:30:00"),
    ]
    assert told(lab, "0s", steps, "added-and-paid") == ["b2"]
