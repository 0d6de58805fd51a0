"""Savepoints on a real Flink: taken while the job goes on, listed, deleted when there are too many, started from."""

from collections.abc import Callable

import pytest
from harness import waiting
from harness.cluster import Applied, Cluster, in_cluster
from harness.detectors import manifest
from harness.kafka import Broker
from harness.steady import Steady, assert_each_alert_once_by_id

from fraud_api import FraudDetector

pytestmark = pytest.mark.e2e


def triggers(applied: Applied) -> list[str]:
    return [one["trigger"] for one in applied.status.get("savepoints", [])]


def on_the_volume(cluster: Cluster, namespace: str) -> set[str]:
    """Names of the savepoints that lie there."""
    (pod,) = cluster.pods(namespace, "jobmanager")
    find = ("find", "/state/savepoints", "-name", "savepoint-*")
    listing = cluster.kubectl("-n", namespace, "exec", pod.metadata.name, "--", *find)
    return {line.rpartition("/")[2] for line in listing.split()}


def test_savepoints_are_taken_listed_deleted_and_started_from(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker, cluster: Cluster
):
    applied = apply(in_cluster(manifest("transactions"), namespace, savepoints={"keep": 2}))
    job = applied.wait_ready()["job"]["id"]
    steady = Steady(kafka, applied.detector)
    for nonce in (1, 2, 3):
        before = applied.status.get("savepoints", [])
        applied.edit(lambda spec, nonce=nonce: spec.update(savepointNonce=nonce))
        waiting.until(lambda before=before: applied.status.get("savepoints", []) != before, applied.told)
    waiting.until(lambda: len(on_the_volume(cluster, namespace)) == 2, "the oldest is deleted", 60)
    assert triggers(applied) == ["Request", "Request"]
    assert applied.status["job"]["id"] == job, "the job goes on"
    assert on_the_volume(cluster, namespace) == {
        one["location"].rpartition("/")[2] for one in applied.status["savepoints"]
    }

    chosen = applied.status["savepoints"][1]["location"]
    applied.edit(lambda spec: spec.update(restoreFrom=chosen))
    waiting.until(lambda: applied.status["job"]["id"] != job, applied.told)
    applied.wait_ready()
    assert f"starts from {chosen}" in str(cluster.events(namespace))
    assert triggers(applied)[0] == "Change", "what the job had come to is kept"
    steady.finish()
    assert_each_alert_once_by_id(kafka, applied.detector, steady)
