"""Event time: four ways to write it, silent partitions, bad clocks; and that a stream is read once."""

from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest
from golden.renew import KINDS, MANIFESTS
from harness import waiting
from harness.events import alerts, detector, event
from harness.flink import Flink, Job
from harness.kafka import Broker
from harness.lab import Lab, Results

from fraud_api import FraudDetector, load_file
from fraud_job.compiler import compile_detector
from fraud_job.identity import sources
from fraud_job.runtime import settings

pytestmark = pytest.mark.integration

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: time}
spec:
  streams:
    - name: iso
      columns: &text
        - {name: id, type: STRING}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at, outOfOrderness: 900d, idleTimeout: 1h}
    - name: berlin
      columns: *text
      eventId: id
      eventTime: {column: at, format: SQL, timeZone: Europe/Berlin, outOfOrderness: 900d, idleTimeout: 1h}
    - name: seconds
      columns:
        - {name: id, type: STRING}
        - {name: at, type: DOUBLE}
      eventId: id
      eventTime: {column: at, format: EpochSeconds, outOfOrderness: 900d, idleTimeout: 1h}
    - name: millis
      columns:
        - {name: id, type: STRING}
        - {name: at, type: BIGINT}
      eventId: id
      eventTime: {column: at, format: EpochMillis, outOfOrderness: 900d, idleTimeout: 1h}
    - name: idle
      columns: *text
      eventId: id
      eventTime: {column: at, outOfOrderness: 0s, idleTimeout: 1s}
  rules:
"""

RULE = """
    - name: {stream}
      entity: {{type: stream, columns: [what]}}
      reason: "{{n}} from {{window_start}}"
      window:
        from: of_{stream}
        tumble: {{size: 1m}}
        aggregates: [{{name: n, function: Count}}]
        having: n > 0
"""
VIEW = """
    - {{name: of_{stream}, query: "SELECT '{stream}' AS what, event_time, event_id FROM {stream}"}}
"""
STREAMS = ("iso", "berlin", "seconds", "millis", "idle")

TIMES = {
    "iso": {
        "2024-07-01T12:00:30+02:00": "2024-07-01T10:00:00.000Z",
        "2024-07-01T10:01:59.999Z": "2024-07-01T10:01:00.000Z",
        "2024-07-01T10:02:00.000000": "2024-07-01T10:02:00.000Z",
        "2024-06-30T23:59:59-0130": "2024-07-01T01:29:00.000Z",
    },
    "berlin": {
        "2024-07-01 12:00:30.5": "2024-07-01T10:00:00.000Z",
        "2024-01-15 12:00:30": "2024-01-15T11:00:00.000Z",
        # the hour that the clocks leave out, and the one that comes twice, of which the first counts
        "2024-03-31 02:30:00": "2024-03-31T01:30:00.000Z",
        "2024-10-27 02:30:00": "2024-10-27T00:30:00.000Z",
    },
    # what is older than outOfOrderness comes first, or a slow machine would take it for late
    "seconds": {
        0: "1970-01-01T00:00:00.000Z",
        1719828030: "2024-07-01T10:00:00.000Z",
        1719828119.999: "2024-07-01T10:01:00.000Z",
    },
    "millis": {
        -1: "1969-12-31T23:59:00.000Z",
        1719828030250: "2024-07-01T10:00:00.000Z",
        1719828120000: "2024-07-01T10:02:00.000Z",
    },
}


def idle(partition: int, name: str, time: str) -> tuple[str, int, bytes | None, bytes | None]:
    return event("idle", None, partition, id=name, at=f"2024-07-01T{time}Z")


def windows(results: Results, stream: str) -> list[tuple[str, int, list[str]]]:
    return [(alert["window_start"], alert["row"]["n"], alert["evidence"]["ids"]) for alert in alerts(results, stream)]


@pytest.fixture(scope="module")
def running(kafka: Broker, warm_flink: Flink) -> Iterator[tuple[Lab, Job]]:
    lab = Lab(kafka, warm_flink)
    rules = "".join(RULE.format(stream=stream) for stream in STREAMS)
    views = "".join(VIEW.format(stream=stream) for stream in STREAMS)
    mine = lab.own(detector(f"{DETECTOR}{rules}  views:\n{views}"))
    records = [
        event(stream, None, number % 2, id=f"{stream}{number}", at=at)
        for stream, times in TIMES.items()
        for number, at in enumerate(times)
    ]
    lab.produce(mine, records)
    job = lab.start(mine)
    yield lab, job
    warm_flink.end(job)


def wait_for_window(lab: Lab, job: Job, start: str) -> tuple[str, int, list[str]]:
    def told() -> tuple[str, int, list[str]] | None:
        found = windows(lab.results(job.detector), "idle")
        return next((window for window in found if window[0].startswith(f"2024-07-01T{start}")), None)

    window = waiting.until(told, lambda: f"window {start}\n{job.failures()}")
    assert window is not None
    return window


def test_a_partition_that_never_speaks_holds_no_window_back(running: tuple[Lab, Job]) -> None:
    lab, job = running
    lab.produce(job.detector, [idle(0, "a1", "10:00:30"), idle(0, "a2", "10:02:00")])
    assert wait_for_window(lab, job, "10:00")[1:] == (1, ["a1"])


def test_one_event_from_the_year_9999_spoils_nothing(running: tuple[Lab, Job]) -> None:
    lab, job = running
    far = event("idle", None, 0, id="far", at="9999-12-31T23:59:59Z")
    lab.produce(job.detector, [far, idle(0, "a3", "10:02:30")])
    job.wait_read()
    lab.produce(job.detector, [idle(0, "a4", "10:02:31"), idle(0, "a5", "10:04:00")])
    assert wait_for_window(lab, job, "10:02")[1:] == (3, ["a2", "a4"])
    results = lab.results(job.detector)
    assert [message.value for message in results.dead_letters("idle")] == [far[3]]
    assert results.late == []


def test_a_partition_that_falls_silent_holds_no_window_back(running: tuple[Lab, Job]) -> None:
    lab, job = running
    lab.produce(job.detector, [idle(1, "b1", "10:04:10")])
    job.wait_read()
    lab.produce(job.detector, [idle(0, "a6", "10:06:00")])
    assert wait_for_window(lab, job, "10:04")[1:] == (2, ["a5", "b1"])
    assert lab.results(job.detector).late == []


def test_times_however_written_lead_to_the_right_windows(running: tuple[Lab, Job]) -> None:
    lab, job = running
    sleep(3.0)  # the stream idle is that by now
    job.stop(drain=True)
    results = lab.results(job.detector)
    for stream, times in TIMES.items():
        expected = sorted((start, 1, [f"{stream}{number}"]) for number, start in enumerate(times.values()))
        assert windows(results, stream) == expected
        assert results.dead_letters(stream) == []
    assert results.late == []


def test_the_end_closes_windows_of_silent_streams_too(running: tuple[Lab, Job]) -> None:
    lab, job = running
    assert job.state == "FINISHED", "drained by the test before"
    assert "2024-07-01T10:06:00.000Z" in [start for start, _, _ in windows(lab.results(job.detector), "idle")]


def planned_sources(flink: Flink, made: FraudDetector) -> int:
    flink.set_up_client()
    from fraud_job.flink import plan

    return sources(plan(compile_detector(made), settings(made)).plan)


@pytest.mark.parametrize(
    "file", [*sorted(MANIFESTS.glob("*.yaml")), *sorted(KINDS.glob("*.yaml"))], ids=lambda path: path.stem
)
def test_a_stream_is_read_once_whatever_the_rules(warm_flink: Flink, file: Path) -> None:
    (made,) = load_file(file)
    assert planned_sources(warm_flink, made) == len(made.spec.streams)


def test_twenty_rules_read_a_stream_once(warm_flink: Flink) -> None:
    (made,) = load_file(KINDS / "velocity.yaml")
    document = made.model_dump(mode="json", by_alias=True, exclude_none=True)
    rules = document["spec"]["rules"]
    document["spec"]["rules"] = [rule | {"name": f"{rule['name']}-{n}"} for n in range(7) for rule in rules][:20]
    many = FraudDetector.model_validate(document)
    assert len(many.spec.rules) == 20
    assert planned_sources(warm_flink, many) == 1
