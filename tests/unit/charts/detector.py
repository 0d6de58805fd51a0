"""charts/fraud-detector rendered for the transactions detector, and what is to be found in it."""

import json
from functools import cache
from typing import Any

import yaml
from harness.charts import Object, detector_values
from harness.helm import one, template

from fraud_api import FraudDetector

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


def without_checksums(found: list[Object], kind: str) -> list[Object]:
    def cleaned(each: Any) -> Any:
        if isinstance(each, dict):
            return {key: cleaned(value) for key, value in each.items() if not key.startswith("checksum/")}
        return [cleaned(value) for value in each] if isinstance(each, list) else each

    return [cleaned(each) for each in found if each["kind"] == kind]


def affinity(found: list[Object], part: str) -> list[Object]:
    return pod(found, part)["spec"]["affinity"]["podAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
