"""What the charts render, as a real API server takes it; nothing is made."""

import json

import pytest
from golden.renderings import CASES, Case
from harness.charts import pods
from harness.cluster import Cluster
from harness.helm import template

pytestmark = pytest.mark.e2e

ALL_CASES = {**CASES, "backends": Case("fraud-backends", {"kibana": {"enabled": True}})}
OF_OTHERS = {"ServiceMonitor", "PrometheusRule"}
"""Kinds that only the Prometheus operator brings."""


@pytest.mark.parametrize("case", ALL_CASES.values(), ids=list(ALL_CASES))
def test_the_api_server_takes_all_objects_without_a_warning(cluster: Cluster, namespace: str, case: Case) -> None:
    found = [each for each in template(case.chart, case.values) if each["kind"] not in {*OF_OTHERS, "Pod"}]
    for each in found:
        if "namespace" in each["metadata"]:
            each["metadata"]["namespace"] = namespace
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": found})
    told = cluster.kubectl("apply", "--dry-run=server", "--warnings-as-errors", "-f", "-", stdin=listed)
    assert len(told.splitlines()) == len(found)


@pytest.mark.parametrize("case", ALL_CASES.values(), ids=list(ALL_CASES))
def test_the_level_restricted_lets_every_pod_in(cluster: Cluster, namespace: str, case: Case) -> None:
    made = 0
    for owner, pod in pods(template(case.chart, case.values)):
        # whose rights it has is no matter here, and the account would have to be there
        spec = {
            key: value for key, value in pod["spec"].items() if key not in {"serviceAccountName", "priorityClassName"}
        }
        name = owner.lower().replace(" ", "-")
        bare = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace}, "spec": spec}
        assert "created" in cluster.kubectl("create", "--dry-run=server", "-f", "-", stdin=json.dumps(bare))
        made += 1
    assert made
