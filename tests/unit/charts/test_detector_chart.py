"""charts/fraud-detector: what one detector becomes, toggle by toggle, and which values are refused."""

import json
from functools import cache
from typing import Any, ClassVar

import pytest
import yaml
from harness.charts import JOB_ID, Object, detector_values, merged, pods, unrestricted
from harness.detectors import MANIFESTS, manifest
from harness.helm import CHARTS, one, refused, template

from fraud_api import FraudDetector
from fraud_api.flink import Flink

PARTS = ("jobmanager", "taskmanager")


@cache
def _rendered(text: str) -> list[Object]:
    return template("fraud-detector", json.loads(text))


def render(changes: dict[str, Any] | None = None, **spec: Any) -> list[Object]:
    """The chart's objects for the transactions detector, with changes to the values and to the detector's spec."""
    return _rendered(json.dumps(detector_values(changes, **spec)))


def kinds(found: list[Object]) -> set[str]:
    return {each["kind"] for each in found}


def names(found: list[Object], kind: str) -> set[str]:
    return {each["metadata"]["name"] for each in found if each["kind"] == kind}


def pod(found: list[Object], part: str) -> Object:
    return one(found, "Deployment", f"fd-transactions-{part}")["spec"]["template"]


def container(found: list[Object], part: str) -> Object:
    (only,) = pod(found, part)["spec"]["containers"]
    return only


def settings(found: list[Object]) -> dict[str, str]:
    """Flink's settings, as it reads them."""
    return yaml.safe_load(one(found, "ConfigMap", "fd-transactions-flink")["data"]["config.yaml"])


def mounts(found: list[Object], part: str) -> dict[str, Object]:
    """Volumes of a part by where they are mounted."""
    volumes = {each["name"]: each for each in pod(found, part)["spec"]["volumes"]}
    return {each["mountPath"]: volumes[each["name"]] for each in container(found, part)["volumeMounts"]}


def detector_of(found: list[Object]) -> FraudDetector:
    return FraudDetector.model_validate_json(
        one(found, "ConfigMap", "fd-transactions-detector")["data"]["detector.json"]
    )


class TestWhatItBecomes:
    def test_every_object_has_the_detectors_name_and_labels(self) -> None:
        for each in render({"generator": {"enabled": True}, "extraLabels": {"team": "fraud"}}):
            labels = each["metadata"]["labels"]
            assert each["metadata"]["name"].startswith("fd-transactions-")
            assert each["metadata"]["namespace"] == "default"
            assert labels["app.kubernetes.io/name"] == "fraud-detector"
            assert labels["app.kubernetes.io/instance"] == "test"
            assert labels["app.kubernetes.io/managed-by"] == "Helm"
            assert labels["frauddetector.io/detector"] == "transactions"
            assert labels["team"] == "fraud"
            assert labels["app.kubernetes.io/component"] in {*PARTS, "detector", "flink", "generator", "state", "tools"}

    def test_the_job_reads_the_same_detector(self) -> None:
        assert detector_of(render()) == manifest("transactions").model_copy(
            update={"metadata": detector_of(render()).metadata}
        )
        assert detector_of(render()).metadata.name == "transactions"

    def test_the_default_namespace_is_the_releases(self) -> None:
        values = merged(detector_values(), {"detector": {"metadata": {"namespace": None}}})
        found = template("fraud-detector", values, namespace="lab")
        assert detector_of(found).metadata.namespace == "lab"
        assert settings(found)["kubernetes.namespace"] == "lab"

    def test_large_numbers_are_not_rounded(self) -> None:
        for number in (9_007_199_254_740_991, "9007199254740993", -12, 0.1):
            parameter = {"name": "limit", "type": "BIGINT", "value": number}
            assert detector_of(render(parameters=[parameter])).spec.parameters[0].value == str(number)

    def test_the_example_is_the_manifest(self) -> None:
        example = yaml.safe_load((CHARTS / "fraud-detector" / "ci" / "transactions-values.yaml").read_text())
        assert example["detector"] == yaml.safe_load((MANIFESTS / "transactions.yaml").read_text())
        assert {"JobManager", "Deployment"} & kinds(template("fraud-detector", example))

    def test_the_job_is_started_in_application_mode(self) -> None:
        found = render({"job": {"savepoint": "file:///state/savepoints/one"}, "secrets": ["kafka"]})
        assert container(found, "jobmanager")["command"] == ["/opt/flink/bin/standalone-job.sh"]
        assert container(found, "jobmanager")["args"] == [
            "start-foreground",
            *("--job-classname", "org.apache.flink.client.python.PythonDriver"),
            *("--job-id", JOB_ID),
            *("--fromSavepoint", "file:///state/savepoints/one", "--allowNonRestoredState"),
            *("-Djobmanager.rpc.address=$(POD_IP)", "-Drest.address=$(POD_IP)"),
            *("-pyclientexec", "python", "-pym", "fraud_job.main"),
            *("/etc/fraud/detector/detector.json", "--application", "--secrets-dir", "/etc/fraud/secrets"),
        ]

    def test_nothing_is_started_from_without_a_savepoint(self) -> None:
        assert "--fromSavepoint" not in container(render(), "jobmanager")["args"]
        assert "--secrets-dir" not in container(render(), "jobmanager")["args"]

    def test_every_container_has_probes_and_limits(self) -> None:
        for part in PARTS:
            found = container(render(), part)
            assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(found)
            assert found["resources"] == {"requests": {"cpu": "100m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}

    def test_a_next_task_manager_waits_for_the_last_ones_end_and_a_job_manager_does_not(self) -> None:
        of_part = {part: one(render(), "Deployment", f"fd-transactions-{part}")["spec"]["strategy"] for part in PARTS}
        assert of_part["taskmanager"] == {"type": "Recreate"}
        assert of_part["jobmanager"]["rollingUpdate"] == {"maxSurge": "100%", "maxUnavailable": "100%"}

    def test_services_lead_to_ports_that_are_there(self) -> None:
        found = render()
        for service in (each for each in found if each["kind"] == "Service"):
            part = service["spec"]["selector"]["app.kubernetes.io/component"]
            there = {port["name"]: port["containerPort"] for port in container(found, part)["ports"]}
            for port in service["spec"]["ports"]:
                assert there[port["targetPort"]] == port["port"]
        ports = one(found, "Service", "fd-transactions-jobmanager")["spec"]["ports"]
        assert {port["name"]: port["port"] for port in ports} == {
            "rpc": 6123,
            "blob": 6124,
            "rest": 8081,
            "metrics": 9249,
        }

    def test_selectors_find_their_pods(self) -> None:
        found = render({"generator": {"enabled": True}})
        labels = [one["metadata"]["labels"].items() for _, one in pods(found)]
        for each in found:
            if each["kind"] in {"Deployment", "PodDisruptionBudget"}:
                assert any(each["spec"]["selector"]["matchLabels"].items() <= one for one in labels)

    def test_a_new_chart_restarts_no_job(self) -> None:
        for _, each in pods(render({"generator": {"enabled": True}})):
            assert not {"helm.sh/chart", "app.kubernetes.io/version"} & set(each["metadata"]["labels"])


class TestFlinksSettings:
    def test_high_availability_and_state(self) -> None:
        found = settings(render())
        wanted = {
            "kubernetes.namespace": "default",
            "kubernetes.cluster-id": "fd-transactions-01234567",
            "high-availability.type": "kubernetes",
            "high-availability.cluster-id": "fd-transactions-01234567",
            "high-availability.storageDir": "file:///state/ha",
            "execution.checkpointing.dir": "file:///state/checkpoints",
            "execution.checkpointing.savepoint-dir": "file:///state/savepoints",
            "job-result-store.delete-on-commit": "false",
            "application-result-store.delete-on-commit": "false",
            "web.submit.enable": "false",
        }
        assert wanted.items() <= found.items()

    def test_the_cluster_id_can_be_given(self) -> None:
        found = settings(render({"job": {"clusterId": "fd-transactions-7"}}))
        assert found["kubernetes.cluster-id"] == found["high-availability.cluster-id"] == "fd-transactions-7"

    def test_all_are_text(self) -> None:
        assert all(isinstance(value, str) for value in settings(render({"configuration": {"a.b": 1}})).values())

    @pytest.mark.parametrize(
        ("memory", "size"),
        [
            ("1Gi", "1073741824b"),
            ("1.5Gi", "1610612736b"),
            ("1500M", "1500000000b"),
            ("2000000k", "2000000000b"),
            ("1073741824", "1073741824b"),
        ],
    )
    def test_memory_is_told_in_flinks_words(self, memory: str, size: str) -> None:
        found = settings(render({role: {"resources": {"memory": memory}} for role in ("jobManager", "taskManager")}))
        assert found["jobmanager.memory.process.size"] == found["taskmanager.memory.process.size"] == size

    @pytest.mark.parametrize(
        ("parallelism", "replicas", "slots"), [(1, 1, "1"), (4, 1, "4"), (4, 2, "2"), (5, 2, "3"), (1, 3, "1")]
    )
    def test_slots_follow_from_parallelism(self, parallelism: int, replicas: int, slots: str) -> None:
        found = settings(render(flink={"parallelism": parallelism, "taskManager": {"replicas": replicas}}))
        assert found["taskmanager.numberOfTaskSlots"] == slots
        assert found["parallelism.default"] == str(parallelism)

    def test_slots_can_be_given(self) -> None:
        assert settings(render({"taskManager": {"slots": 8}}))["taskmanager.numberOfTaskSlots"] == "8"

    def test_free_settings_go_over_ours(self) -> None:
        given = {"env.java.opts.taskmanager": "-XX:+UseZGC", "taskmanager.memory.managed.fraction": 0.3}
        found = settings(render({"configuration": given}, flink={"configuration": {"rest.flamegraph.enabled": "true"}}))
        assert found["env.java.opts.taskmanager"] == "-XX:+UseZGC"
        assert found["taskmanager.memory.managed.fraction"] == "0.3"
        assert found["rest.flamegraph.enabled"] == "true"

    def test_a_values_setting_goes_over_the_detectors(self) -> None:
        found = render({"configuration": {"rest.flamegraph.enabled": "false"}}, flink={"configuration": {"a.b": "c"}})
        assert settings(found)["rest.flamegraph.enabled"] == "false"

    def test_rocksdb_has_flinks_share_of_memory(self) -> None:
        assert "taskmanager.memory.managed.fraction" in settings(render())
        assert "taskmanager.memory.managed.fraction" not in settings(render(flink={"stateBackend": "RocksDB"}))


class TestWhatTheDetectorSays:
    def test_the_defaults_are_the_resources(self) -> None:
        spec = Flink().model_dump(mode="json", by_alias=True, exclude_none=True)
        assert render(flink=spec) == render(flink=merged(spec, {"checkpoints": {"interval": "10s"}}))
        explicit, implicit = render(flink=spec), render()
        for kind in ("Deployment", "PersistentVolumeClaim", "Role"):
            assert _without_checksums(explicit, kind) == _without_checksums(implicit, kind)
        assert settings(explicit) == settings(implicit)

    @pytest.mark.parametrize("role", ["jobManager", "taskManager"])
    def test_values_go_over_it(self, role: str) -> None:
        said = {"replicas": 2, "resources": {"cpu": "1", "memory": "2Gi"}}
        found = render({role: {"resources": {"memory": "3Gi"}}}, flink={role: said})
        deployment = one(found, "Deployment", f"fd-transactions-{role.lower()}")
        assert deployment["spec"]["replicas"] == 2
        assert container(found, role.lower())["resources"]["requests"] == {"cpu": 1, "memory": "3Gi"}

    def test_pull_secrets(self) -> None:
        wanted = [{"name": "registry"}]
        said = render({"generator": {"enabled": True}}, flink={"imagePullSecrets": ["registry"]})
        given = render({"generator": {"enabled": True}, "images": {"pullSecrets": ["registry"]}})
        for found in (said, given):
            assert [each["spec"]["imagePullSecrets"] for _, each in pods(found)] == [wanted] * 3

    def test_images(self) -> None:
        tagged = {"job": {"repository": "r.example/job", "tag": "1", "pullPolicy": "Always"}, "tools": {"tag": "2"}}
        found = render({"images": tagged, "generator": {"enabled": True}})
        assert {container(found, part)["image"] for part in PARTS} == {"r.example/job:1"}
        assert {container(found, part)["imagePullPolicy"] for part in PARTS} == {"Always"}
        assert container(found, "generator")["image"] == "fraud-tools:2"
        assert container(render(), "jobmanager")["image"] == "fraud-job:0.1.0"


def _without_checksums(found: list[Object], kind: str) -> list[Object]:
    def cleaned(each: Any) -> Any:
        if isinstance(each, dict):
            return {key: cleaned(value) for key, value in each.items() if not key.startswith("checksum/")}
        return [cleaned(value) for value in each] if isinstance(each, list) else each

    return [cleaned(each) for each in found if each["kind"] == kind]


class TestStorage:
    def test_a_volume_with_one_writer_keeps_all_pods_on_one_node(self) -> None:
        found = render()
        claim = one(found, "PersistentVolumeClaim", "fd-transactions-state")["spec"]
        assert claim == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
        for part in PARTS:
            (term,) = _affinity(found, part)
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
        assert _without_checksums(found, "Deployment") == _without_checksums(given, "Deployment")


def _affinity(found: list[Object], part: str) -> list[Object]:
    return pod(found, part)["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]


class TestSuspended:
    def test_nothing_runs_and_the_state_stays(self) -> None:
        found = render({"running": False, "job": {"id": ""}, "generator": {"enabled": True}})
        assert list(pods(found)) == []
        assert "PodDisruptionBudget" not in kinds(found)
        assert names(found, "PersistentVolumeClaim") == {"fd-transactions-state"}
        assert names(found, "Service") == {"fd-transactions-jobmanager", "fd-transactions-taskmanager"}

    def test_what_stays_is_the_same_as_when_it_runs(self) -> None:
        running = {(each["kind"], each["metadata"]["name"]): each for each in render()}
        for each in render({"running": False}):
            assert each == running[each["kind"], each["metadata"]["name"]]


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
        assert one(found, "Role")["rules"] == [
            {
                "apiGroups": [""],
                "resources": ["configmaps"],
                "verbs": ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"],
            }
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

    def test_an_edited_detector_restarts_it(self) -> None:
        edited = render(self.ON, elasticsearch={"url": "http://elasticsearch:9200", "retention": "1d"})
        assert pod(edited, "indexer") != pod(render(self.ON), "indexer")

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
        assert rest["from"][0]["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "fraud-operator"}}
        assert rest["from"][1] == console
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        assert policy["egress"] == [{}]

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


class TestWhatRestartsPods:
    def test_an_edited_rule_restarts_the_job_manager(self) -> None:
        edited = render(parameters=[{"name": "limit", "type": "DOUBLE", "value": 500}])
        assert pod(edited, "jobmanager") != pod(render(), "jobmanager")
        assert pod(edited, "taskmanager") == pod(render(), "taskmanager")

    def test_a_new_deployment_restarts_both(self) -> None:
        other = render({"job": {"id": "f" * 32}})
        assert all(pod(other, part) != pod(render(), part) for part in PARTS)

    def test_a_label_of_the_resource_restarts_none(self) -> None:
        other = render({"detector": {"metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}}}})
        assert other == render()


class TestPodTemplate:
    def test_is_merged_as_kubernetes_does(self) -> None:
        template = {
            "metadata": {"labels": {"pool": "fast"}, "annotations": {"note": "here"}},
            "spec": {
                "nodeSelector": {"disk": "ssd"},
                "tolerations": [{"key": "fast", "operator": "Exists"}],
                "priorityClassName": "high",
                "containers": [
                    {
                        "name": "taskmanager",
                        "env": [{"name": "POD_NAME", "value": "/x"}, {"name": "TZ", "value": "UTC"}],
                    },
                    {"name": "sidecar", "image": "sidecar"},
                ],
                "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}],
            },
        }
        found = render({"taskManager": {"podTemplate": template}})
        merged_pod = pod(found, "taskmanager")
        ours, sidecar = merged_pod["spec"]["containers"]
        env = {each["name"]: each.get("value") for each in ours["env"]}
        assert (env["POD_NAME"], env["TZ"], "POD_IP" in env) == ("/x", "UTC", True)
        assert sidecar == {"name": "sidecar", "image": "sidecar"}
        assert merged_pod["metadata"]["labels"]["pool"] == "fast"
        assert merged_pod["metadata"]["annotations"].keys() == {"checksum/flink", "note"}
        assert merged_pod["spec"]["nodeSelector"] == {"disk": "ssd"}
        assert merged_pod["spec"]["priorityClassName"] == "high"
        assert merged_pod["spec"]["volumes"][0] == {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}
        assert pod(found, "jobmanager") == pod(render(), "jobmanager")

    def test_affinity_adds_to_the_volumes(self) -> None:
        term = {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "kafka"}}}
        theirs = {
            "podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]},
            "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}},
        }
        found = render({"jobManager": {"podTemplate": {"spec": {"affinity": theirs}}}})
        assert _affinity(found, "jobmanager") == [*_affinity(render(), "jobmanager"), term]
        assert "nodeAffinity" in pod(found, "jobmanager")["spec"]["affinity"]

    def test_null_removes(self) -> None:
        values = detector_values({"jobManager": {"podTemplate": {"spec": {"containers": [{"name": "jobmanager"}]}}}})
        patched = values["jobManager"]["podTemplate"]["spec"]["containers"][0]
        patched["livenessProbe"] = None
        assert "livenessProbe" not in container(template("fraud-detector", values), "jobmanager")

    def test_the_selector_wins(self) -> None:
        labels = {"app.kubernetes.io/component": "mine", "app.kubernetes.io/instance": "mine"}
        found = render({"jobManager": {"podTemplate": {"metadata": {"labels": labels}}}})
        assert pod(found, "jobmanager")["metadata"]["labels"]["app.kubernetes.io/component"] == "jobmanager"


REFUSED = {
    "no job id": ({"job": {"id": ""}}, {}, "job.id is missing"),
    "job id is no id": ({"job": {"id": "one"}}, {}, "/job/id"),
    "other namespace": ({"detector": {"metadata": {"namespace": "other"}}}, {}, "both must be the same"),
    "long name": ({"detector": {"metadata": {"name": "a" * 41}}}, {}, "/detector/metadata/name"),
    "no streams": ({}, {"streams": None}, "missing property 'streams'"),
    "two parallelisms": ({"job": {"parallelism": 2}}, {}, "say it in one place"),
    "too few slots": ({"taskManager": {"slots": 1}}, {"flink": {"parallelism": 2}}, "parallelism 2 needs as many"),
    "S3 nowhere": ({"storage": {"type": "S3"}}, {}, "needs storage.uri"),
    "volume in S3": ({"storage": {"uri": "s3://bucket"}}, {}, "storage.uri goes with storage.type S3"),
    "volume with a key": ({"storage": {"secretName": "aws"}}, {}, "storage.secretName goes with"),
    "file as S3": ({"storage": {"type": "S3", "uri": "file:///x"}}, {}, "/storage/uri"),
    "access mode": ({"storage": {"accessMode": "ReadWriteOncePod"}}, {}, "/storage/accessMode"),
    "a rounded number": (
        {},
        {"parameters": [{"name": "limit", "type": "BIGINT", "value": 9_007_199_254_740_993}]},
        "detector.spec.parameters[limit].value has too many digits",
    ),
    "no traffic": ({"generator": {"enabled": True}}, {"generator": None}, "no spec.generator"),
    "nothing to index in": ({"indexer": {"enabled": True}}, {"elasticsearch": None}, "no spec.elasticsearch"),
    "monitor of nothing": ({"metrics": {"enabled": False, "serviceMonitor": True}}, {}, "needs metrics.enabled"),
    "little memory": ({"taskManager": {"resources": {"memory": "512Mi"}}}, {}, "too little for Flink"),
    "own high availability": ({"configuration": {"high-availability.type": "zookeeper"}}, {}, "the chart's to set"),
    "own port, in the detector": ({}, {"flink": {"configuration": {"rest.port": "1"}}}, "the chart's to set"),
    "secret key": ({"configuration": {"s3.secret-key": "x"}}, {}, "looks like a secret"),
    "password": ({"configuration": {"security.ssl.rest.key-password": "x"}}, {}, "looks like a secret"),
    "other account": (
        {"jobManager": {"podTemplate": {"spec": {"serviceAccountName": "admin"}}}},
        {},
        "jobManager.podTemplate must not set spec.serviceAccountName",
    ),
    "the node's network": (
        {},
        {"flink": {"taskManager": {"podTemplate": {"spec": {"hostNetwork": True}}}}},
        "taskManager.podTemplate must not set spec.hostNetwork",
    ),
    "the node's files": (
        {"taskManager": {"podTemplate": {"spec": {"volumes": [{"name": "etc", "hostPath": {"path": "/etc"}}]}}}},
        {},
        "must not mount a path of the node (volume etc)",
    ),
}


@pytest.mark.parametrize(("changes", "spec", "told"), REFUSED.values(), ids=list(REFUSED))
def test_contradictions_are_refused(changes: dict[str, Any], spec: dict[str, Any], told: str) -> None:
    assert told in refused("fraud-detector", detector_values(changes, **spec))


def test_memory_may_be_divided_by_hand() -> None:
    given = {"resources": {"memory": "512Mi"}}
    divided = {"taskmanager.memory.jvm-metaspace.size": "128m"}
    assert render({"taskManager": given, "configuration": divided})
