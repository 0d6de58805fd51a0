"""``delivery: ExactlyOnce`` over a crash and over a restart: who reads committed records sees each of them once."""

import pytest
from harness import waiting
from harness.detectors import manifest
from harness.flink import GO_ON, Flink, Job
from harness.kafka import Broker, Record
from harness.lab import Lab
from harness.verdict import assert_agrees

from fraud_api import FraudDetector, naming
from fraud_api.flink import Delivery
from fraud_generator import Settings, generate
from fraudctl.runtime.cluster import FlinkCluster

pytestmark = pytest.mark.integration

SLOW_CHECKPOINTS = {"execution.checkpointing.interval": "5 s"}
"""So that a crash finds something written and not yet committed."""


def thirds(name: str) -> list[list[Record]]:
    made = [record for batch in generate(name, Settings(seed=5)) for record in batch.records]
    records = [(record.stream, record.partition, record.key, record.value) for record in made]
    third = len(records) // 3
    return [records[:third], records[third : 2 * third], records[2 * third :]]


def exactly_once(name: str) -> FraudDetector:
    found = manifest(name)
    return found.model_copy(update={"spec": found.spec.model_copy(update={"delivery": Delivery.EXACTLY_ONCE})})


def result_topics(detector: FraudDetector) -> list[str]:
    return [naming.alerts_topic(detector), *(output.topic_name for output in detector.spec.outputs)]


def written(lab: Lab, detector: FraudDetector, committed: bool) -> int:
    """Records in the topics of alerts and outputs."""
    return sum(map(len, lab.kafka.read_topics(result_topics(detector), committed).values()))


def crash_in_a_transaction(lab: Lab, cluster: FlinkCluster, job: Job, records: list[Record]) -> None:
    """Kill the TaskManager as soon as it has written something of new records, which nobody may see yet."""
    topics = result_topics(job.detector)
    before = sum(lab.kafka.ends(topics).values())
    restored = job.get("/checkpoints")["counts"]["restored"]
    lab.produce(job.detector, records)
    waiting.until(lambda: sum(lab.kafka.ends(topics).values()) > before, job.failures)
    cluster.replace_task_manager()
    waiting.until(lambda: job.get("/checkpoints")["counts"]["restored"] > restored, job.failures)
    job.wait_running()


@pytest.mark.parametrize("name", ["transactions", "payments", "bank"])
def test_every_record_is_seen_once(kafka: Broker, breakable: FlinkCluster, name: str) -> None:
    lab = Lab(kafka, Flink(breakable, kafka))
    mine = lab.own(exactly_once(name))
    first, second, third = thirds(name)
    settings = GO_ON | SLOW_CHECKPOINTS

    lab.produce(mine, first)
    job = lab.start(mine, settings=settings)
    job.wait_read()
    crash_in_a_transaction(lab, breakable, job, second)
    savepoint = job.stop(drain=False)
    job = lab.start(mine, savepoint, settings)
    lab.produce(mine, third)
    job.wait_read()
    job.stop(drain=True)

    assert_agrees(lab.results(mine), [*first, *second, *third])
    given_up = written(lab, mine, committed=False) - written(lab, mine, committed=True)
    assert given_up > 0, "the crash came at a moment that proves nothing"
