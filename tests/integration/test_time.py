"""Event time: how it is written, partitions that fall silent, clocks that are wrong; and each stream read once."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from harness import waiting
from harness.detectors import manifest
from harness.events import alerts, detector
from harness.lab import Lab, Results

from fraud_api import FraudDetector
from fraud_job.compiler import compile_detector
from fraud_job.runtime import settings

pytestmark = pytest.mark.integration

FORMATS = {
    "iso": ("STRING", "format: ISO8601", "2024-03-01T12:30:00.500+02:00"),
    "written": ("STRING", "format: SQL, timeZone: Europe/Berlin", "2024-03-01 11:30:00.500"),
    "seconds": ("BIGINT", "format: EpochSeconds", 1709289000),
    "millis": ("BIGINT", "format: EpochMillis", 1709289000500),
}
NOON = datetime(2024, 3, 1, 10, 30, tzinfo=UTC)


def _stream(name: str) -> str:
    sql_type, time, _ = FORMATS[name]
    return f"""
    - name: {name}
      topic: in.{name}
      columns: [{{name: id, type: STRING}}, {{name: time, type: {sql_type}}}]
      eventId: id
      eventTime: {{column: time, {time}, outOfOrderness: 5s, idleTimeout: 1s}}"""


def _rule(name: str) -> str:
    return f"""
    - name: hour-{name}
      entity: {{type: event, columns: [id]}}
      reason: "{{n}}"
      window: {{from: {name}, tumble: {{size: 1h}}, aggregates: [{{name: n, function: Count}}], having: n > 0}}"""


def _detector(names: Iterator[str] | list[str]) -> FraudDetector:
    head = "apiVersion: frauddetector.io/v1alpha1\nkind: FraudDetector\nmetadata: {name: time}\nspec:\n  streams:"
    chosen = list(names)
    return detector(head + "".join(map(_stream, chosen)) + "\n  rules:" + "".join(map(_rule, chosen)))


def _record(stream: str, partition: int, name: str, time: object) -> tuple[str, int, None, bytes]:
    return stream, partition, None, json.dumps({"id": name, "time": time}).encode()


@pytest.fixture(scope="module")
def written() -> FraudDetector:
    return _detector(list(FORMATS))


def test_four_ways_to_write_one_moment(lab: Lab, written: FraudDetector) -> None:
    records = [_record(name, 0, "e1", example) for name, (_, _, example) in FORMATS.items()]
    found = lab.run_to_end(written, records)
    for name in FORMATS:
        (alert,) = alerts(found, f"hour-{name}")
        assert alert["window_start"] == "2024-03-01T10:00:00.000Z", name
        assert alert["window_end"] == "2024-03-01T11:00:00.000Z", name


def _until_told(lab: Lab, mine: FraudDetector, wanted: set[str]) -> Results:
    def told() -> bool:
        return wanted <= {message.json()["entity"]["id"] for message in lab.results(mine).alerts}

    waiting.until(told, f"alerts about {wanted}")
    return lab.results(mine)


def _at(minutes: int) -> int:
    return int(NOON.timestamp() * 1000) + minutes * 60_000


def test_silent_partitions_and_wrong_clocks_hold_nothing_back(lab: Lab) -> None:
    mine = lab.own(_detector(["millis"]))
    far = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp() * 1000)
    # one partition only: the other has never had an event and never gets one
    lab.produce(mine, [_record("millis", 0, "e1", _at(0)), _record("millis", 0, "clock", far)])
    job = lab.start(mine)
    job.wait_seen()
    # in time, also after the event of the year 9999; an hour later, so that the window of e1 is over
    lab.produce(mine, [_record("millis", 0, "e2", _at(1)), _record("millis", 0, "e3", _at(120))])
    found = _until_told(lab, mine, {"e1", "e2"})
    assert found.late == []
    (letter,) = found.dead_letters("millis")
    assert json.loads(letter.value)["id"] == "clock"
    assert letter.headers["reason"] == b"field 'time': dated too far ahead of the clock"


def _twenty_rules() -> FraudDetector:
    rules = "".join(
        f"""
    - name: rule-{number}
      entity: {{type: event, columns: [id]}}
      reason: "{{n}}"
      velocity: {{from: iso, within: {number}m, aggregates: [{{name: n, function: Count}}], having: n > {number}}}"""
        for number in range(1, 21)
    )
    head = "apiVersion: frauddetector.io/v1alpha1\nkind: FraudDetector\nmetadata: {name: many}\nspec:\n  streams:"
    return detector(head + _stream("iso") + "\n  rules:" + rules)


@pytest.mark.parametrize("name", ["accounts", "ad-clicks", "bank", "payments", "transactions", "twenty rules"])
def test_each_stream_is_scanned_once(lab: Lab, name: str) -> None:
    found = _twenty_rules() if name == "twenty rules" else manifest(name)
    lab.flink.set_up_client()
    from fraud_job.flink import plan
    from fraud_job.identity import sources

    planned = plan(compile_detector(found), settings(found))
    assert sources(planned.plan) == len(found.spec.streams)
