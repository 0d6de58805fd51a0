"""A login is read where it lies, and stands nowhere else, also when it does not work."""

import base64
from collections.abc import Callable

import pytest
from harness import waiting
from harness.cluster import KAFKA, OPERATOR_NAMESPACE, Applied, Cluster, in_cluster
from harness.detectors import manifest

from fraud_api import FraudDetector

pytestmark = pytest.mark.e2e

CANARY = "canary-7f3a91c5"
FORMS = (CANARY, base64.b64encode(CANARY.encode()).decode())


def everything_said(cluster: Cluster, namespace: str) -> str:
    """Every object but Secrets, every event and log of a namespace, and the operator's log."""
    listed = cluster.kubectl("api-resources", "--namespaced", "--verbs=list", "-o", "name").split()
    kinds = ",".join(kind for kind in listed if kind != "secrets")
    objects = cluster.kubectl("-n", namespace, "get", kinds, "-o", "yaml", "--ignore-not-found")
    logs = [
        cluster.kubectl("-n", where, "logs", pod.metadata.name, "--all-containers", check=False)
        for where in (namespace, OPERATOR_NAMESPACE)
        for pod in cluster.core.list_namespaced_pod(where).items
    ]
    return "\n".join([objects, *logs])


@pytest.mark.short
def test_a_login_stands_nowhere(namespace: str, apply: Callable[[FraudDetector], Applied], cluster: Cluster):
    security = {"protocol": "SASL_PLAINTEXT", "secretRef": {"name": "login"}}
    applied = apply(
        in_cluster(manifest("transactions"), namespace, kafka={"bootstrapServers": KAFKA, "security": security})
    )
    told = applied.wait_condition("TopicsReady", "False", "SecretMissing")
    assert "rbac.secretNames" in told["message"] or "login" in told["message"]

    cluster.allow_operator(namespace, "login")
    cluster.create_secret(namespace, "login", {"username": "analyst", "password": CANARY})
    # the demo Kafka knows no logins: what fails with one must not tell it either
    waiting.until(lambda: applied.condition("TopicsReady").get("reason") == "KafkaUnreachable", applied.told)
    said = everything_said(cluster, namespace)
    assert "KafkaUnreachable" in said
    assert not [form for form in FORMS if form in said]
