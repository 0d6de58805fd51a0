"""charts/fraud-detector: what one detector becomes, and what restarts its pods."""

import pytest
import yaml
from harness.charts import JOB_ID, detector_values, merged, pods
from harness.detectors import MANIFESTS, manifest
from harness.helm import CHARTS, one, template
from unit.charts.detector import PARTS, container, detector_of, kinds, names, pod, render, settings, without_checksums

from fraud_api.flink import Flink


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
        assert container(found, "jobmanager")["command"] == ["python", "-m", "fraud_job.pod", "jobmanager"]
        assert container(found, "jobmanager")["args"] == [
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
            assert without_checksums(explicit, kind) == without_checksums(implicit, kind)
        assert settings(explicit) == settings(implicit)

    @pytest.mark.parametrize("role", ["jobManager", "taskManager"])
    def test_values_go_over_it(self, role: str) -> None:
        said = {"replicas": 2, "resources": {"cpu": "1", "memory": "2Gi"}}
        found = render({role: {"resources": {"memory": "3Gi"}}}, flink={role: said})
        deployment = one(found, "Deployment", f"fd-transactions-{role.lower()}")
        assert deployment["spec"]["replicas"] == 2
        assert container(found, role.lower())["resources"]["requests"] == {"cpu": "1", "memory": "3Gi"}

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

    def test_a_digest_counts_before_the_tag(self) -> None:
        job, tools = (f"sha256:{digit * 64}" for digit in "0f")
        images = {"job": {"repository": "r.example/job", "tag": "1", "digest": job}, "tools": {"digest": tools}}
        found = render({"images": images, "generator": {"enabled": True}, "indexer": {"enabled": True}})
        assert {container(found, part)["image"] for part in PARTS} == {f"r.example/job@{job}"}
        assert {container(found, part)["image"] for part in ("generator", "indexer")} == {f"fraud-tools@{tools}"}


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
