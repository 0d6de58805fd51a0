"""The five detectors on Kubernetes: applied, Ready, and their alerts are what the oracles say."""

from collections.abc import Callable

import pytest
from harness import agreement, waiting
from harness.cluster import Applied, in_cluster
from harness.detectors import manifest
from harness.kafka import Broker, Message
from oracle.detectors import ORACLES, expected, traffic

from fraud_api import FraudDetector, naming

pytestmark = pytest.mark.e2e

COUNTS_SECONDS = 90.0


def alerts_of(kafka: Broker, detector: FraudDetector, wanted: int) -> list[Message]:
    """All alerts, once as many as wanted have come."""
    topic = naming.alerts_topic(detector)
    waiting.until(lambda: kafka.count(topic) >= wanted, lambda: f"{kafka.count(topic)} of {wanted} alerts")
    return kafka.read_topic(topic)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.short) if name == "transactions" else name for name in ORACLES]
)
def test_its_alerts_are_what_the_oracle_says(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker, name: str
):
    applied = apply(in_cluster(manifest(name), namespace))
    status = applied.wait_ready()
    assert status["phase"] == "Running"
    assert status["observedGeneration"] == 1
    assert status["job"]["state"] == "RUNNING"
    assert applied.condition("TopicsReady")["status"] == "True"

    records = traffic(name, seed=1).to_send
    kafka.produce(applied.detector, records)
    wanted = expected(name, records, namespace)
    found = alerts_of(kafka, applied.detector, len(wanted.alerts))
    problems = agreement.alerts(namespace, found, wanted.alerts)
    assert not problems, "\n".join(problems)

    def counted() -> bool:
        told = applied.status.get("records", {})
        return told.get("in") == len(records) and told.get("alerts") == len(wanted.alerts)

    waiting.until(counted, lambda: f"{applied.status.get('records')} of {len(records)}", COUNTS_SECONDS)


def test_the_sample_runs_with_its_generator_and_reads_well(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker
):
    sample = manifest("transactions")
    generator = {"scenario": "transactions", "rate": 200, "endless": True}
    applied = apply(in_cluster(sample, namespace, generator=generator))
    applied.wait_ready()
    alerts_of(kafka, applied.detector, 20)
    waiting.until(lambda: applied.status.get("records", {}).get("alerts", 0) > 0, applied.told, COUNTS_SECONDS)

    listed = applied.cluster.kubectl("-n", namespace, "get", "fd").splitlines()
    assert listed[0].split() == ["NAME", "PHASE", "READY", "JOB", "RULES", "ALERTS", "AGE"]
    assert listed[1].split()[:5] == ["transactions", "Running", "True", "RUNNING", "1"]
    assert int(listed[1].split()[5]) > 0
    assert "Ready" in applied.cluster.kubectl("-n", namespace, "describe", "fd", "transactions")
