"""charts/fraud-backends: defaults, every toggle, and which values are refused."""

import json
from functools import cache
from typing import Any

import pytest
import yaml
from harness.charts import Object, containers, pods, unrestricted
from harness.helm import CHARTS, one, refused, template

PARTS = ("kafka", "elasticsearch", "kibana")
ALL = {"kibana": {"enabled": True}}


@cache
def _rendered(text: str, namespace: str) -> list[Object]:
    return template("fraud-backends", json.loads(text), "backends", namespace)


def render(values: dict[str, Any] | None = None, namespace: str = "default") -> list[Object]:
    return _rendered(json.dumps(values or {}), namespace)


def objects(found: list[Object]) -> set[tuple[str, str]]:
    return {(each["kind"], each["metadata"]["name"]) for each in found}


def broker(values: dict[str, Any] | None = None, namespace: str = "default") -> dict[str, str]:
    """The broker's settings, as Kafka reads them."""
    text = one(render({"kafka": values or {}}, namespace), "ConfigMap", "kafka")["data"]["server.properties"]
    return dict(line.split("=", 1) for line in text.splitlines())


def node(values: dict[str, Any] | None = None) -> dict[str, Any]:
    """Elasticsearch's settings, as it reads them."""
    return yaml.safe_load(
        one(render({"elasticsearch": values or {}}), "ConfigMap", "elasticsearch")["data"]["elasticsearch.yml"]
    )


def test_by_default_a_broker_and_an_elasticsearch_inside_the_cluster() -> None:
    assert objects(render()) == {
        (kind, name) for kind in ("ConfigMap", "Service", "StatefulSet") for name in ("kafka", "elasticsearch")
    }


@pytest.mark.parametrize("part", ["kafka", "elasticsearch"])
def test_a_part_is_left_out(part: str) -> None:
    assert part not in {name for _, name in objects(render({part: {"enabled": False}}))}


def test_kibana_is_added() -> None:
    assert objects(render(ALL)) - objects(render()) == {("Service", "kibana"), ("Deployment", "kibana")}


def test_every_pod_is_restricted() -> None:
    found = dict(pods(render(ALL)))
    assert len(found) == len(PARTS)
    assert {owner: problems for owner, pod in found.items() if (problems := unrestricted(pod))} == {}


def test_no_pod_sees_variables_of_services_or_a_token() -> None:
    for _, pod in pods(render(ALL)):
        assert pod["spec"]["enableServiceLinks"] is False
        assert pod["spec"]["automountServiceAccountToken"] is False


def test_services_find_their_pods_and_ports() -> None:
    found = render({part: {"enabled": True, "external": {"enabled": True}} for part in PARTS})
    for service in (each for each in found if each["kind"] == "Service"):
        selector = service["spec"]["selector"].items()
        (pod,) = (pod for _, pod in pods(found) if selector <= pod["metadata"]["labels"].items())
        named = {port["name"] for each in containers(pod) for port in each["ports"]}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= named


def test_the_broker_is_found_from_every_namespace() -> None:
    assert broker(namespace="shop")["advertised.listeners"] == "PLAINTEXT://kafka.shop.svc:9092"


def test_a_second_listener_is_for_clients_outside() -> None:
    external = {"external": {"enabled": True, "host": "lab.example", "nodePort": 31000}}
    assert broker(external)["listeners"].endswith(",EXTERNAL://:9094")
    assert broker(external)["advertised.listeners"].endswith(",EXTERNAL://lab.example:31000")
    service = one(render({"kafka": external}), "Service", "kafka-external")
    assert service["spec"]["type"] == "NodePort"
    assert service["spec"]["ports"][0]["nodePort"] == 31000


def test_a_mistyped_topic_is_an_error_and_a_large_record_passes() -> None:
    assert broker()["auto.create.topics.enable"] == "false"
    assert int(broker()["message.max.bytes"]) > 5_000_000


def test_settings_are_added_and_defaults_replaced() -> None:
    settings = broker({"configuration": {"num.partitions": 6, "log.retention.ms": "-1"}})
    assert (settings["num.partitions"], settings["log.retention.ms"]) == ("6", "-1")
    assert node({"configuration": {"node.store.allow_mmap": True}})["node.store.allow_mmap"] is True


@pytest.mark.parametrize("part", ["kafka", "elasticsearch"])
def test_data_goes_with_the_pod_unless_it_is_kept(part: str) -> None:
    def stateful(persistence: dict[str, Any]) -> Object:
        return one(render({part: {"persistence": persistence}}), "StatefulSet", part)["spec"]

    lost, kept = stateful({}), stateful({"enabled": True, "size": "3Gi", "storageClass": "fast"})
    assert {"name": "data", "emptyDir": {}} in lost["template"]["spec"]["volumes"]
    assert "volumeClaimTemplates" not in lost
    assert "data" not in {volume["name"] for volume in kept["template"]["spec"]["volumes"]}
    assert kept["volumeClaimTemplates"][0]["spec"] == {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "fast",
        "resources": {"requests": {"storage": "3Gi"}},
    }


def test_the_heap_is_the_value_given() -> None:
    found = render({"kafka": {"heapMiB": 300}, "elasticsearch": {"heapMiB": 400}})
    environment = {
        each["name"]: each["value"] for _, pod in pods(found) for one in containers(pod) for each in one["env"]
    }
    assert environment["HEAP_MIB"] == "300"
    assert environment["ES_JAVA_OPTS"] == "-Xms400m -Xmx400m"


def test_a_changed_setting_makes_a_new_pod() -> None:
    def checksum(values: dict[str, Any]) -> str:
        template = one(render({"kafka": values}), "StatefulSet", "kafka")["spec"]["template"]
        return template["metadata"]["annotations"]["checksum/configuration"]

    assert checksum({}) == checksum({"heapMiB": 300})
    assert checksum({}) != checksum({"configuration": {"num.partitions": 3}})


def test_labels_and_pull_secrets_reach_every_part() -> None:
    found = render(ALL | {"extraLabels": {"team": "fraud"}, "imagePullSecrets": ["registry"]})
    assert all(each["metadata"]["labels"]["team"] == "fraud" for each in found)
    assert all(pod["spec"]["imagePullSecrets"] == [{"name": "registry"}] for _, pod in pods(found))


def test_the_images_made_here_run_with_the_same_command() -> None:
    ours = yaml.safe_load((CHARTS.parent / "hack/lab/backends.yaml").read_text())
    for part in ("kafka", "elasticsearch"):
        official, own = (
            containers({"spec": one(found, "StatefulSet", part)["spec"]["template"]["spec"]})[0]
            for found in (render(), render(ours))
        )
        assert own["image"].startswith(f"fraud-{part}:")
        assert official | {"image": own["image"]} == own


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ({"kafka": {"replicas": 3}}, "additional properties 'replicas' not allowed"),
        ({"zookeeper": {}}, "additional properties 'zookeeper' not allowed"),
        ({"kafka": {"heapMiB": "512m"}}, "/kafka/heapMiB"),
        ({"kafka": {"external": {"nodePort": 70000}}}, "/kafka/external/nodePort"),
        ({"kafka": {"image": {"pullPolicy": "Sometimes"}}}, "/kafka/image/pullPolicy"),
        ({"elasticsearch": {"persistence": {"size": "much"}}}, "/elasticsearch/persistence/size"),
        ({"kafka": {"configuration": {"listeners": "PLAINTEXT://:1"}}}, "the chart itself sets listeners"),
        ({"elasticsearch": {"configuration": {"path.data": "/x"}}}, "the chart itself sets path.data"),
        ({"elasticsearch": {"enabled": False}, "kibana": {"enabled": True}}, "needs elasticsearch.enabled"),
    ],
)
def test_what_can_not_be_is_refused(values: dict[str, Any], complaint: str) -> None:
    assert complaint in refused("fraud-backends", values)
