"""Days, weeks and months of a zone, places on earth and in networks, and several event ids of one row."""

import random

import pytest
from harness.events import alert_id, alerts, detector, event
from harness.flink import Flink
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration

DETECTOR = r"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: local-day}
spec:
  streams:
    - name: spends
      columns: &spends
        - {name: id, type: STRING}
        - {name: account, type: STRING}
        - {name: amount, type: "DECIMAL(10, 2)"}
        - {name: shop, type: STRING, required: false}
        - {name: ts, type: STRING}
      eventId: id
      # no event is late: the order of the input must not matter
      eventTime: {column: ts, format: ISO8601, outOfOrderness: 900d, idleTimeout: 1h}
    - name: brazil
      columns: *spends
      eventId: id
      eventTime: {column: ts, format: ISO8601, outOfOrderness: 900d, idleTimeout: 1h}
    - name: places
      columns:
        - {name: id, type: STRING}
        - {name: account, type: STRING}
        - {name: lat, type: DOUBLE, required: false}
        - {name: lon, type: "DECIMAL(9, 6)", required: false}
        - {name: ip, type: STRING, required: false}
        - {name: ts, type: STRING}
      eventId: id
      eventTime: {column: ts, format: ISO8601, outOfOrderness: 900d, idleTimeout: 1h}
  parameters:
    - {name: limit, type: DECIMAL, value: 1000}
    - {name: office, type: STRING, value: 192.0.2.0/24}
  rules:
    - name: daily-limit
      entity: {type: account, columns: [account]}
      reason: "{spent} from {window_start} to {window_end}"
      window:
        from: spends
        where: account IN ('A', 'B')
        calendar: {unit: Day, timeZone: Europe/Berlin}
        aggregates:
          - {name: spent, function: Sum, column: amount}
          - {name: shops, function: CountDistinct, column: shop}
          - {name: large, function: Count, where: amount > 550}
        having: spent > :limit
    - name: weekly
      entity: {type: account, columns: [account]}
      reason: "{spent}"
      window:
        from: spends
        where: account IN ('A', 'B')
        calendar: {unit: Week, timeZone: Europe/Berlin}
        aggregates: [{name: spent, function: Sum, column: amount}]
        having: spent > 1500 AND window_end > TIMESTAMP '2024-01-01 00:00:00'
    - name: monthly
      entity: {type: account, columns: [account]}
      reason: "{spent}, {mean} each"
      window:
        from: spends
        where: account IN ('A', 'B')
        calendar: {unit: Month, timeZone: Europe/Berlin}
        aggregates:
          - {name: spent, function: Sum, column: amount}
          - {name: mean, function: Avg, column: amount}
        having: spent > 1600
    - name: no-midnight
      entity: {type: account, columns: [account]}
      reason: "{spent}"
      window:
        from: brazil
        by: [account, shop]
        calendar: {unit: Day, timeZone: America/Sao_Paulo}
        aggregates: [{name: spent, function: Sum, column: amount}]
        having: spent > :limit
    - name: far
      entity: {type: account, columns: [account]}
      reason: "far"
      filter: {from: places, where: "distance_km(lat, lon, 52.52, 13.405) > 800"}
    - name: foreign
      entity: {type: account, columns: [account]}
      reason: "{ip}"
      filter: {from: places, where: "NOT in_network(ip, :office)"}
    - name: sunday-night
      entity: {type: account, columns: [account]}
      reason: "night"
      filter:
        from: places
        where: "local_weekday(event_time, 'Europe/Berlin') = 7 AND local_hour(event_time, 'Europe/Berlin') < 3"
    - name: evidence
      entity: {type: account, columns: [account]}
      reason: "{n} of them"
      sql:
        evidence: [event_id, earlier, more]
        query: >-
          SELECT account, n, event_time, event_id, earlier, ARRAY['x', earlier, CAST(NULL AS STRING)] AS more FROM (
            SELECT account, event_time, event_id, COUNT(*) OVER w AS n, LAST_VALUE(shop) OVER w AS earlier
            FROM spends WHERE account = 'E'
            WINDOW w AS (PARTITION BY account ORDER BY event_time
              RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW))
"""

SPENDS: list[tuple[str, str, float, str | None, str]] = [
    # over the change to summer time, 2024-03-31 has 23 hours in Berlin
    ("g1", "A", 600, "s1", "2024-03-30T23:30:00+01:00"),
    ("g2", "A", 600, "s1", "2024-03-31T00:30:00+01:00"),
    ("g3", "A", 500, "s2", "2024-03-31T23:30:00+02:00"),
    # and back, 2024-10-27 has 25
    ("h1", "B", 600, "s1", "2024-10-27T00:10:00+02:00"),
    ("h2", "B", 600, "s1", "2024-10-27T23:50:00+01:00"),
    ("h3", "B", 600, None, "2024-10-28T00:05:00+01:00"),
    # clocks went from 23:59:59 on the 14th to 01:00 on the 15th
    ("i1", "S", 600, "x", "2017-10-15T02:59:59.999Z"),
    ("i2", "S", 600, "x", "2017-10-15T03:00:00Z"),
    ("i3", "S", 600, "x", "2017-10-16T01:59:59.999Z"),
    ("i4", "S", 600, "x", "2017-10-16T02:00:00Z"),
    # nobody's: one of the columns of the key is not there
    ("i5", "S", 5000, None, "2017-10-16T02:00:00Z"),
    ("k1", "E", 1, "first", "2024-05-01T10:00:00Z"),
    ("k2", "E", 1, None, "2024-05-01T11:00:00Z"),
]
PLACES: list[tuple[str, str, float | None, float | None, str | None, str]] = [
    ("p1", "P", 48.8566, 2.3522, "192.0.2.77", "2024-03-31T00:30:00+01:00"),
    ("p2", "P", 53.5511, 9.9937, "198.51.100.1", "2024-03-31T03:00:00+02:00"),
    ("p3", "P", None, 2.3522, "::ffff:192.0.2.1", "2024-03-30T23:59:59+01:00"),
    ("p4", "P", 91.0, 2.3522, "2001:db8::1", "2024-04-01T00:30:00+02:00"),
    ("p5", "P", 52.52, 13.405, "localhost", "2024-03-31T02:59:59+02:00"),
    ("p6", "P", 52.52, 13.405, None, "2024-03-29T02:59:59Z"),
]


def records() -> list[Record]:
    found = [
        event(
            "brazil" if account == "S" else "spends",
            None,
            place % 2,
            id=name,
            account=account,
            amount=amount,
            shop=shop,
            ts=ts,
        )
        for place, (name, account, amount, shop, ts) in enumerate(SPENDS)
    ]
    random.Random(1).shuffle(found)
    return found + [
        event("places", account, id=name, account=account, lat=lat, lon=lon, ip=ip, ts=ts)
        for name, account, lat, lon, ip, ts in PLACES
    ]


@pytest.fixture(scope="module")
def found(kafka: Broker, warm_flink: Flink) -> Results:
    return Lab(kafka, warm_flink).run_to_end(detector(DETECTOR), records())


def told(results: Results, rule: str) -> list[tuple[str, str, str, list[str]]]:
    return [
        (alert["entity"]["id"], alert["window_start"], alert["window_end"], alert["evidence"]["ids"])
        for alert in alerts(results, rule)
    ]


def test_days_of_a_zone_have_twenty_three_or_twenty_five_hours(found: Results) -> None:
    assert told(found, "daily-limit") == [
        ("A", "2024-03-30T23:00:00.000Z", "2024-03-31T22:00:00.000Z", ["g2", "g3"]),
        ("B", "2024-10-26T22:00:00.000Z", "2024-10-27T23:00:00.000Z", ["h1", "h2"]),
    ]
    first, second = alerts(found, "daily-limit")
    assert first["reason"] == "1100 from 2024-03-30T23:00:00.000Z to 2024-03-31T22:00:00.000Z"
    assert first["event_time"] == "2024-03-31T21:59:59.999Z"
    assert first["row"] == {
        "account": "A", "spent": 1100, "shops": 2, "large": 1,
        "window_start": "2024-03-30T23:00:00.000Z", "window_end": "2024-03-31T22:00:00.000Z",
    }  # fmt: skip
    assert (second["row"]["spent"], second["row"]["shops"], second["evidence"]["count"]) == (1200, 1, 2)
    identity = "2024-03-30T23:00:00.000Z/2024-03-31T22:00:00.000Z"
    assert first["alert_id"] == alert_id(found.detector, "daily-limit", "A", identity)


def test_weeks_begin_on_mondays(found: Results) -> None:
    week = ("A", "2024-03-24T23:00:00.000Z", "2024-03-31T22:00:00.000Z", ["g1", "g3"])
    assert told(found, "weekly") == [week]


def test_months_of_a_zone(found: Results) -> None:
    assert told(found, "monthly") == [
        ("A", "2024-02-29T23:00:00.000Z", "2024-03-31T22:00:00.000Z", ["g1", "g3"]),
        ("B", "2024-09-30T22:00:00.000Z", "2024-10-31T23:00:00.000Z", ["h1", "h3"]),
    ]
    assert [alert["reason"] for alert in alerts(found, "monthly")] == ["1700, 566.666667 each", "1800, 600 each"]


def test_a_day_begins_when_clocks_skip_midnight(found: Results) -> None:
    day = ("S", "2017-10-15T03:00:00.000Z", "2017-10-16T02:00:00.000Z", ["i2", "i3"])
    assert told(found, "no-midnight") == [day]


def test_distances_networks_and_parts_of_a_local_time(found: Results) -> None:
    evidence = {rule: [one["evidence"]["ids"] for one in alerts(found, rule)] for rule in ("far", "foreign")}
    # what is no place and no address is unknown
    assert evidence == {"far": [["p1"]], "foreign": [["p2"], ["p4"]]}
    assert [one["evidence"]["ids"] for one in alerts(found, "sunday-night")] == [["p1"], ["p5"]]


def test_a_row_may_have_several_event_ids(found: Results) -> None:
    assert [alert["evidence"] for alert in alerts(found, "evidence")] == [
        {"count": 4, "ids": ["k1", "first", "x", "first"]},
        {"count": 4, "ids": ["k2", "first", "x", "first"]},
    ]
