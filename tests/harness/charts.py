"""What tests know of rendered charts: values to start from, pods wherever they are, the level `restricted`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from harness.detectors import manifest

JOB_ID = "0123456789abcdef0123456789abcdef"
Object = dict[str, Any]

_PODS = {
    "Pod": (),
    "Deployment": ("spec", "template"),
    "StatefulSet": ("spec", "template"),
    "Job": ("spec", "template"),
}
_VOLUMES_ALLOWED = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
}


def detector_values(changes: Mapping[str, Any] | None = None, **spec: Any) -> Object:
    """Values of fraud-detector for manifests/transactions.yaml, with changes; ``spec`` goes over the detector's."""
    document = manifest("transactions").model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    del document["metadata"]["annotations"]
    document["spec"] = merged(document["spec"], spec)
    return merged({"detector": document, "job": {"id": JOB_ID}}, changes or {})


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> Object:
    """Maps merged, everything else replaced; None removes."""
    out = dict(base)
    for key, value in changes.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(out.get(key), Mapping):
            out[key] = merged(out[key], value)
        else:
            out[key] = value
    return out


def pods(found: Iterable[Object]) -> Iterator[tuple[str, Object]]:
    """Every pod or pod template with the name of what it belongs to."""
    for each in found:
        if each["kind"] in _PODS:
            pod = each
            for key in _PODS[each["kind"]]:
                pod = pod[key]
            yield f"{each['kind']} {each['metadata']['name']}", pod


def containers(pod: Object) -> list[Object]:
    """All containers of a pod, those that only start it too."""
    return [*pod["spec"].get("initContainers", ()), *pod["spec"]["containers"]]


def unrestricted(pod: Object) -> list[str]:
    """What keeps a pod from the Pod Security level ``restricted``, or from a root file system that is read only."""
    spec, security = pod["spec"], pod["spec"].get("securityContext", {})
    problems = [
        *(f"shares the node's {name}" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name)),
        *(f"volume {one['name']}" for one in spec.get("volumes", ()) if not set(one) - {"name"} <= _VOLUMES_ALLOWED),
    ]
    if security.get("runAsNonRoot") is not True or security.get("runAsUser") == 0:
        problems.append("may run as root")
    if security.get("seccompProfile") != {"type": "RuntimeDefault"}:
        problems.append("seccomp profile")
    for container in containers(pod):
        problems += [f"{container['name']}: {problem}" for problem in _unrestricted_container(container)]
    return problems


def _unrestricted_container(container: Object) -> Iterator[str]:
    security = container.get("securityContext", {})
    if security.get("allowPrivilegeEscalation") is not False:
        yield "privilege escalation"
    if security.get("capabilities") != {"drop": ["ALL"]}:
        yield "capabilities"
    if security.get("readOnlyRootFilesystem") is not True:
        yield "root file system can be written"
    if security.get("privileged") or security.get("runAsUser") == 0 or security.get("runAsNonRoot") is False:
        yield "too many rights"
    if any("hostPort" in port for port in container.get("ports", ())):
        yield "port of the node"
