"""A stop with its state, whatever the job's readers do in that moment."""

import pytest
from harness import waiting
from harness.events import detector
from harness.flink import Job
from harness.lab import Lab
from harness.payments import ended, late_ids, late_of, made, partition, records, said, windows_of

from fraud_api.flink import Flink as FlinkSettings

pytestmark = pytest.mark.integration

BUSY = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: busy}
spec:
  kafka: {topics: {partitions: 2}}
  flink: {parallelism: 2}
  streams:
    - name: payments
      columns:
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: amount, type: INT}
        - {name: at, type: BIGINT}
        - {name: note, type: STRING}
      eventId: id
      eventTime: {column: at, format: EpochMillis, outOfOrderness: 5s, idleTimeout: 1h}
  rules:
    - name: minute
      entity: {type: card, columns: [card]}
      reason: "{n} of {total}"
      window:
        from: payments
        tumble: {size: 1m}
        aggregates: [{name: n, function: Count}, {name: total, function: Sum, column: amount}]
        having: n > 0
  outputs:
    - name: slow
      mode: Upsert
      key: [card]
      stateTtl: 1d
      columns: [{name: card, type: STRING}, {name: size, type: INT}]
      # a few events fill all buffers between reader and this
      query: >-
        SELECT card, CHAR_LENGTH(SHA512(REPEAT(CAST(COUNT(*) AS STRING), 200000))) + CHAR_LENGTH(MAX(note))
        FROM payments GROUP BY card
"""


def wait_backpressure(job: Job) -> None:
    """Wait until a reader waits for slower operators most of the time."""
    (source,) = (vertex["id"] for vertex in job.get()["vertices"] if "Source" in vertex["name"])

    def most() -> bool:
        found = job.get(f"/vertices/{source}/subtasks/metrics?get=backPressuredTimeMsPerSecond&agg=max")
        return any(metric["max"] > 500 for metric in found)

    waiting.until(most, job.failures)


def test_stops_in_the_middle_change_nothing_of_what_is_late(lab: Lab) -> None:
    """At each stop one reader waits for slower operators and the other for records; at last a single one reads all."""
    payments = [one for one in made(seed=3, count=60_000) if partition(one, 2) == 0]
    mine = lab.own(detector(BUSY))
    lab.produce(mine, records(payments, 2, note="x" * 2_000))
    job = lab.start(mine)
    for changed in ({}, {"flink": FlinkSettings(parallelism=1), "outputs": []}):
        job.wait_running()
        wait_backpressure(job)
        savepoint = job.stop(drain=False)
        assert job.unread(), "the stop came too late to prove anything"
        job = lab.start(mine.model_copy(update={"spec": mine.spec.model_copy(update=changed)}), savepoint)
    results = ended(lab, job)
    late = late_of(payments, 2)
    assert late_ids(results) == sorted(late)
    assert said(results, "minute") == windows_of([payment for payment in payments if payment[0] not in late])
