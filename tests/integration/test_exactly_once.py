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

SLOW_CHECKPOINTS = {"execution.checkpointing.interval": "3 s"}
"""So that a crash finds something written and not yet committed."""


def thirds(name: str) -> list[list[Record]]:
    made = [record for batch in generate(name, Settings(seed=5)) for record in batch.records]
    records = [(record.stream, record.partition, record.key, record.value) for record in made]
    third = len(records) // 3
    return [records[:third], records[third : 2 * third], records[2 * third :]]


def exactly_once(name: str) -> FraudDetector:
    found = manifest(name)
    return found.model_copy(update={"spec": found.spec.model_copy(update={"delivery": Delivery.EXACTLY_ONCE})})


def written(lab: Lab, detector: FraudDetector, committed: bool = True) -> int:
    """Records in the topics of alerts and outputs."""
    topics = [naming.alerts_topic(detector), *(output.topic_name for output in detector.spec.outputs)]
    return sum(map(len, lab.kafka.read_topics(topics, committed).values()))


def crash_with_open_transactions(lab: Lab, cluster: FlinkCluster, job: Job) -> None:
    """Kill the TaskManager when records are written that nobody may see yet."""
    mine = job.detector
    waiting.until(lambda: written(lab, mine, committed=False) > written(lab, mine), job.failures)
    restored = job.get("/checkpoints")["counts"]["restored"]
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
    job.wait_checkpoint()
    lab.produce(mine, second)
    crash_with_open_transactions(lab, breakable, job)
    savepoint = job.stop(drain=False)
    job = lab.start(mine, savepoint, settings)
    lab.produce(mine, third)
    job.wait_read()
    job.stop(drain=True)

    assert_agrees(lab.results(mine), [*first, *second, *third])
    assert written(lab, mine, committed=False) > written(lab, mine), "the crash has left nothing to leave out"
