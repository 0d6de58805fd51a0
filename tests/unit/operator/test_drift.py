import copy

import pytest

from fraud_operator import drift

DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "jm", "labels": {"app": "x"}},
    "spec": {
        "replicas": 1,
        "selector": {},
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "jm",
                        "args": ["a", "b"],
                        "env": [{"name": "A", "value": "1"}, {"name": "EMPTY", "value": ""}],
                        "resources": {"limits": {"cpu": "1000m", "memory": "1024Mi"}},
                        "ports": [{"name": "rest", "containerPort": 8081}],
                    }
                ],
                "volumes": [{"name": "tmp", "emptyDir": {}}],
            }
        },
    },
}


def live():
    one = copy.deepcopy(DEPLOYMENT)
    one["metadata"] |= {"uid": "u", "annotations": {"deployment.kubernetes.io/revision": "1"}}
    one["spec"]["progressDeadlineSeconds"] = 600
    container = one["spec"]["template"]["spec"]["containers"][0]
    container["resources"] = {"limits": {"cpu": "1", "memory": "1Gi"}}
    container["ports"][0]["protocol"] = "TCP"
    container["env"][1].pop("value")
    one["spec"]["template"]["spec"]["volumes"].insert(0, {"name": "injected", "emptyDir": {}})
    return one


def differences(there) -> list[str]:
    return drift.differences([DEPLOYMENT], {("Deployment", "jm"): there})


def test_defaults_and_what_others_add_are_no_drift() -> None:
    assert differences(live()) == []


def test_what_is_missing_is_told() -> None:
    assert drift.differences([DEPLOYMENT], {}) == ["Deployment jm is missing"]


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one["spec"].update(replicas=0),
        lambda one: one["metadata"]["labels"].update(app="y"),
        lambda one: one["spec"]["template"]["spec"]["containers"][0]["args"].append("c"),
        lambda one: one["spec"]["template"]["spec"]["containers"][0]["args"].reverse(),
        lambda one: one["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"].update(memory="2Gi"),
        lambda one: one["spec"]["template"]["spec"]["containers"][0]["env"].pop(0),
        lambda one: one["spec"]["template"]["spec"]["containers"][0].update(name="other"),
        lambda one: one["spec"].pop("template"),
    ],
)
def test_what_was_changed_is_told(change) -> None:
    there = live()
    change(there)
    assert differences(there) == ["Deployment jm was changed"]


def test_a_config_maps_own_keys_count_and_others_do_not() -> None:
    wanted = {"kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"a": "1"}}
    there = {"metadata": {"name": "c"}, "data": {"a": "1", "b": "2"}}
    assert drift.differences([wanted], {("ConfigMap", "c"): there}) == []
    there["data"]["a"] = "2"
    assert drift.differences([wanted], {("ConfigMap", "c"): there}) == ["ConfigMap c was changed"]


def test_a_manifest_is_read() -> None:
    text = "---\n# Source: x\nkind: ConfigMap\nmetadata: {name: a}\n---\n\n---\nkind: Service\nmetadata: {name: b}\n"
    assert [one["kind"] for one in drift.objects(text)] == ["ConfigMap", "Service"]
