"""charts/fraud-detector: state, traffic, Secrets and the indexer, toggle by toggle."""

import json
from typing import Any, ClassVar

from harness.charts import JOB_ID, Object, merged, unrestricted
from harness.helm import one
from unit.charts.detector import (
    PARTS,
    affinity,
    container,
    kinds,
    mounts,
    names,
    pod,
    render,
    settings,
    without_checksums,
)


class TestStorage:
    def test_a_volume_with_one_writer_keeps_all_pods_on_one_node(self) -> None:
        found = render()
        claim = one(found, "PersistentVolumeClaim", "fd-transactions-state")["spec"]
        assert claim == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        for part in PARTS:
            (term,) = affinity(found, part)
            assert term["topologyKey"] == "kubernetes.io/hostname"
            assert term["labelSelector"]["matchExpressions"][0]["values"] == list(PARTS)
            assert mounts(found, part)["/state"]["persistentVolumeClaim"] == {"claimName": "fd-transactions-state"}

    def test_a_volume_with_many_writers_does_not(self) -> None:
        found = render({"storage": {"accessMode": "ReadWriteMany", "size": "5Gi", "storageClass": "nfs"}})
        claim = one(found, "PersistentVolumeClaim")["spec"]
        assert (claim["storageClassName"], claim["accessModes"]) == ("nfs", ["ReadWriteMany"])
        assert claim["resources"] == {"requests": {"storage": "5Gi"}}
        assert "affinity" not in pod(found, "taskmanager")["spec"]

    def test_s3(self) -> None:
        storage = {"type": "S3", "uri": "s3://bucket/flink/", "endpoint": "http://minio:9000", "secretName": "aws"}
        found = render({"storage": storage})
        base = "s3://bucket/flink/default/transactions"
        wanted = {
            "high-availability.storageDir": f"{base}/ha",
            "execution.checkpointing.dir": f"{base}/checkpoints",
            "execution.checkpointing.savepoint-dir": f"{base}/savepoints",
            "s3.endpoint": "http://minio:9000",
            "s3.path.style.access": "true",
        }
        assert wanted.items() <= settings(found).items()
        assert "PersistentVolumeClaim" not in kinds(found)
        for part in PARTS:
            env = {each["name"]: each.get("valueFrom", {}) for each in container(found, part)["env"]}
            assert env["AWS_ACCESS_KEY_ID"] == {"secretKeyRef": {"name": "aws", "key": "accessKeyId"}}
            assert env["AWS_SECRET_ACCESS_KEY"] == {"secretKeyRef": {"name": "aws", "key": "secretAccessKey"}}
            assert "/state" not in mounts(found, part)
            assert "affinity" not in pod(found, part)["spec"]

    def test_s3_as_the_detector_says(self) -> None:
        storage = {"type": "S3", "uri": "s3://bucket", "secretRef": {"name": "aws"}}
        found = render(flink={"checkpoints": {"storage": storage}})
        given = render({"storage": {"type": "S3", "uri": "s3://bucket", "secretName": "aws"}})
        assert settings(found) == settings(given)
        assert without_checksums(found, "Deployment") == without_checksums(given, "Deployment")


class TestGenerator:
    def test_it_is_off_by_default(self) -> None:
        assert "fd-transactions-generator" not in names(render(), "Deployment")

    def test_endless_traffic_is_a_deployment(self) -> None:
        found = render({"generator": {"enabled": True}, "secrets": ["kafka"]})
        assert container(found, "generator")["command"] == [
            *("python", "-m", "fraud_generator.detector", "/etc/fraud/detector/detector.json")
        ]
        assert container(found, "generator")["args"] == ["--secrets-dir", "/etc/fraud/secrets"]
        assert one(found, "Deployment", "fd-transactions-generator")["spec"]["strategy"] == {"type": "Recreate"}
        assert pod(found, "generator")["spec"]["automountServiceAccountToken"] is False
        assert mounts(found, "generator")["/etc/fraud/secrets/kafka"]["secret"]["secretName"] == "kafka"

    def test_finite_traffic_is_a_job(self) -> None:
        (job,) = (each for each in _finite() if each["kind"] == "Job")
        assert job["spec"]["suspend"] is False
        assert job["spec"]["template"]["spec"]["restartPolicy"] == "Never"
        assert "fd-transactions-generator" not in names(_finite(), "Deployment")

    def test_it_is_not_sent_again_because_a_rule_was_edited_or_the_job_suspended(self) -> None:
        edited = _finite(parameters=[{"name": "limit", "type": "DOUBLE", "value": 500}])
        suspended = _finite({"running": False})
        assert names(edited, "Job") == names(suspended, "Job") == names(_finite(), "Job")
        assert one(edited, "Job")["spec"]["template"] == one(_finite(), "Job")["spec"]["template"]
        assert one(suspended, "Job")["spec"]["suspend"] is True

    def test_other_traffic_is_another_job(self) -> None:
        # a Job's template can't be changed
        assert names(_finite(generator={"seed": 2}), "Job") != names(_finite(), "Job")

    def test_resources(self) -> None:
        found = render({"generator": {"enabled": True, "resources": {"cpu": "1500m"}}})
        assert container(found, "generator")["resources"]["requests"] == {"cpu": "1500m", "memory": "512Mi"}


def _finite(changes: dict[str, Any] | None = None, **spec: Any) -> list[Object]:
    finite = {"scenario": "transactions", "count": 1000, "endless": None}
    return render(merged({"generator": {"enabled": True}}, changes or {}), **merged({"generator": finite}, spec))


class TestSecrets:
    def test_they_are_mounted_by_name_and_nothing_holds_one(self) -> None:
        found = render({"secrets": ["kafka", "a" * 63], "generator": {"enabled": True}})
        assert "Secret" not in kinds(found)
        for part in (*PARTS, "generator"):
            volume = mounts(found, part)["/etc/fraud/secrets/kafka"]
            assert volume["secret"] == {"secretName": "kafka", "defaultMode": 0o440}
            assert all(len(each["name"]) <= 63 for each in pod(found, part)["spec"]["volumes"])
            assert all(
                each["readOnly"] for each in container(found, part)["volumeMounts"] if "secret" in each["mountPath"]
            )

    def test_only_flink_may_talk_to_the_api_server(self) -> None:
        found = render({"generator": {"enabled": True}})
        cluster = f"fd-transactions-{JOB_ID[:8]}"
        assert one(found, "Role")["rules"] == [
            {
                "apiGroups": [""],
                "resources": ["configmaps"],
                "resourceNames": [f"{cluster}-cluster-config-map", f"{cluster}-{JOB_ID}-config-map"],
                "verbs": ["get", "list", "watch", "update", "patch", "delete"],
            },
            {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"]},
        ]
        assert [each["name"] for each in one(found, "RoleBinding")["subjects"]] == ["fd-transactions-flink"]
        assert one(found, "ServiceAccount", "fd-transactions-tools")["automountServiceAccountToken"] is False


class TestIndexer:
    ON: ClassVar = {"indexer": {"enabled": True}}

    def test_only_where_it_is_asked_for_and_while_it_runs(self) -> None:
        assert "fd-transactions-indexer" not in names(render(), "Deployment")
        assert "fd-transactions-indexer" in names(render(self.ON), "Deployment")
        assert "fd-transactions-indexer" not in names(render({**self.ON, "running": False}), "Deployment")

    def test_it_reads_the_detector_and_tells_how_it_is(self) -> None:
        found = container(render(self.ON), "indexer")
        assert found["image"] == "fraud-tools:0.1.0"
        assert found["command"] == [
            *("python", "-m", "fraud_services.indexer", "/etc/fraud/detector/detector.json"),
            *("--metrics-port", "9249"),
        ]
        assert "args" not in found
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(found)
        assert found["resources"] == {"requests": {"cpu": "50m", "memory": "384Mi"}, "limits": {"memory": "384Mi"}}
        assert mounts(render(self.ON), "indexer")["/etc/fraud/detector"]["configMap"] == {
            "name": "fd-transactions-detector"
        }

    def test_its_pods_have_no_rights_and_are_restricted(self) -> None:
        found = pod(render(self.ON), "indexer")
        assert found["spec"]["serviceAccountName"] == "fd-transactions-tools"
        assert found["spec"]["automountServiceAccountToken"] is False
        assert not unrestricted(found)

    def test_elasticsearchs_secret_is_its_alone(self) -> None:
        found = render({"indexer": {"enabled": True, "secrets": ["kafka", "search"]}, "secrets": ["kafka"]})
        assert container(found, "indexer")["args"] == ["--secrets-dir", "/etc/fraud/secrets"]
        secret = {place for place in mounts(found, "indexer") if place.startswith("/etc/fraud/secrets")}
        assert secret == {"/etc/fraud/secrets/kafka", "/etc/fraud/secrets/search"}
        for part in PARTS:
            assert "/etc/fraud/secrets/search" not in mounts(found, part)

    def test_what_it_reads_restarts_it(self) -> None:
        kept = {"url": "http://elasticsearch:9200", "retention": "1d"}
        blocking = [{"name": "one", "actions": {"block": {}}}]
        for edited in (render(self.ON, elasticsearch=kept), render(self.ON, rules=[]), render(self.ON, rules=blocking)):
            assert pod(edited, "indexer") != pod(render(self.ON), "indexer")

    def test_what_it_does_not_read_restarts_it_not(self) -> None:
        threshold = render(self.ON, parameters=[{"name": "limit", "type": "DOUBLE", "value": 1000}])
        rule = render(self.ON, rules=[{"name": "other", "filter": {"from": "transactions", "where": "amount > 5"}}])
        for edited in (threshold, rule):
            assert pod(edited, "indexer") == pod(render(self.ON), "indexer")

    def test_who_may_reach_it(self) -> None:
        policy = one(render(self.ON), "NetworkPolicy", "fd-transactions-indexer")["spec"]
        assert policy["ingress"] == [{"from": [{"namespaceSelector": {}}], "ports": [{"port": 9249}]}]
        off = one(render({**self.ON, "metrics": {"enabled": False}}), "NetworkPolicy", "fd-transactions-indexer")
        assert "ingress" not in off["spec"]
        assert off["spec"]["policyTypes"] == ["Ingress", "Egress"]

    def test_a_monitor_finds_it(self) -> None:
        found = render({**self.ON, "metrics": {"serviceMonitor": True}})
        service = one(found, "Service", "fd-transactions-indexer")
        monitor = one(found, "ServiceMonitor")
        assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
        assert "fd-transactions-indexer" not in names(render({**self.ON, "metrics": {"enabled": False}}), "Service")


class TestToggles:
    def test_network_policies(self) -> None:
        assert names(render(), "NetworkPolicy") == {"fd-transactions-flink"}
        assert "fd-transactions-generator" in names(render({"generator": {"enabled": True}}), "NetworkPolicy")
        assert "NetworkPolicy" not in kinds(render({"networkPolicy": {"enabled": False}}))

    def test_who_may_reach_flink(self) -> None:
        console = {"podSelector": {"matchLabels": {"app": "console"}}}
        policy = one(render({"networkPolicy": {"restFrom": [console], "metricsFrom": []}}), "NetworkPolicy")["spec"]
        own, rest = policy["ingress"]
        assert {port["port"] for port in own["ports"]} == {6121, 6122, 6123, 6124, 8081}
        assert rest["ports"] == [{"port": 8081}]
        assert rest["from"] == [console]
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        assert policy["egress"] == [{}]

    def test_nobody_else_reaches_flink_unless_named(self) -> None:
        (own,) = one(render({"networkPolicy": {"metricsFrom": []}}), "NetworkPolicy")["spec"]["ingress"]
        assert all("namespaceSelector" not in peer for peer in own["from"])

    def test_disruption_budgets(self) -> None:
        assert names(render(), "PodDisruptionBudget") == {f"fd-transactions-{part}" for part in PARTS}
        assert "PodDisruptionBudget" not in kinds(render({"podDisruptionBudget": {"enabled": False}}))

    def test_metrics(self) -> None:
        assert settings(render())["metrics.reporter.prom.port"] == "9249"
        off = render({"metrics": {"enabled": False}})
        assert not [key for key in settings(off) if key.startswith("metrics.")]
        assert names(off, "Service") == {"fd-transactions-jobmanager"}
        assert "9249" not in json.dumps(off)

    def test_service_monitor(self) -> None:
        assert "ServiceMonitor" not in kinds(render())
        monitor = one(render({"metrics": {"serviceMonitor": True}}), "ServiceMonitor")
        assert monitor["spec"]["endpoints"] == [{"port": "metrics"}]
