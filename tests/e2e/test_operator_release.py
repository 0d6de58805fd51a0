"""The operator's own release: tested, upgraded and uninstalled as a platform engineer does it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from harness import waiting
from harness.cluster import ROOT, Applied, Cluster, in_cluster
from harness.detectors import manifest

from fraud_api import FraudDetector

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
    install(operator, CHART, "--set", "adoptFormer=true")
    operator.helm("test", RELEASE)
    assert applied.wait_ready()["job"]["id"] == job
    applied.edit(lambda spec: spec.update(restartNonce=1))
    assert f"/savepoints/{job}/" in applied.wait_ready()["lastSavepoint"]["location"], "its state goes along"
    assert "sh.helm" not in operator.kubectl("-n", namespace, "get", "configmaps", "-o", "name")
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
