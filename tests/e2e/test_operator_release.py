"""The operator's own release: tested, upgraded and uninstalled as a platform engineer does it."""

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import waiting
from harness.cluster import OPERATOR_NAMESPACE, ROOT, Applied, Cluster, in_cluster
from harness.detectors import manifest

from fraud_api import FraudDetector
from fraud_operator import helm_record
from fraud_operator.names import Key

pytestmark = pytest.mark.e2e

RELEASE = "fraud-operator"
CHART = ROOT / "charts" / RELEASE
FIRST_VERSION = Path(__file__).parent / "fixtures" / "fraud-operator-0.1.0.tgz"
KINDS = (
    "deployments,pods,services,serviceaccounts,configmaps,secrets,roles,rolebindings,clusterroles,"
    "clusterrolebindings,networkpolicies"
)


def install(cluster: Cluster, chart: Path, *options: str) -> None:
    cluster.helm("upgrade", "--install", RELEASE, chart, "--create-namespace", "--wait", "--timeout", "3m", *options)


def left_of_it(cluster: Cluster) -> list[str]:
    selector = f"app.kubernetes.io/instance={RELEASE}"
    return cluster.kubectl("get", KINDS, "--all-namespaces", "--selector", selector, "-o", "name").split()


def test_its_own_test_passes(cluster: Cluster):
    assert "Succeeded" in cluster.helm("test", RELEASE)


def test_an_upgrade_from_the_first_version_leaves_jobs_alone(
    namespace: str, apply: Callable[[FraudDetector], Applied], operator: Cluster
):
    install(operator, FIRST_VERSION)
    applied = apply(in_cluster(manifest("transactions"), namespace))
    job = applied.wait_ready()["job"]["id"]
    install(operator, CHART)
    operator.helm("test", RELEASE)
    assert applied.wait_ready()["job"]["id"] == job


def moved_beside(cluster: Cluster, applied: Applied) -> None:
    """Put a detector's release where a version before 0.2 had it, and forget what this one remembers."""
    key = Key(applied.namespace, applied.name)
    kept = cluster.core.list_namespaced_config_map(OPERATOR_NAMESPACE).items
    for one in (each for each in kept if f"{key.release}." in f"{each.metadata.name}."):
        labels = dict(one.metadata.labels)
        if labels.get("owner") == "helm":
            found = helm_record.unpack(one.data["release"])
            found |= {"name": key.instance, "namespace": key.namespace}
            found["config"] = {name: each for name, each in found["config"].items() if not name.endswith("Override")}
            packed = base64.b64encode(gzip.compress(json.dumps(found).encode())).decode()
            metadata = {
                "name": f"sh.helm.release.v1.{key.instance}.v{labels['version']}",
                "namespace": key.namespace,
                "labels": labels | {"name": key.instance},
            }
            body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"release": packed}}
            cluster.core.create_namespaced_config_map(key.namespace, body)
        cluster.core.delete_namespaced_config_map(one.metadata.name, OPERATOR_NAMESPACE)


def test_what_a_version_before_has_deployed_is_taken_over_with_its_state(
    namespace: str, apply: Callable[[FraudDetector], Applied], operator: Cluster
):
    applied = apply(in_cluster(manifest("transactions"), namespace))
    job = applied.wait_ready()["job"]["id"]
    operator.helm("uninstall", RELEASE, "--wait")
    moved_beside(operator, applied)
    try:
        install(operator, CHART, "--set", "adoptFormer=true")
        operator.kubectl("-n", namespace, "annotate", "fd", applied.name, "frauddetector.io/looked=at", "--overwrite")
        assert applied.wait_ready()["job"]["id"] == job, "its job goes on"
        applied.edit(lambda spec: spec.update(restartNonce=1))
        waiting.until(lambda: f"/savepoints/{job}/" in str(applied.status.get("lastSavepoint")), applied.told)
        applied.wait_ready()
        records = operator.kubectl("-n", namespace, "get", "configmaps", "-o", "name")
        assert "sh.helm" not in records, "its release has moved"
    finally:
        install(operator, CHART)


def test_uninstalled_it_leaves_its_resource_and_what_runs(
    namespace: str, apply: Callable[[FraudDetector], Applied], operator: Cluster
):
    applied = apply(in_cluster(manifest("transactions"), namespace))
    job = applied.wait_ready()["job"]["id"]
    try:
        operator.helm("uninstall", RELEASE, "--wait")
        waiting.until(lambda: not left_of_it(operator), lambda: f"{left_of_it(operator)} goes")
        assert "frauddetectors.frauddetector.io" in operator.kubectl("get", "crd", "-o", "name")
        assert operator.pods(namespace, "jobmanager")
    finally:
        install(operator, CHART)
    assert applied.wait_ready()["job"]["id"] == job
