"""charts/fraud-operator: the CRD, the rights, the pod; toggle by toggle, and which values are refused."""

import json
from functools import cache
from typing import Any

import pytest
import yaml
from golden.renderings import CASES
from harness.charts import Object, containers, pods, unrestricted
from harness.helm import CHARTS, one, refused, template

CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "ClusterKopfPeering"}
PLURALS = {
    "ConfigMap": ("", "configmaps"),
    "Deployment": ("apps", "deployments"),
    "Job": ("batch", "jobs"),
    "NetworkPolicy": ("networking.k8s.io", "networkpolicies"),
    "PersistentVolumeClaim": ("", "persistentvolumeclaims"),
    "PodDisruptionBudget": ("policy", "poddisruptionbudgets"),
    "Role": ("rbac.authorization.k8s.io", "roles"),
    "RoleBinding": ("rbac.authorization.k8s.io", "rolebindings"),
    "Service": ("", "services"),
    "ServiceAccount": ("", "serviceaccounts"),
    "ServiceMonitor": ("monitoring.coreos.com", "servicemonitors"),
}
MANAGED = {"get", "list", "watch", "create", "update", "patch", "delete"}


@cache
def _rendered(text: str, release: str) -> list[Object]:
    return template("fraud-operator", json.loads(text), release, "fraud-system")


def render(values: dict[str, Any] | None = None, release: str = "fraud-operator") -> list[Object]:
    """The chart's objects; the CRD only where a test asks for it."""
    return _rendered(json.dumps({"crds": {"install": False}} | (values or {})), release)


def kinds(found: list[Object]) -> list[str]:
    return [each["kind"] for each in found]


def pod(found: list[Object]) -> Object:
    return one(found, "Deployment")["spec"]["template"]["spec"]


def environment(found: list[Object]) -> dict[str, str]:
    return {each["name"]: each.get("value", "") for each in containers({"spec": pod(found)})[0]["env"]}


def rights(rules: list[Object]) -> dict[tuple[str, str], set[str]]:
    """Verbs by API group and resource; what is limited to names is left out."""
    found: dict[tuple[str, str], set[str]] = {}
    for rule in rules:
        if "resourceNames" not in rule:
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    found.setdefault((group, resource), set()).update(rule["verbs"])
    return found


class TestCrd:
    def test_it_is_the_generated_file(self) -> None:
        crd = one(render({"crds": {}}), "CustomResourceDefinition", "frauddetectors.frauddetector.io")
        wanted = yaml.safe_load((CHARTS / "fraud-operator" / "files" / "frauddetectors.yaml").read_text())
        assert crd["metadata"].pop("annotations") == {"helm.sh/resource-policy": "keep"}
        assert crd["metadata"].pop("labels")["app.kubernetes.io/managed-by"] == "Helm"
        assert crd == wanted

    def test_helm_upgrades_it(self) -> None:
        assert [path.name for path in (CHARTS / "fraud-operator" / "crds").iterdir()] == ["kopf-peerings.yaml"]

    def test_it_need_not_be_kept_or_installed(self) -> None:
        name = "frauddetectors.frauddetector.io"
        crd = one(render({"crds": {"keep": False}}), "CustomResourceDefinition", name)
        assert "annotations" not in crd["metadata"]
        assert name not in [each["metadata"]["name"] for each in render()]


class TestRights:
    def test_it_may_handle_every_kind_of_the_detectors_chart(self) -> None:
        monitored = {"metrics": {"serviceMonitor": True}}
        for values, cases in ((monitored, CASES), ({}, {"": CASES["detector-default"]})):
            found = rights(one(render(values), "ClusterRole")["rules"])
            for case in cases.values():
                if case.chart == "fraud-detector":
                    for kind in kinds(template(case.chart, case.values)):
                        assert found[PLURALS[kind]] >= MANAGED, kind

    def test_it_holds_what_it_grants(self) -> None:
        case = CASES["detector-default"]
        granted = rights(one(template(case.chart, case.values), "Role")["rules"])
        held = rights(one(render(), "ClusterRole")["rules"])
        assert all(held[resource] >= verbs for resource, verbs in granted.items())

    def test_nothing_is_granted_by_the_dozen(self) -> None:
        for rule in one(render({"rbac": {"secretNames": ["kafka"]}}), "ClusterRole")["rules"]:
            assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]

    def test_secrets_only_by_name(self) -> None:
        assert "secrets" not in json.dumps(one(render(), "ClusterRole")["rules"])
        rules = one(render({"rbac": {"secretNames": ["kafka", "search"]}}), "ClusterRole")["rules"]
        assert [rule for rule in rules if "secrets" in rule["resources"]] == [
            {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["kafka", "search"], "verbs": ["get"]}
        ]

    def test_namespaces_have_roles_of_their_own(self) -> None:
        found = render({"watchNamespaces": ["a", "b"]})
        assert not CLUSTER_WIDE & set(kinds(found))
        for kind in ("Role", "RoleBinding", "KopfPeering"):
            apart = [each for each in found if each["kind"] == kind and each["metadata"]["namespace"] != "fraud-system"]
            assert [each["metadata"]["namespace"] for each in apart] == ["a", "b"]
        for binding in (each for each in found if each["kind"] == "RoleBinding"):
            assert binding["subjects"] == [
                {"kind": "ServiceAccount", "name": "fraud-operator", "namespace": "fraud-system"}
            ]
        (records, rules, _) = (each["rules"] for each in found if each["kind"] == "Role")
        assert rights(records).keys() == {("", "configmaps")}
        everywhere = rights(one(render(), "ClusterRole")["rules"])
        apart = {("kopf.dev", "kopfpeerings"), ("kopf.dev", "clusterkopfpeerings"), ("", "namespaces")}
        apart |= {("apiextensions.k8s.io", "customresourcedefinitions")}
        assert {key: rights(rules)[key] for key in rights(rules).keys() - apart} == {
            key: everywhere[key] for key in everywhere.keys() - apart
        }
        assert environment(found)["FRAUD_WATCH_NAMESPACES"] == "a,b"

    def test_rights_can_come_from_elsewhere(self) -> None:
        found = render({"rbac": {"create": False}, "serviceAccount": {"create": False, "name": "mine"}})
        assert not {"ClusterRole", "ClusterRoleBinding", "ServiceAccount"} & set(kinds(found))
        assert {each["spec"]["serviceAccountName"] for _, each in pods(found)} == {"mine"}

    def test_annotations_of_the_account(self) -> None:
        found = one(render({"serviceAccount": {"annotations": {"a": "b"}}}), "ServiceAccount")
        assert found["metadata"]["annotations"] == {"a": "b"}


class TestPod:
    def test_there_is_one_and_never_two(self) -> None:
        spec = one(render(), "Deployment")["spec"]
        assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})

    def test_its_environment_is_what_the_operator_reads(self) -> None:
        found = environment(render({"logFormat": "plain", "metrics": {"port": 9191}, "resyncSeconds": 30}))
        assert (found.pop("POD_NAME"), found.pop("POD_NAMESPACE")) == ("", "")  # from the pod itself
        assert found == {
            "FRAUD_WATCH_NAMESPACES": "",
            "FRAUD_PEERING": "fraud-operator",
            "FRAUD_JOB_IMAGE": "fraud-job:0.1.0",
            "FRAUD_TOOLS_IMAGE": "fraud-tools:0.1.0",
            "FRAUD_PULL_POLICY": "IfNotPresent",
            "FRAUD_IMAGE_PULL_SECRETS": "",
            "FRAUD_DETECTOR_CHART": "/opt/fraud/charts/fraud-detector",
            "FRAUD_RESYNC_SECONDS": "30",
            "FRAUD_HELM_CONCURRENCY": "3",
            "FRAUD_WORKERS": "8",
            "FRAUD_START_SECONDS": "300",
            "FRAUD_REMOVAL_SECONDS": "120",
            "FRAUD_ADOPT_FORMER": "false",
            "FRAUD_METRICS_PORT": "9191",
            "FRAUD_LOG_FORMAT": "plain",
            "FRAUD_LOG_LEVEL": "INFO",
            "HELM_DRIVER": "configmap",
        }

    def test_images(self) -> None:
        found = render(
            {
                "image": {"repository": "r.example/operator", "tag": "1", "pullPolicy": "Always"},
                "imagePullSecrets": ["own"],
                "detectorImages": {
                    "job": {"repository": "r.example/job", "tag": "2"},
                    "pullPolicy": "Never",
                    "pullSecrets": ["a", "b"],
                },
            }
        )
        for _, each in pods(found):
            (container,) = containers(each)
            assert (container["image"], container["imagePullPolicy"]) == ("r.example/operator:1", "Always")
            assert each["spec"]["imagePullSecrets"] == [{"name": "own"}]
        told = environment(found)
        assert told["FRAUD_JOB_IMAGE"] == "r.example/job:2"
        assert (told["FRAUD_PULL_POLICY"], told["FRAUD_IMAGE_PULL_SECRETS"]) == ("Never", "a,b")

    def test_a_digest_counts_before_the_tag(self) -> None:
        operator, job, tools = (f"sha256:{digit * 64}" for digit in "05f")
        found = render(
            {
                "image": {"repository": "r.example/operator", "tag": "1", "digest": operator},
                "detectorImages": {"job": {"tag": "2", "digest": job}, "tools": {"digest": tools}},
            }
        )
        for _, each in pods(found):
            assert [one["image"] for one in containers(each)] == [f"r.example/operator@{operator}"]
        told = environment(found)
        assert told["FRAUD_JOB_IMAGE"] == f"fraud-job@{job}"
        assert told["FRAUD_TOOLS_IMAGE"] == f"fraud-tools@{tools}"

    def test_probes_resources_and_ports(self) -> None:
        (container,) = containers({"spec": pod(render())})
        assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(container)
        assert container["resources"]["limits"] == {"memory": "768Mi"}
        assert {port["name"]: port["containerPort"] for port in container["ports"]} == {"health": 8080, "metrics": 9090}

    def test_annotations_of_its_pod(self) -> None:
        (found,) = [one for one in render({"podAnnotations": {"a": "1"}}) if one["kind"] == "Deployment"]
        assert found["spec"]["template"]["metadata"]["annotations"] == {"a": "1"}

    def test_where_it_runs(self) -> None:
        wanted = {
            "priorityClassName": "high",
            "nodeSelector": {"pool": "system"},
            "tolerations": [{"key": "system", "operator": "Exists"}],
            "affinity": {"nodeAffinity": {}},
            "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule"}],
        }
        assert wanted.items() <= pod(render(wanted)).items()
        assert not set(wanted) & set(pod(render()))

    def test_every_pod_is_restricted(self) -> None:
        for owner, each in pods(render()):
            assert unrestricted(each) == [], owner


class TestToggles:
    def test_network_policy(self) -> None:
        test, metrics = one(render(), "NetworkPolicy")["spec"]["ingress"]
        assert test["from"][0]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "test"
        assert (test["ports"], metrics["ports"]) == ([{"port": 8080}], [{"port": 9090}])
        alone = one(render({"networkPolicy": {"metricsFrom": []}}), "NetworkPolicy")["spec"]["ingress"]
        assert len(alone) == 1
        assert "NetworkPolicy" not in kinds(render({"networkPolicy": {"enabled": False}}))

    def test_service_monitor(self) -> None:
        assert "ServiceMonitor" not in kinds(render())
        found = render({"metrics": {"serviceMonitor": True}})
        wanted = one(found, "ServiceMonitor", "fraud-operator")["spec"]["selector"]["matchLabels"]
        assert wanted.items() <= one(found, "Service")["metadata"]["labels"].items()

    def test_service_monitor_of_detectors(self) -> None:
        def monitor(values: dict[str, Any]) -> Object:
            found = render(values | {"metrics": {"serviceMonitor": True}})
            return one(found, "ServiceMonitor", "fraud-operator-detectors")["spec"]

        assert monitor({})["namespaceSelector"] == {"any": True}
        assert monitor({"watchNamespaces": ["a", "b"]})["namespaceSelector"] == {"matchNames": ["a", "b"]}
        wanted = monitor({})
        services = [
            each
            for each in template("fraud-detector", CASES["detector-s3"].values)
            if each["kind"] == "Service" and "metrics" in {port["name"] for port in each["spec"]["ports"]}
        ]
        assert {each["metadata"]["labels"]["app.kubernetes.io/component"] for each in services} == {
            "jobmanager",
            "taskmanager",
            "indexer",
        }
        for each in services:
            labels = each["metadata"]["labels"]
            assert wanted["selector"]["matchLabels"].items() <= labels.items()
            assert set(wanted["targetLabels"]) <= set(labels)

    def test_peering(self) -> None:
        assert one(render(), "ClusterKopfPeering")["metadata"]["name"] == "fraud-operator"
        off = render({"peering": {"enabled": False}})
        assert "ClusterKopfPeering" not in kinds(off)
        assert environment(off)["FRAUD_PEERING"] == ""
        assert "kopf.dev" not in json.dumps(one(off, "ClusterRole"))

    def test_extra_labels_are_on_all(self) -> None:
        found = [each for each in render({"extraLabels": {"team": "fraud"}}) if "labels" in each["metadata"]]
        assert {each["metadata"]["labels"].get("team") for each in found} == {"fraud"}

    def test_names_follow_the_release(self) -> None:
        assert one(render(release="mine"), "Deployment")["metadata"]["name"] == "mine-fraud-operator"
        assert one(render(release="my-fraud-operator"), "Deployment")["metadata"]["name"] == "my-fraud-operator"


class TestHelmTest:
    def test_it_asks_the_operators_service(self) -> None:
        found = render()
        test = one(found, "Pod")
        assert test["metadata"]["annotations"]["helm.sh/hook"] == "test"
        (container,) = containers(test)
        script, url = container["args"]
        compile(script, "check.py", "exec")
        service = one(found, "Service")
        assert url == f"http://{service['metadata']['name']}.fraud-system:8080/readyz"
        assert {"health", "metrics"} == {port["name"] for port in service["spec"]["ports"]}

    def test_its_pod_is_none_of_the_operators(self) -> None:
        found = render()
        selector = one(found, "Deployment")["spec"]["selector"]["matchLabels"]
        assert not selector.items() <= one(found, "Pod")["metadata"]["labels"].items()


REFUSED = {
    "no account": ({"serviceAccount": {"create": False}}, "serviceAccount.name must say which"),
    "port of the probe": ({"metrics": {"port": 8080}}, "/metrics/port"),
    "log level": ({"logLevel": "LOUD"}, "/logLevel"),
    "no such value": ({"replicas": 2}, "additional properties 'replicas' not allowed"),
    "no such part": ({"metrics": {"serviceMonitr": True}}, "additional properties 'serviceMonitr' not allowed"),
    "namespace": ({"watchNamespaces": ["Not a name"]}, "/watchNamespaces/0"),
    "twice the same namespace": ({"watchNamespaces": ["a", "a"]}, "/watchNamespaces"),
    "a digest of another kind": ({"image": {"digest": "sha512:" + "0" * 128}}, "/image/digest"),
    "capitals in a digest": ({"detectorImages": {"tools": {"digest": "sha256:" + "A" * 64}}}, "tools/digest"),
    "never": ({"resyncSeconds": 0}, "/resyncSeconds"),
}


@pytest.mark.parametrize(("values", "told"), REFUSED.values(), ids=list(REFUSED))
def test_contradictions_are_refused(values: dict[str, Any], told: str) -> None:
    assert told in refused("fraud-operator", values)
