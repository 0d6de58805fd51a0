"""A change that does worse than what it replaced, on a real Flink: it gives way by itself, and no alert is missed."""

from collections.abc import Callable
from typing import Any

import pytest
from harness import waiting
from harness.cluster import Applied, in_cluster
from harness.detectors import manifest
from harness.kafka import Broker
from harness.steady import Steady, assert_each_alert_once_by_id

from fraud_api import FraudDetector

pytestmark = pytest.mark.e2e

ROLLBACK_SECONDS = 240.0


def whole_amounts(spec: dict[str, Any]) -> None:
    """Declares that amounts have no cents, which they have."""
    (amount,) = (one for one in spec["streams"][0]["columns"] if one["name"] == "amount")
    amount["type"] = "INT"


def undecided(spec: dict[str, Any]) -> None:
    """Has the rule look at a number that is none."""
    spec["rules"][0]["filter"]["where"] = "amount > :limit AND CAST(`timestamp` AS INT) > 0"


@pytest.mark.parametrize(
    ("change", "why"),
    [(whole_amounts, "of the events read became dead letters"), (undecided, "of the events read left a rule unknown")],
)
def test_a_change_that_does_worse_gives_way(
    namespace: str,
    apply: Callable[[FraudDetector], Applied],
    kafka: Broker,
    change: Callable[[dict[str, Any]], None],
    why: str,
):
    applied = apply(in_cluster(manifest("transactions"), namespace))
    applied.wait_ready()
    steady = Steady(kafka, applied.detector)
    waiting.until(lambda: applied.status["records"]["in"] > 200, applied.told)
    good = applied.detector
    applied.edit(change)
    told = applied.wait_condition("Ready", "False", "RolledBack", ROLLBACK_SECONDS)
    assert why in told["message"]
    waiting.until(lambda: applied.condition("JobRunning").get("status") == "True", applied.told)
    assert applied.status["lastStableGeneration"] == 1
    steady.finish()
    assert_each_alert_once_by_id(kafka, good, steady)


def test_a_change_that_runs_well_is_kept_after_its_probation(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker
):
    applied = apply(in_cluster(manifest("transactions"), namespace, probation={"duration": "1m"}))
    applied.wait_ready()
    steady = Steady(kafka, applied.detector)
    applied.edit(lambda spec: spec["parameters"][0].update(value=900.5))
    waiting.until(lambda: "on probation until" in applied.condition("Ready").get("message", ""), applied.told, 180)
    waiting.until(lambda: applied.status["lastStableGeneration"] == 2, applied.told, 180)
    steady.finish()
