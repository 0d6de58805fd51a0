"""A running detector is changed: state is kept, mistakes are told and touch nothing that runs."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness import waiting
from harness.cluster import Applied, Cluster, in_cluster
from harness.detectors import manifest, written
from harness.kafka import Broker, Record

from fraud_api import FraudDetector, naming

pytestmark = pytest.mark.e2e

STREAM = {
    "name": "spending",
    "columns": [
        {"name": "id", "type": "STRING"},
        {"name": "account", "type": "STRING"},
        {"name": "amount", "type": "DOUBLE"},
        {"name": "at", "type": "BIGINT"},
    ],
    "eventId": "id",
    "eventTime": {"column": "at", "format": "EpochMillis", "outOfOrderness": "0s"},
}
MINUTE = 60_000
START = 1_704_067_200_000


def spend_rule(limit: str = ":limit") -> dict[str, Any]:
    return {
        "name": "spend",
        "entity": {"type": "account", "columns": ["account"]},
        "reason": "{total} spent",
        "window": {
            "from": "spending",
            "tumble": {"size": "10m"},
            "aggregates": [{"name": "total", "function": "Sum", "column": "amount"}],
            "having": f"total > {limit}",
        },
    }


def windowed(namespace: str) -> FraudDetector:
    """A sum per account and ten minutes, with a limit to edit; one partition, so that one event closes a window."""
    spec = {
        "kafka": {"topics": {"partitions": 1}},
        "streams": [STREAM],
        "parameters": [{"name": "limit", "type": "DOUBLE", "value": 100}],
        "rules": [spend_rule()],
    }
    return in_cluster(written(**spec), namespace)


def spent(number: int, amount: float, minute: float, account: str = "a") -> Record:
    event = {"id": str(number), "account": account, "amount": amount, "at": START + int(minute * MINUTE)}
    return ("spending", 0, None, json.dumps(event).encode())


def totals(kafka: Broker, detector: FraudDetector) -> list[tuple[str, float]]:
    """Account and total of every alert so far."""
    rows = [message.json()["row"] for message in kafka.read_topic(naming.alerts_topic(detector))]
    return [(row["account"], float(row["total"])) for row in rows]


def wait_read(applied: Applied, records: int) -> None:
    """Wait until so many records are counted as read, and a checkpoint may have them."""
    waiting.until(lambda: applied.status.get("records", {}).get("in", 0) >= records, applied.told, 90)


def wait_totals(kafka: Broker, detector: FraudDetector, wanted: list[tuple[str, float]]) -> None:
    waiting.until(lambda: totals(kafka, detector) == wanted, lambda: f"{totals(kafka, detector)}, not {wanted}")


@pytest.mark.short
def test_an_edited_threshold_keeps_a_window_half_full(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker
):
    applied = apply(windowed(namespace))
    before = applied.wait_ready()["job"]["id"]
    kafka.produce(applied.detector, [spent(1, 40, 1), spent(2, 50, 2)])
    wait_read(applied, 2)

    applied.edit(lambda spec: spec["parameters"][0].update(value=120))
    after = applied.wait_ready()
    assert after["job"]["id"] != before
    assert after["lastSavepoint"]["location"]
    kafka.produce(applied.detector, [spent(3, 45, 3), spent(4, 1, 11)])
    wait_totals(kafka, applied.detector, [("a", 135.0)])

    applied.edit(lambda spec: spec["parameters"][0].update(value=0.5))
    applied.wait_ready()
    kafka.produce(applied.detector, [spent(5, 1, 21)])
    wait_totals(kafka, applied.detector, [("a", 135.0), ("a", 1.0)])


def test_a_new_rule_leaves_the_others_state_and_a_changed_window_is_said_to_lose_its_own(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker
):
    applied = apply(windowed(namespace))
    applied.wait_ready()
    kafka.produce(applied.detector, [spent(1, 90, 1)])
    wait_read(applied, 1)

    filtered = {
        "name": "large",
        "entity": {"type": "account", "columns": ["account"]},
        "reason": "{amount}",
        "filter": {"from": "spending", "where": "amount > 1000"},
    }
    applied.edit(lambda spec: spec["rules"].insert(0, filtered))
    applied.wait_ready()
    kafka.produce(applied.detector, [spent(2, 30, 2), spent(3, 1, 11)])
    wait_totals(kafka, applied.detector, [("a", 120.0)])

    applied.edit(lambda spec: spec["rules"][1]["window"]["tumble"].update(size="20m"))
    applied.wait_ready()
    told = [message for _, message in applied.cluster.events(namespace)]
    assert any("spend" in message and "state" in message for message in told), told


def test_sql_that_flink_refuses_leaves_the_running_job_alone(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker
):
    applied = apply(windowed(namespace))
    job = applied.wait_ready()["job"]["id"]

    # valid to us: only Flink's planner knows that there is no such function
    applied.edit(lambda spec: spec["rules"][0]["window"].update(having="no_such_function(total) > 1"))
    refused = applied.wait_condition("Ready", "False", "PlanRefused")
    assert "no_such_function" in refused["message"].lower()
    assert "spend" in refused["message"]
    assert applied.status["job"]["id"] == job
    kafka.produce(applied.detector, [spent(1, 150, 1), spent(2, 1, 11)])
    wait_totals(kafka, applied.detector, [("a", 150.0)])

    applied.edit(lambda spec: spec["rules"][0]["window"].update(having="total > :limit"))
    assert applied.wait_ready()["job"]["state"] == "RUNNING"


def test_suspended_it_keeps_its_state_and_goes_on_from_there(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker
):
    applied = apply(windowed(namespace))
    applied.wait_ready()
    kafka.produce(applied.detector, [spent(1, 70, 1)])
    wait_read(applied, 1)

    applied.edit(lambda spec: spec.update(suspend=True))
    applied.wait_phase("Suspended")
    for component in ("jobmanager", "taskmanager"):
        waiting.until(lambda c=component: not applied.cluster.pods(namespace, c), f"{component} goes")
    kafka.produce(applied.detector, [spent(2, 60, 2), spent(3, 1, 11)])

    applied.edit(lambda spec: spec.update(suspend=False))
    applied.wait_ready()
    wait_totals(kafka, applied.detector, [("a", 130.0)])


def test_a_new_nonce_restarts_from_a_savepoint(namespace: str, apply: Callable[[FraudDetector], Applied]):
    applied = apply(windowed(namespace))
    before = applied.wait_ready()["job"]["id"]
    applied.edit(lambda spec: spec.update(restartNonce=1))
    after = applied.wait_ready()
    assert after["job"]["id"] != before
    assert after["lastSavepoint"]["location"]


def test_traffic_is_edited_beside_a_running_job(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker
):
    traffic = {"scenario": "transactions", "rate": 20, "count": 200, "seed": 3}
    applied = apply(in_cluster(manifest("transactions"), namespace, generator=traffic))
    before = applied.wait_ready()["job"]
    wait_read(applied, 200)

    applied.edit(lambda spec: spec["generator"].update(seed=4))
    assert applied.wait_ready()["job"] == before
    wait_read(applied, 400)
    assert applied.status["job"] == before
    assert applied.status["lastStableGeneration"] == 2
    assert "lastSavepoint" not in applied.status


@pytest.fixture
def paused(namespace: str, apply: Callable[[FraudDetector], Applied], cluster: Cluster) -> Iterator[Applied]:
    applied = apply(in_cluster(manifest("transactions"), namespace))
    applied.wait_ready()
    annotation = {"metadata": {"annotations": {"frauddetector.io/paused": "true"}}}
    cluster.patch(namespace, applied.name, annotation)
    yield applied
    annotation["metadata"]["annotations"]["frauddetector.io/paused"] = None  # type: ignore[assignment]
    cluster.patch(namespace, applied.name, annotation)


def test_paused_nothing_is_done_until_it_goes_on(paused: Applied, cluster: Cluster):
    paused.wait_condition("ReconciliationPaused", "True")
    job = paused.status["job"]["id"]
    name = f"fd-{paused.name}-taskmanager"
    cluster.apps.delete_namespaced_deployment(name, paused.namespace)
    paused.edit(lambda spec: spec["parameters"][0].update(value=1000))
    waiting.until(lambda: not cluster.pods(paused.namespace, "taskmanager"), "the TaskManager goes")

    cluster.patch(paused.namespace, paused.name, {"metadata": {"annotations": {"frauddetector.io/paused": None}}})
    status = paused.wait_ready()
    assert status["job"]["id"] != job
    assert cluster.pods(paused.namespace, "taskmanager")


def test_what_was_deleted_comes_back(namespace: str, apply: Callable[[FraudDetector], Applied], cluster: Cluster):
    applied = apply(in_cluster(manifest("transactions"), namespace))
    applied.wait_ready()
    cluster.apps.delete_namespaced_deployment(f"fd-{applied.name}-taskmanager", namespace)
    cluster.core.delete_namespaced_config_map(f"fd-{applied.name}-detector", namespace)
    waiting.until(lambda: cluster.pods(namespace, "taskmanager"), applied.told)
    waiting.until(
        lambda: any(
            one.metadata.name == f"fd-{applied.name}-detector"
            for one in cluster.core.list_namespaced_config_map(namespace).items
        ),
        applied.told,
    )
    applied.wait_ready()
