"""``podTemplate``: where pods run and what else is in them, never whose rights they have."""

import json

import pytest
from harness.pod_templates import MISSHAPEN, REFUSED


def said(text, role, template):
    flink = json.dumps({role: {"podTemplate": template}})
    return text.replace("spec:\n", f"spec:\n  flink: {flink}\n", 1)


@pytest.mark.parametrize(("template", "field"), REFUSED.values(), ids=list(REFUSED))
@pytest.mark.parametrize("role", ["jobManager", "taskManager"])
def test_no_other_rights_than_the_charts(problems, text, role, template, field):
    (found,) = problems(said(text, role, template))
    assert found.path == f"spec.flink.{role}.podTemplate.{field}"
    assert found.message.endswith("can't be set: a pod gets no other rights than the chart gives it")
    assert found.hint


@pytest.mark.parametrize(("template", "field"), MISSHAPEN.values(), ids=list(MISSHAPEN))
def test_what_has_another_shape_than_kubernetes_wants(problems, text, template, field):
    (found,) = problems(said(text, "taskManager", template))
    assert found.path == f"spec.flink.taskManager.podTemplate.{field}"
    assert found.message in ("must be a list", "must be a map")


def test_what_else_may_be_said(problems, text):
    probe = {"httpGet": {"path": "/", "port": 80}}
    sidecar = {"name": "s", "image": "x", "livenessProbe": probe, "ports": [{"containerPort": 80}]}
    first = {"name": "i", "image": "x", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}
    spec = {
        "nodeSelector": {"a": "b"},
        "tolerations": [{"operator": "Exists"}],
        "priorityClassName": None,
        "containers": [sidecar, {"name": "taskmanager", "livenessProbe": None}],
        "initContainers": [first],
        "volumes": [{"name": "v", "emptyDir": {}}, {"name": "s", "secret": {"secretName": "s"}}],
    }
    template = {"metadata": {"labels": {"a": "b"}, "annotations": {"c": "d"}}, "spec": spec}
    assert problems(said(text, "taskManager", template)) == []
