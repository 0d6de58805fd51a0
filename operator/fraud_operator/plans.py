"""Changed programs: whether Flink must plan them first, the Job that has it plan them, and what state they lose."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from fraud_api import FraudDetector
from fraud_job.compiler import compile_detector
from fraud_job.pod import SHORT_LIVED
from fraud_job.runtime import settings as flink_settings
from fraud_operator.names import DETECTOR_LABEL, MANAGER, PREFIX, Key
from fraud_operator.record import Checked
from fraud_operator.settings import Image

Values = Mapping[str, Any]

PROGRAM_ANNOTATION = f"{PREFIX}/program"
_DEADLINE_SECONDS = 600
_KEPT_SECONDS = 600
_USERS_FAULT = "where"


def program_key(detector: FraudDetector) -> str:
    """What tells one program from another: a hash of its statements and of the settings that it is planned with."""
    text = compile_detector(detector).text() + json.dumps(flink_settings(detector), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def same_but_parameters(detector: FraudDetector, deployed: Mapping[str, Any]) -> bool:
    """Whether the deployed resource, had it the new parameters' values, would be the same program.

    Then there is nothing to ask Flink, and all state is kept. A resource that this version can't read is another one.
    """
    try:
        former = FraudDetector.model_validate(deployed)
        parameters = {one.name: one.type for one in detector.spec.parameters}
        if parameters != {one.name: one.type for one in former.spec.parameters}:
            return False
        spec = former.spec.model_copy(update={"parameters": detector.spec.parameters})
        return program_key(former.model_copy(update={"spec": spec})) == program_key(detector)
    except ValueError:
        return False


def lost_state(before: Iterable[Mapping[str, Any]], after: Iterable[Mapping[str, Any]]) -> list[str]:
    """Owners (``rule NAME``, ``output NAME``) that keep state before and after, but can't take it along."""
    old, new = _states(before), _states(after)
    return sorted(owner for owner in old.keys() & new.keys() if old[owner] - new[owner])


def _states(operators: Iterable[Mapping[str, Any]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for one in operators:
        if one.get("stateful"):
            found[str(one["owner"])].add(int(one["id"]))
    return found


def result(program: str, log: str) -> Checked | None:
    """What a check's log says; None when it says nothing, as after an eviction."""
    for line in reversed(log.splitlines()):
        if not line.startswith("{"):
            continue
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if "error" in told and told.get(_USERS_FAULT):
            return Checked(program, error=str(told["error"]), where=str(told[_USERS_FAULT]))
        if "operators" in told:
            kept = [{name: one[name] for name in ("id", "owner", "stateful")} for one in told["operators"]]
            return Checked(program, tuple(kept))
    return None


def check_objects(key: Key, owner: Mapping[str, Any], made: Values, program: str) -> tuple[Values, Values]:
    """A ConfigMap and a Job that have Flink plan the detector in ``made`` (values of a release)."""
    return _config_map(key, owner, made), _job(key, owner, made, program)


def _metadata(key: Key, owner: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": key.check,
        "namespace": key.namespace,
        "labels": _labels(key),
        "ownerReferences": [dict(owner)],
    }


def _labels(key: Key) -> dict[str, str]:
    return {
        "app.kubernetes.io/name": "fraud-detector-check",
        "app.kubernetes.io/instance": key.instance,
        "app.kubernetes.io/component": "check",
        "app.kubernetes.io/managed-by": MANAGER,
        DETECTOR_LABEL: key.name,
    }


def _config_map(key: Key, owner: Mapping[str, Any], made: Values) -> Values:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(key, owner),
        "data": {"detector.json": json.dumps(made["detector"])},
    }


def _job(key: Key, owner: Mapping[str, Any], made: Values, program: str) -> Values:
    metadata = _metadata(key, owner)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata | {"annotations": {PROGRAM_ANNOTATION: program}},
        "spec": {
            "backoffLimit": 1,
            "activeDeadlineSeconds": _DEADLINE_SECONDS,
            "ttlSecondsAfterFinished": _KEPT_SECONDS,
            # exit code 2 is the detector's fault: a second try would say the same
            "podFailurePolicy": {
                "rules": [{"action": "FailJob", "onExitCodes": {"operator": "In", "values": [2]}}],
            },
            "template": {"metadata": {"labels": _labels(key)}, "spec": _pod(key, made)},
        },
    }


def _pod(key: Key, made: Values) -> Values:
    image = made["images"]["job"]
    return {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "imagePullSecrets": [{"name": name} for name in made["images"]["pullSecrets"]],
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 9999,
            "runAsGroup": 9999,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [
            {
                "name": "check",
                "image": str(Image(image["repository"], image.get("tag", ""), image.get("digest", ""))),
                "imagePullPolicy": image["pullPolicy"],
                "command": ["python", "-m", "fraud_job.main", "/etc/fraud/detector/detector.json", "--explain"],
                "env": [{"name": "JVM_ARGS", "value": " ".join(SHORT_LIVED)}],
                "resources": {"requests": {"cpu": "250m", "memory": "512Mi"}, "limits": {"memory": "1Gi", "cpu": "2"}},
                "securityContext": {
                    "allowPrivilegeEscalation": False,
                    "readOnlyRootFilesystem": True,
                    "capabilities": {"drop": ["ALL"]},
                },
                "volumeMounts": [
                    {"name": "detector", "mountPath": "/etc/fraud/detector", "readOnly": True},
                    {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
                ],
            }
        ],
        "volumes": [
            {"name": "detector", "configMap": {"name": key.check}},
            {"name": "tmp", "emptyDir": {}},
        ],
    }
