"""What a detector shall become: pure functions from the resource to the values of its Helm release."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from fraud_api import FraudDetector
from fraud_api.flink import StorageType
from fraud_api.kafka_clients import needs_secret
from fraud_operator.names import Key
from fraud_operator.settings import Image, Settings

Values = dict[str, Any]

_OPERATORS_OWN = frozenset(
    {"suspend", "deletionPolicy", "kibana", "probation", "savepoints", "savepointNonce", "restoreFrom"}
)
"""Fields that only the operator acts on: a change of them is no new deployment."""
_BESIDE_THE_JOB = frozenset({"generator", "elasticsearch", "notifications"})
"""Fields that the job does not read (the chart's ``job-document`` leaves out the same)."""


def values(detector: FraudDetector, settings: Settings) -> Values:
    """Values of a detector's release, without the deployment's own ids: see ``deployment``."""
    spec = detector.spec
    indexer = {"indexer": {"enabled": True, "secrets": _indexer_secrets(detector)}} if spec.elasticsearch else {}
    pull_secrets = dict.fromkeys([*settings.pull_secrets, *spec.flink.image_pull_secrets])
    return {
        "detector": document(detector),
        "running": not spec.suspend,
        "job": {"parallelism": spec.flink.parallelism},
        "images": {
            "job": _image(settings.job_image, settings),
            "tools": _image(settings.tools_image, settings),
            "pullSecrets": list(pull_secrets),
        },
        "generator": {"enabled": spec.generator is not None and spec.generator.enabled},
        "secrets": secrets(detector),
        "networkPolicy": {"restFrom": _operator(settings)},
        **indexer,
    }


def _operator(settings: Settings) -> list[Values]:
    """The operator's pods as peers of a NetworkPolicy; by labels alone any namespace's pod could pass for one."""
    return [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": settings.namespace}},
            "podSelector": {"matchLabels": {"app.kubernetes.io/name": "fraud-operator"}},
        }
    ]


def document(detector: FraudDetector) -> Values:
    """The resource as the job reads it: defaults written out, nothing that only the operator acts on."""
    whole: Values = detector.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {
        "apiVersion": whole["apiVersion"],
        "kind": whole["kind"],
        "metadata": {"name": detector.metadata.name, "namespace": detector.metadata.namespace},
        "spec": {name: value for name, value in whole["spec"].items() if name not in _OPERATORS_OWN},
    }


def secrets(detector: FraudDetector) -> list[str]:
    """Names of the Secrets that all pods need as files."""
    security = detector.spec.kafka.security
    return [security.secret_ref.name] if security.secret_ref and needs_secret(security) else []


def _indexer_secrets(detector: FraudDetector) -> list[str]:
    where = detector.spec.elasticsearch
    return [where.secret_ref.name] if where and where.secret_ref else []


def identity(made: Mapping[str, Any]) -> str:
    """What tells one deployment's values from another's, whatever their ids: a hash."""
    rest = {name: value for name, value in made.items() if name != "job"}
    rest["parallelism"] = made.get("job", {}).get("parallelism")
    return hashlib.sha256(json.dumps(_as_helm_keeps(rest), sort_keys=True).encode()).hexdigest()


def job_identity(made: Mapping[str, Any]) -> str:
    """What tells one job from another, whatever stands beside it: a hash. The same one can go on."""
    rest = {name: value for name, value in made.items() if name not in ("generator", "indexer", "networkPolicy")}
    rest["images"] = {name: value for name, value in made.get("images", {}).items() if name != "tools"}
    detector = made.get("detector", {})
    spec = {name: value for name, value in detector.get("spec", {}).items() if name not in _BESIDE_THE_JOB}
    return identity(rest | {"detector": dict(detector) | {"spec": spec}})


def _as_helm_keeps(value: Any) -> Any:
    """Helm's record has one kind of number, and no nulls."""
    if isinstance(value, Mapping):
        return {name: _as_helm_keeps(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_as_helm_keeps(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def deployment(
    key: Key, uid: str, made: Mapping[str, Any], former_job: str, savepoint: str, restored: str = ""
) -> Values:
    """Values with the ids of a deployment that follows a former one.

    ``restored`` is the spec.restoreFrom that was last acted on: it stands in the release, so that nobody acts on it
    twice.

    The ids are a hash of what they stand for: an operator that was killed on the way repeats the same step, and two
    deployments never share one, which Flink would take for a job that has ended.
    """
    told = "\n".join([uid, identity(made), former_job, savepoint])
    job_id = hashlib.sha256(told.encode()).hexdigest()[:32]
    job = dict(made.get("job", {})) | {
        "id": job_id,
        "clusterId": f"{key.instance}-{job_id[:8]}",
        "savepoint": savepoint,
        "restoredFrom": restored,
    }
    return dict(made) | {"job": job}


def suspended(made: Mapping[str, Any], former: Mapping[str, Any], savepoint: str) -> Values:
    """Values of a detector at rest: the ids of the job that it stopped, and where its state lies."""
    kept = {name: former[name] for name in ("id", "clusterId", "restoredFrom") if former.get(name)}
    return dict(made) | {"running": False, "job": dict(made.get("job", {})) | kept | {"savepoint": savepoint}}


def only_parameters(made: Mapping[str, Any], former: Mapping[str, Any]) -> bool:
    """Whether two deployments differ in nothing but the values of parameters."""

    def without(one: Mapping[str, Any]) -> str:
        copy: Values = json.loads(json.dumps(one))
        for parameter in copy.get("detector", {}).get("spec", {}).get("parameters", []):
            parameter.pop("value", None)
        return identity(copy)

    return without(made) == without(former)


def savepoint_directory(detector: FraudDetector, job_id: str) -> str:
    """Where the savepoints of a job go; the job's id in it says whose they are."""
    storage = detector.spec.flink.checkpoints.storage
    root = "file:///state"
    if storage.type is StorageType.S3:
        root = f"{str(storage.uri).rstrip('/')}/{detector.metadata.namespace}/{detector.metadata.name}"
    return f"{root}/savepoints/{job_id}"


def _image(image: Image, settings: Settings) -> Values:
    named = {"tag": image.tag, "digest": image.digest}
    found = {"repository": image.repository, "pullPolicy": settings.pull_policy}
    return found | {name: value for name, value in named.items() if value}
