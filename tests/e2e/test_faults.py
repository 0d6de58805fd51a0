"""Things are killed while a detector works: nothing is lost, nothing comes twice by its id."""

import time
from collections.abc import Callable

import pytest
from harness import waiting
from harness.cluster import BACKENDS_NAMESPACE, OPERATOR_NAMESPACE, Applied, Cluster, in_cluster
from harness.detectors import manifest
from harness.kafka import Broker
from harness.steady import Steady, assert_each_alert_once_by_id

from fraud_api import FraudDetector, naming

pytestmark = pytest.mark.e2e


@pytest.fixture
def working(namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker) -> tuple[Applied, Steady]:
    applied = apply(in_cluster(manifest("transactions"), namespace))
    applied.wait_ready()
    return applied, Steady(kafka, applied.detector)


@pytest.mark.parametrize("component", ["jobmanager", pytest.param("taskmanager", marks=pytest.mark.short)])
def test_a_killed_part_of_flink_is_back_and_nothing_is_lost(
    working: tuple[Applied, Steady], kafka: Broker, component: str
):
    applied, steady = working
    for _ in range(2):
        applied.cluster.kill_pod(applied.namespace, component)
        waiting.until(lambda: applied.condition("Ready").get("status") != "True", applied.told, 60)
        applied.wait_ready()
    steady.finish()
    assert_each_alert_once_by_id(kafka, applied.detector, steady)


def test_kafka_restarted(working: tuple[Applied, Steady], kafka: Broker, cluster: Cluster):
    applied, steady = working
    cluster.kill_pod(BACKENDS_NAMESPACE, "kafka")
    cluster.wait_kafka()
    steady.finish()
    applied.wait_ready()
    assert_each_alert_once_by_id(kafka, applied.detector, steady)


@pytest.mark.parametrize("pause", [0.5, 2.0, 5.0, 9.0, 14.0])
def test_the_operator_killed_at_a_step_of_a_change(
    operator: Cluster, working: tuple[Applied, Steady], kafka: Broker, pause: float
):
    applied, steady = working
    applied.edit(lambda spec: spec.update(restartNonce=1))
    time.sleep(pause)  # how far the change has come is the point of this test
    operator.kill_pod(OPERATOR_NAMESPACE, "operator")
    operator.wait_operator()
    applied.wait_ready()
    steady.finish()
    assert_each_alert_once_by_id(kafka, applied.detector, steady)


def test_the_jobmanager_killed_between_stop_and_start(
    operator: Cluster, working: tuple[Applied, Steady], kafka: Broker
):
    applied, steady = working
    savepoint = applied.status.get("lastSavepoint")
    applied.edit(lambda spec: spec.update(restartNonce=1))
    waiting.until(lambda: applied.status.get("lastSavepoint") != savepoint, applied.told, 90)
    operator.kill_pod(OPERATOR_NAMESPACE, "operator")
    for pod in operator.pods(applied.namespace, "jobmanager"):
        operator.core.delete_namespaced_pod(pod.metadata.name, applied.namespace, grace_period_seconds=0)
    operator.wait_operator()
    applied.wait_ready()
    steady.finish()
    assert_each_alert_once_by_id(kafka, applied.detector, steady)


def test_of_two_operators_one_works_and_the_other_takes_its_place(
    operator: Cluster, working: tuple[Applied, Steady], kafka: Broker
):
    applied, steady = working
    with operator.two_operators():
        applied.edit(lambda spec: spec.update(restartNonce=1))
        applied.wait_ready()
        older, younger = sorted(
            operator.pods(OPERATOR_NAMESPACE, "operator"), key=lambda pod: pod.metadata.creation_timestamp
        )
        operator.core.delete_namespaced_pod(older.metadata.name, OPERATOR_NAMESPACE, grace_period_seconds=0)
        applied.edit(lambda spec: spec.update(restartNonce=2))
        applied.wait_ready()
        assert younger.metadata.name in [pod.metadata.name for pod in operator.pods(OPERATOR_NAMESPACE, "operator")]
    reasons = [reason for reason, _ in operator.events(applied.namespace)]
    assert reasons.count("Deployed") == 3
    assert reasons.count("SavepointTaken") == 2
    steady.finish()
    assert_each_alert_once_by_id(kafka, applied.detector, steady)


def test_a_job_that_restarts_for_ever_is_not_ready_and_says_why(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker
):
    applied = apply(in_cluster(manifest("transactions"), namespace))
    applied.wait_ready()
    cluster = applied.cluster
    cluster.patch(namespace, applied.name, {"metadata": {"annotations": {"frauddetector.io/paused": "true"}}})
    applied.wait_condition("ReconciliationPaused", "True")
    kafka.delete([naming.alerts_topic(applied.detector), applied.detector.spec.streams[0].topic_name])
    cluster.kill_pod(namespace, "taskmanager")
    said = applied.wait_condition("Ready", "False")
    assert said["message"]
    cluster.patch(namespace, applied.name, {"metadata": {"annotations": {"frauddetector.io/paused": None}}})
    applied.wait_ready()
