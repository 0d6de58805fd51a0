"""The same topic read again, after a cancelled run or over a crash, gives the same alerts."""

import os
import signal
import time
from typing import Any

import pytest
from harness import waiting
from harness.detectors import manifest
from harness.flink import GO_ON, Flink, Job
from harness.kafka import Broker, Record
from harness.lab import Lab
from oracle.detectors import ORACLES

from fraud_api import FraudDetector, naming
from fraud_api.flink import Delivery
from fraud_generator import Settings, generate
from fraudctl.runtime.cluster import FlinkCluster

pytestmark = pytest.mark.integration

Alerts = dict[str, dict[str, Any]]


def halves(name: str) -> tuple[list[Record], list[Record]]:
    made = [record for batch in generate(name, Settings(seed=7)) for record in batch.records]
    records = [(record.stream, record.partition, record.key, record.value) for record in made]
    return records[: len(records) // 2], records[len(records) // 2 :]


class Reader:
    """Reads a detector's alerts part by part."""

    def __init__(self, lab: Lab, detector: FraudDetector) -> None:
        self._lab = lab
        self._detector = detector
        self._seen: set[tuple[int, int]] = set()

    def more(self) -> Alerts:
        """Alerts by id that were written since the last look."""
        messages = self._lab.kafka.read_topic(naming.alerts_topic(self._detector))
        new = [one for one in messages if (one.partition, one.offset) not in self._seen]
        self._seen |= {(one.partition, one.offset) for one in new}
        return {alert["alert_id"]: alert for alert in (one.json() for one in new)}


def until_alerts(lab: Lab, job: Job) -> None:
    waiting.until(lambda: lab.kafka.count(naming.alerts_topic(job.detector)), job.failures)


def whole_run(lab: Lab, detector: FraudDetector) -> None:
    """From the beginning of the topics to their end, knowing nothing of runs before."""
    job = lab.start(detector)
    job.wait_read()
    job.stop(drain=True)


def told(alerts: Alerts) -> dict[str, tuple[Any, ...]]:
    """What alerts say; the order of events of one instant is left open."""
    return {
        name: (alert["rule"], alert["entity"], alert["event_time"], alert["reason"], sorted(alert["evidence"]["ids"]))
        for name, alert in alerts.items()
    }


def test_a_cancelled_run_and_a_new_one_tell_the_same(lab: Lab) -> None:
    mine = lab.own(manifest("payments"))
    reader = Reader(lab, mine)
    first, second = halves("payments")

    lab.produce(mine, first)
    job = lab.start(mine)
    until_alerts(lab, job)
    job.cancel()
    cancelled = reader.more()
    lab.produce(mine, second)
    whole_run(lab, mine)
    whole = reader.more()
    whole_run(lab, mine)
    again = reader.more()

    assert cancelled
    assert cancelled.keys() < whole.keys()
    assert {alert["rule"] for alert in whole.values()} == {rule.name for rule in mine.spec.rules}
    assert told(again) == told(whole)
    assert told(cancelled).items() <= told(whole).items()


def test_a_crash_does_not_make_records_count_as_read(kafka: Broker, breakable: FlinkCluster) -> None:
    lab = Lab(kafka, Flink(breakable, kafka))
    mine = lab.own(manifest("payments"))
    first, second = halves("payments")
    records = [*first, *second]
    lab.produce(mine, records)
    # nothing to go on from: after the crash everything is read again, while old metrics say that all is read
    job = lab.start(mine, settings=GO_ON | {"execution.checkpointing.interval": "10 min"})
    job.wait_seen()
    # it dies with a question of Flink's about its metrics open, so that for a while no others are told than these
    os.kill(breakable._children[-1].pid, signal.SIGSTOP)
    asked = time.monotonic()
    waiting.until(lambda: job.unread() or time.monotonic() - asked > 2, job.failures)
    breakable.replace_task_manager()
    waiting.until(lambda: job.get()["timestamps"]["RESTARTING"], job.failures)
    job.wait_seen()
    job.stop(drain=True)
    found = {alert["alert_id"] for alert in (one.json() for one in lab.results(mine).alerts)}
    streams = {name: [value for stream, _, _, value in records if stream == name] for name in ("payment", "order")}
    wanted = ORACLES["payments"](streams, mine.metadata.namespace).alerts
    assert found == {alert.alert_id(mine.metadata.namespace) for alert in wanted}


@pytest.mark.parametrize(
    ("name", "delivery"), [("ad-clicks", "AtLeastOnce"), ("ad-clicks", "ExactlyOnce"), ("bank", "AtLeastOnce")]
)
def test_a_crash_in_the_middle_changes_no_alert(
    kafka: Broker, breakable: FlinkCluster, name: str, delivery: str
) -> None:
    lab = Lab(kafka, Flink(breakable, kafka))
    made = manifest(name)
    mine = lab.own(made.model_copy(update={"spec": made.spec.model_copy(update={"delivery": Delivery(delivery)})}))
    reader = Reader(lab, mine)
    first, second = halves(name)

    lab.produce(mine, first)
    job = lab.start(mine, settings=GO_ON)
    until_alerts(lab, job)
    job.wait_checkpoint()
    breakable.replace_task_manager()
    lab.produce(mine, second)
    waiting.until(lambda: job.get("/checkpoints")["counts"]["restored"] > 0, job.failures)
    job.wait_read()
    job.stop(drain=True)
    once = len(lab.kafka.read_topic(naming.alerts_topic(mine)))
    over_the_crash = reader.more()
    whole_run(lab, mine)
    whole = reader.more()

    assert {alert["rule"] for alert in whole.values()} == {rule.name for rule in mine.spec.rules}
    assert told(over_the_crash) == told(whole)
    if delivery == "ExactlyOnce":
        assert once == len(whole), "what was told is told once, even in the topic"
