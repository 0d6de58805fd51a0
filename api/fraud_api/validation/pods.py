"""``podTemplate``: what a patch over Flink's pods may say.

Whoever may write a FraudDetector need not be somebody who may create pods, so a patch changes where pods run and what
else is in them, and never what rights they have: all pods pass the Pod Security level ``restricted``. What is not
listed here is refused, also what Kubernetes may add one day. The chart refuses the same.
"""

from collections.abc import Mapping
from typing import Any

from fraud_api.problems import Place
from fraud_api.validation.report import SPEC, Report

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
SPEC_FIELDS = (
    "affinity", "containers", "dnsConfig", "dnsPolicy", "enableServiceLinks", "hostAliases", "imagePullSecrets",
    "initContainers", "nodeSelector", "preemptionPolicy", "priorityClassName", "readinessGates", "runtimeClassName",
    "schedulerName", "terminationGracePeriodSeconds", "tolerations", "topologySpreadConstraints", "volumes",
)  # fmt: skip
CONTAINER_FIELDS = (
    "args", "command", "env", "envFrom", "image", "imagePullPolicy", "lifecycle", *_PROBES, "name", "ports",
    "resources", "restartPolicy", "terminationMessagePath", "terminationMessagePolicy", "volumeMounts", "workingDir",
)  # fmt: skip
VOLUME_FIELDS = (
    "configMap", "downwardAPI", "emptyDir", "ephemeral", "name", "persistentVolumeClaim", "projected", "secret",
)  # fmt: skip
MOUNT_FIELDS = ("mountPath", "name", "readOnly", "subPath", "subPathExpr")
PORT_FIELDS = ("containerPort", "name", "protocol")
_ELEMENTS: Mapping[str, tuple[str, ...]] = {
    "containers": CONTAINER_FIELDS,
    "initContainers": CONTAINER_FIELDS,
    "volumes": VOLUME_FIELDS,
    "volumeMounts": MOUNT_FIELDS,
    "ports": PORT_FIELDS,
}
"""Lists whose elements are looked into, with what these may say."""

_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_WHY = "a pod gets no other rights than the chart gives it"


def check(report: Report) -> None:
    """Check the patches of both roles."""
    flink, place = report.spec.flink, SPEC.field("flink")
    for role, pods in (("jobManager", flink.job_manager), ("taskManager", flink.task_manager)):
        if pods.pod_template is not None:
            _template(report, place.field(role).field("podTemplate"), pods.pod_template)


def _template(report: Report, place: Place, template: Mapping[str, Any]) -> None:
    _fields(report, place, template, ("metadata", "spec"))
    metadata, spec = template.get("metadata"), template.get("spec")
    if metadata is not None and _is(report, place.field("metadata"), metadata, dict):
        _metadata(report, place.field("metadata"), metadata)
    if spec is not None and _is(report, place.field("spec"), spec, dict):
        _fields(report, place.field("spec"), spec, SPEC_FIELDS)


def _metadata(report: Report, place: Place, metadata: Mapping[str, Any]) -> None:
    _fields(report, place, metadata, ("annotations", "labels"))
    annotations = metadata.get("annotations")
    if annotations is not None and _is(report, place.field("annotations"), annotations, dict):
        for name in annotations:
            if str(name).startswith(_APPARMOR):
                report.add(place.field("annotations").field(name), f"'{name}' can't be set: {_WHY}", "leave it out")


def _fields(report: Report, place: Place, given: Mapping[Any, Any], allowed: tuple[str, ...]) -> None:
    """Refuse all fields but these, and look into the lists among them."""
    for name, value in given.items():
        here = place.field(str(name))
        if name not in allowed:
            report.add(here, f"'{name}' can't be set: {_WHY}", f"what can be set here is {', '.join(allowed)}")
        elif name in (*_PROBES, "lifecycle"):
            _no_host(report, here, value)
        elif name in _ELEMENTS and _is(report, here, value, list):
            for number, element in enumerate(value):
                inner = here.item(number, element.get("name") if isinstance(element, dict) else None)
                if _is(report, inner, element, dict):
                    _fields(report, inner, element, _ELEMENTS[name])


def _no_host(report: Report, place: Place, handlers: object) -> None:
    """Refuse a probe or hook that asks another host than the pod."""
    if isinstance(handlers, dict):
        for name, value in handlers.items():
            here = place.field(str(name))
            if name == "host":
                report.add(here, f"'host' can't be set: {_WHY}", "leave it out")
            _no_host(report, here, value)


def _is(report: Report, place: Place, value: object, kind: type) -> bool:
    """Whether it has the shape that Kubernetes wants, which is reported where it hasn't."""
    if not isinstance(value, kind):
        report.add(place, f"must be a {'list' if kind is list else 'map'}", None)
    return isinstance(value, kind)
