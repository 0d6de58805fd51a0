"""What SECURITY.md says of tenants, tried on a real API server."""

import base64
import gzip
import json
from collections.abc import Callable

import pytest
from harness import waiting
from harness.cluster import OPERATOR_NAMESPACE, SMALL, Applied, Cluster, in_cluster
from harness.detectors import manifest

from fraud_api import FraudDetector
from fraud_operator.names import DETECTOR_LABEL, NAMESPACE_LABEL, RECORD_LABEL

pytestmark = pytest.mark.e2e

ALL = ("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection")
OWN = ("get", "update", "patch", "delete")


def allowed(cluster: Cluster, account: str, namespace: str, what: str, verbs: tuple[str, ...] = ALL) -> list[str]:
    """Verbs that a service account may use."""
    ask = ("auth", "can-i", "--as", f"system:serviceaccount:{account}", "--namespace", namespace)
    return [verb for verb in verbs if cluster.kubectl(*ask, verb, what, check=False).strip() == "yes"]


def test_flink_can_write_its_own_notes_and_nothing_else(
    namespace: str, apply: Callable[[FraudDetector], Applied], cluster: Cluster
):
    applied = apply(in_cluster(manifest("transactions"), namespace))
    job = applied.wait_ready()["job"]["id"]
    flink = f"{namespace}:fd-transactions-flink"
    notes = [
        one.metadata.name
        for one in cluster.core.list_namespaced_config_map(namespace).items
        if job[:8] in one.metadata.name
    ]
    assert len(notes) == 2
    for name in notes:
        assert allowed(cluster, flink, namespace, f"configmaps/{name}", OWN) == list(OWN)
    assert allowed(cluster, flink, namespace, "configmaps") == ["create"]
    assert allowed(cluster, flink, namespace, "configmaps/fd-transactions-detector", OWN) == []
    assert allowed(cluster, flink, namespace, "secrets") == []
    assert allowed(cluster, flink, OPERATOR_NAMESPACE, "configmaps") == []
    assert allowed(cluster, f"{namespace}:fd-transactions-tools", namespace, "configmaps") == []

    cluster.kill_pod(namespace, "jobmanager")
    waiting.until(lambda: applied.condition("Ready").get("status") != "True", applied.told, 60)
    assert applied.wait_ready()["job"]["id"] == job, "its notes are enough to go on"


def test_a_forged_release_beside_the_detector_is_not_acted_on(
    new_namespace: Callable[[], str], apply: Callable[[FraudDetector], Applied], cluster: Cluster
):
    mine, theirs = new_namespace(), new_namespace()
    decoy = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "payroll", "namespace": theirs}}
    cluster.apply(decoy)
    applied = apply(in_cluster(manifest("transactions"), mine))
    applied.wait_ready()
    release = {
        "name": "fd-transactions",
        "namespace": mine,
        "version": 9,
        "info": {"status": "deployed"},
        "config": {"job": {"id": "f" * 32}},
        "chart": {"metadata": {"name": "x", "version": "1"}},
        "manifest": json.dumps(decoy),
        "hooks": [{"name": "x", "kind": "ConfigMap", "events": ["pre-delete"], "manifest": json.dumps(decoy)}],
    }
    packed = base64.b64encode(gzip.compress(json.dumps(release).encode())).decode()
    labels = {"owner": "helm", "name": "fd-transactions", "version": "9", "status": "deployed"}
    record = {DETECTOR_LABEL: "other", NAMESPACE_LABEL: mine, RECORD_LABEL: "true"}
    for name, said, data in (
        ("sh.helm.release.v1.fd-transactions.v9", labels, {"release": packed}),
        ("fd-other-stable", record, {"record.json.gz": "x"}),
    ):
        metadata = {"name": name, "namespace": mine, "labels": said}
        cluster.kubectl(
            *("create", "-f", "-"),
            stdin=json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}),
        )
    applied.edit(lambda spec: spec.update(restartNonce=1))
    applied.wait_ready()
    cluster.delete(mine, applied.name)
    cluster.wait_gone(mine, applied.name)
    waiting.until(lambda: not cluster.pods(mine, "jobmanager"), "its pods go")
    assert "payroll" in cluster.kubectl("-n", theirs, "get", "configmaps", "-o", "name")


def test_a_container_of_ones_own_runs_unprivileged(
    namespace: str, apply: Callable[[FraudDetector], Applied], cluster: Cluster
):
    cluster.create_secret(namespace, "mine", {"word": "a-word-of-mine"})
    said = "import os, time; print(os.getuid() != 0, os.environ['word'], flush=True); time.sleep(10**6)"
    sidecar = {
        "name": "beside",
        "image": cluster.tools_image,
        "command": ["python", "-c", said],
        "envFrom": [{"secretRef": {"name": "mine"}}],
    }
    pods = SMALL | {"podTemplate": {"spec": {"containers": [sidecar]}}}
    apply(
        in_cluster(manifest("transactions"), namespace, flink={"taskManager": pods, "jobManager": SMALL})
    ).wait_ready()
    (pod,) = cluster.pods(namespace, "taskmanager")
    logs = ("-n", namespace, "logs", pod.metadata.name, "-c", "beside")
    waiting.until(lambda: "True a-word-of-mine" in cluster.kubectl(*logs, check=False), "it speaks")
    (beside,) = (one for one in pod.spec.containers if one.name == "beside")
    assert beside.security_context.allow_privilege_escalation is False
    assert beside.security_context.capabilities.drop == ["ALL"]
