"""charts/fraud-detector: patches of pods, and which values are refused."""

import re
from typing import Any

import pytest
from harness.charts import detector_values
from harness.detectors import manifest
from harness.helm import CHARTS, refused, template
from harness.pod_templates import MISSHAPEN
from harness.pod_templates import REFUSED as REFUSED_TEMPLATES
from unit.charts.detector import affinity, container, pod, render

from fraud_api.validation import validate


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
        bound = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        assert sidecar == {"name": "sidecar", "image": "sidecar", "securityContext": bound}
        assert ours["securityContext"] == bound
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
        assert affinity(found, "jobmanager") == [*affinity(render(), "jobmanager"), term]
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
    "short digest": ({"images": {"job": {"digest": "sha256:0a"}}}, {}, "/images/job/digest"),
    "own high availability": ({"configuration": {"high-availability.type": "zookeeper"}}, {}, "the chart's to set"),
    "own port, in the detector": ({}, {"flink": {"configuration": {"rest.port": "1"}}}, "the chart's to set"),
    "own restarts": ({"configuration": {"restart-strategy.type": "none"}}, {}, "the chart's to set"),
    "no checkpoint to go on from": (
        {"configuration": {"execution.checkpointing.externalized-checkpoint-retention": "NO_EXTERNALIZED_CHECKPOINTS"}},
        {},
        "the chart's to set",
    ),
    "secret key": ({"configuration": {"s3.secret-key": "x"}}, {}, "looks like a secret"),
    "password": ({"configuration": {"security.ssl.rest.key-password": "x"}}, {}, "looks like a secret"),
}


@pytest.mark.parametrize(("changes", "spec", "told"), REFUSED.values(), ids=list(REFUSED))
def test_contradictions_are_refused(changes: dict[str, Any], spec: dict[str, Any], told: str) -> None:
    assert told in refused("fraud-detector", detector_values(changes, **spec))


def test_memory_may_be_divided_by_hand() -> None:
    given = {"resources": {"memory": "512Mi"}}
    divided = {"taskmanager.memory.jvm-metaspace.size": "128m"}
    assert render({"taskManager": given, "configuration": divided})


@pytest.mark.parametrize(("made", "field"), REFUSED_TEMPLATES.values(), ids=list(REFUSED_TEMPLATES))
def test_a_pod_template_gives_no_other_rights(made: dict[str, Any], field: str) -> None:
    told = refused("fraud-detector", detector_values({"taskManager": {"podTemplate": made}}))
    above, _, name = field.rpartition(".")
    by_schema = f"/taskManager/podTemplate{'/' * bool(above)}{above}': additional properties '{name}'"
    by_template = f"taskManager.podTemplate.{above} must not set {name}"
    assert by_schema in told or by_template in told or "annotations must not set container.apparmor" in told


@pytest.mark.parametrize(("made", "field"), MISSHAPEN.values(), ids=list(MISSHAPEN))
def test_a_pod_template_has_the_shape_that_kubernetes_wants(made: dict[str, Any], field: str) -> None:
    told = refused("fraud-detector", detector_values({"taskManager": {"podTemplate": made}}))
    assert f"taskManager.podTemplate.{field} must be a " in told


def test_a_pod_template_in_the_detector_is_refused_alike() -> None:
    flink = {"jobManager": {"podTemplate": {"spec": {"hostNetwork": True}}}}
    told = refused("fraud-detector", detector_values({}, flink=flink))
    assert "jobManager.podTemplate.spec must not set hostNetwork: what can be set there is affinity, " in told


def test_what_the_chart_sets_is_refused_in_the_resource_already() -> None:
    written = (CHARTS / "fraud-detector/templates/_configuration.tpl").read_text()
    fixed = written.partition("$fixed := dict")[2].partition("-}}")[0]
    keys = re.findall(r'^  "([^"]+)"', fixed, re.MULTILINE)
    assert len(keys) > 20
    sample = manifest("transactions")
    flink = sample.spec.flink.model_copy(update={"configuration": dict.fromkeys(keys, "x")})
    found = validate(sample.model_copy(update={"spec": sample.spec.model_copy(update={"flink": flink})}))
    assert {finding.place.keys[-1] for finding in found if "can't be set" in finding.message} == set(keys)
