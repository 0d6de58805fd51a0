"""Detectors beside each other, invalid ones, and the end of them."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from harness import agreement, waiting
from harness.cluster import KAFKA, OPERATOR_NAMESPACE, Applied, Cluster, in_cluster, resource
from harness.detectors import manifest
from harness.kafka import Broker
from oracle.detectors import Sent, expected, traffic

from fraud_api import FraudDetector, naming
from fraud_job.topics import TopicKind, topics
from fraud_operator.names import FINALIZER

pytestmark = pytest.mark.e2e

INVALID = 50


def assert_finds(kafka: Broker, applied: Applied, records: list[Sent]) -> None:
    """Its alerts become what the oracle says of these transactions."""
    wanted = expected("transactions", records, applied.namespace).alerts
    topic = naming.alerts_topic(applied.detector)
    waiting.until(lambda: kafka.count(topic) >= len(wanted), applied.told)
    problems = agreement.alerts(applied.namespace, kafka.read_topic(topic), wanted)
    assert not problems, "\n".join(problems)


def test_two_of_one_name_in_two_namespaces_over_one_topic(
    new_namespace: Callable[[], str], apply: Callable[[FraudDetector], Applied], kafka: Broker
):
    sample = manifest("transactions")
    shared = f"{new_namespace()}.shared"

    def over_shared(namespace: str) -> FraudDetector:
        found = in_cluster(sample, namespace)
        document = resource(found)
        document["spec"]["streams"][0]["topic"] = shared
        return FraudDetector.model_validate(document)

    both = [apply(over_shared(new_namespace())) for _ in range(2)]
    for applied in both:
        applied.wait_ready()
    records = traffic("transactions", seed=2, count=2_000).to_send
    kafka.produce(both[0].detector, records)
    for applied in both:
        assert_finds(kafka, applied, records)

    both[0].cluster.delete(both[0].namespace, both[0].name)
    both[0].cluster.wait_gone(both[0].namespace, both[0].name)
    assert kafka.count(shared) == len(records)
    both[1].wait_ready()


def test_fifty_invalid_ones_disturb_nobody(
    namespace: str, apply: Callable[[FraudDetector], Applied], cluster: Cluster, kafka: Broker
):
    documents = []
    for number in range(INVALID):
        document = resource(in_cluster(manifest("transactions"), namespace))
        document["metadata"]["name"] = f"invalid-{number}"
        # the API server can't know the columns
        document["spec"]["rules"][0]["filter"]["where"] = f"no_such_column_{number} > 1"
        documents.append(document)
    cluster.apply(*documents)
    good = apply(in_cluster(manifest("transactions"), namespace))
    good.wait_ready()

    for number in range(INVALID):
        invalid = Applied(cluster, FraudDetector.model_validate(documents[number]))
        said = invalid.wait_condition("Ready", "False", "InvalidSpec")
        assert f"no_such_column_{number}" in said["message"]
        assert "spec.rules[large-amount].filter.where" in said["message"]
        assert invalid.status["phase"] == "Invalid"

    records = traffic("transactions", seed=3, count=500).to_send
    kafka.produce(good.detector, records)
    assert_finds(kafka, good, records)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda spec: spec["streams"].append(spec["streams"][0]), "Duplicate"),
        (lambda spec: spec["rules"][0].update(window={}, filter={}), "rules[0]"),
        (lambda spec: spec["flink"].update(parallelism=0), "parallelism"),
        (lambda spec: spec.update(no_such_field=1), "no_such_field"),
    ],
)
def test_the_api_server_refuses_what_a_schema_can_tell(
    namespace: str, cluster: Cluster, change: Callable[[dict[str, Any]], None], said: str
):
    document = resource(in_cluster(manifest("transactions"), namespace))
    change(document["spec"])
    with pytest.raises(AssertionError, match=re.escape(said)):
        cluster.kubectl("apply", "--validate=strict", "-f", "-", stdin=json.dumps(document))


def left_of_it(cluster: Cluster, namespace: str) -> list[str]:
    """Names of what a detector had in its namespace, and of its release and record in the operator's."""
    core = cluster.core
    kinds = (
        core.list_namespaced_pod,
        core.list_namespaced_config_map,
        core.list_namespaced_secret,
        core.list_namespaced_persistent_volume_claim,
    )
    names = [one.metadata.name for kind in kinds for one in kind(namespace).items]
    kept = [one.metadata.name for one in core.list_namespaced_config_map(OPERATOR_NAMESPACE).items]
    return [name for name in names if name.startswith("fd-")] + [name for name in kept if f"{namespace}." in name]


@pytest.mark.parametrize("policy", ["Retain", pytest.param("Delete", marks=pytest.mark.short)])
def test_deleted_it_leaves_what_its_policy_says(
    namespace: str, apply: Callable[[FraudDetector], Applied], cluster: Cluster, kafka: Broker, policy: str
):
    applied = apply(in_cluster(manifest("transactions"), namespace, deletionPolicy=policy))
    applied.wait_ready()
    held = (cluster.get(namespace, applied.name) or {})["metadata"].get("finalizers", [])
    assert held == ([FINALIZER] if policy == "Delete" else [])
    cluster.delete(namespace, applied.name)
    cluster.wait_gone(namespace, applied.name)
    waiting.until(lambda: not left_of_it(cluster, namespace), lambda: f"{left_of_it(cluster, namespace)} goes")
    for topic in topics(applied.detector):
        kept = policy == "Retain" or topic.kind is TopicKind.INPUT
        assert kafka.exists(topic.name) is kept, topic


def test_deleted_while_kafka_is_down_it_goes_within_its_deadline(
    namespace: str, apply: Callable[[FraudDetector], Applied], cluster: Cluster
):
    applied = apply(in_cluster(manifest("transactions"), namespace, deletionPolicy="Delete"))
    applied.wait_ready()
    with cluster.without_kafka():
        cluster.delete(namespace, applied.name)
        cluster.wait_gone(namespace, applied.name, seconds=240)


def test_a_namespace_goes_with_its_detector(
    new_namespace: Callable[[], str], apply: Callable[[FraudDetector], Applied], cluster: Cluster
):
    namespace = new_namespace()
    apply(in_cluster(manifest("transactions"), namespace)).wait_ready()
    cluster.delete_namespace(namespace)


def test_no_broker_is_told_and_waited_for(namespace: str, apply: Callable[[FraudDetector], Applied], cluster: Cluster):
    nobody = in_cluster(manifest("transactions"), namespace, kafka={"bootstrapServers": "nobody.invalid:9092"})
    applied = apply(nobody)
    said = applied.wait_condition("TopicsReady", "False")
    assert "nobody.invalid:9092" in said["message"]
    assert applied.condition("Ready")["status"] == "False"
    applied.edit(lambda spec: spec["kafka"].update(bootstrapServers=KAFKA))
    applied.wait_ready()
