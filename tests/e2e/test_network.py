"""The charts' NetworkPolicies, on a network that enforces them."""

from collections.abc import Callable

import pytest
from harness import waiting
from harness.cluster import OPERATOR_NAMESPACE, Applied, Cluster, in_cluster
from harness.detectors import manifest
from harness.network import NOTHING, OPEN, SERVED, Visitor, visitor

from fraud_api import FraudDetector

pytestmark = pytest.mark.e2e

RPC, BLOB, REST, METRICS, TASK_RPC = 6123, 6124, 8081, 9249, 6122
HEALTH, OPERATOR_METRICS = 8080, 9090
AS_THE_OPERATOR = {
    "app.kubernetes.io/name": "fraud-operator",
    "app.kubernetes.io/instance": "fraud-operator",
    "app.kubernetes.io/component": "operator",
}


def pod_of(cluster: Cluster, namespace: str, component: str) -> Visitor:
    """The pod of one of our components."""
    (pod,) = cluster.pods(namespace, component)
    return Visitor(cluster, namespace, pod.metadata.name)


def test_pods_without_a_policy_reach_each_other(new_namespace: Callable[[], str], cluster: Cluster) -> None:
    one, other = visitor(cluster, new_namespace(), "one"), visitor(cluster, new_namespace(), "other")
    one.wait_served(by=other)
    other.wait_served(by=one)


@pytest.mark.parametrize("direction", ["Ingress", "Egress"])
def test_a_policy_that_allows_nothing_is_enforced_while_it_is_there(
    new_namespace: Callable[[], str], cluster: Cluster, direction: str
) -> None:
    mine, theirs = new_namespace(), new_namespace()
    inside, outside = visitor(cluster, mine, "inside"), visitor(cluster, theirs, "outside")
    source, target = (outside, inside) if direction == "Ingress" else (inside, outside)
    target.wait_served(by=source)
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "nothing", "namespace": mine},
        "spec": {"podSelector": {}, "policyTypes": [direction]},
    }
    cluster.apply(policy)
    waiting.until(lambda: source.knock(target.address, SERVED) == {SERVED: NOTHING}, "nothing gets through", 60)
    assert target.knock(source.address, SERVED) == {SERVED: OPEN}, "the other direction is as it was"
    cluster.kubectl("-n", mine, "delete", "networkpolicy", "nothing")
    target.wait_served(by=source)


def test_of_the_operator_everybody_sees_the_metrics_and_nothing_else(namespace: str, cluster: Cluster) -> None:
    address = pod_of(cluster, OPERATOR_NAMESPACE, "operator").address
    for one in (visitor(cluster, namespace, "impostor", AS_THE_OPERATOR), visitor(cluster, namespace, "anybody")):
        assert one.knock(address, OPERATOR_METRICS, HEALTH) == {OPERATOR_METRICS: OPEN, HEALTH: NOTHING}


def test_flink_is_reached_by_itself_and_by_the_operator(
    new_namespace: Callable[[], str], apply: Callable[[FraudDetector], Applied], cluster: Cluster
) -> None:
    mine, theirs = new_namespace(), new_namespace()
    applied = apply(in_cluster(manifest("transactions"), mine))
    strangers = (
        visitor(cluster, theirs, "impostor", AS_THE_OPERATOR),
        visitor(cluster, mine, "impostor", AS_THE_OPERATOR),
        visitor(cluster, mine, "neighbour"),
    )
    applied.wait_ready()
    job, task = pod_of(cluster, mine, "jobmanager"), pod_of(cluster, mine, "taskmanager")
    service = f"fd-transactions-jobmanager.{mine}.svc"

    operator = pod_of(cluster, OPERATOR_NAMESPACE, "operator")
    assert operator.knock(service, REST, METRICS, RPC) == {REST: OPEN, METRICS: OPEN, RPC: NOTHING}
    assert task.knock(service, RPC, BLOB, REST) == dict.fromkeys((RPC, BLOB, REST), OPEN)
    assert job.knock(task.address, TASK_RPC) == {TASK_RPC: OPEN}
    for one in strangers:
        assert one.knock(service, METRICS, REST, RPC) == {METRICS: OPEN, REST: NOTHING, RPC: NOTHING}
        assert one.knock(job.address, REST, RPC, BLOB) == dict.fromkeys((REST, RPC, BLOB), NOTHING)
        assert one.knock(task.address, METRICS, TASK_RPC) == {METRICS: OPEN, TASK_RPC: NOTHING}

    applied.edit(lambda spec: spec.update(restartNonce=1))
    applied.wait_ready()
    assert all(one.knock(service, REST) == {REST: NOTHING} for one in strangers), "new pods, the same rules"
