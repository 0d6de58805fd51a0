"""Pod templates that would give Flink's pods other rights than the chart gives them, with the field that is refused."""

from typing import Any

Template = dict[str, Any]


def _container(**fields: Any) -> Template:
    return {"spec": {"containers": [{"name": "sidecar", "image": "x", **fields}]}}


def _volume(**source: Any) -> Template:
    return {"spec": {"volumes": [{"name": "v", **source}]}}


_PRIVILEGED = {"privileged": True}
_ELSEWHERE = {"httpGet": {"host": "10.0.0.1", "port": 80}}

REFUSED: dict[str, tuple[Template, str]] = {
    "another account": ({"spec": {"serviceAccountName": "admin"}}, "spec.serviceAccountName"),
    "another account, as it was called": ({"spec": {"serviceAccount": "admin"}}, "spec.serviceAccount"),
    "a token": ({"spec": {"automountServiceAccountToken": True}}, "spec.automountServiceAccountToken"),
    "the node's network": ({"spec": {"hostNetwork": True}}, "spec.hostNetwork"),
    "the node's processes": ({"spec": {"hostPID": True}}, "spec.hostPID"),
    "the node's memory": ({"spec": {"hostIPC": True}}, "spec.hostIPC"),
    "a node by name": ({"spec": {"nodeName": "control-plane"}}, "spec.nodeName"),
    "processes of other containers": ({"spec": {"shareProcessNamespace": True}}, "spec.shareProcessNamespace"),
    "the pod's security": ({"spec": {"securityContext": {"runAsUser": 0}}}, "spec.securityContext"),
    "the pod's security, removed": ({"spec": {"securityContext": None}}, "spec.securityContext"),
    "a debugger": ({"spec": {"ephemeralContainers": [{"name": "x"}]}}, "spec.ephemeralContainers"),
    "a device": ({"spec": {"resourceClaims": [{"name": "x"}]}}, "spec.resourceClaims"),
    "what comes one day": ({"spec": {"hostUsersSomeday": True}}, "spec.hostUsersSomeday"),
    "our container, privileged": (
        {"spec": {"containers": [{"name": "taskmanager", "securityContext": _PRIVILEGED}]}},
        "spec.containers[taskmanager].securityContext",
    ),
    "our container, unbound": (
        {"spec": {"containers": [{"name": "taskmanager", "securityContext": None}]}},
        "spec.containers[taskmanager].securityContext",
    ),
    "a privileged container": (_container(securityContext=_PRIVILEGED), "spec.containers[sidecar].securityContext"),
    "a privileged one that comes first": (
        {"spec": {"initContainers": [{"name": "first", "securityContext": _PRIVILEGED}]}},
        "spec.initContainers[first].securityContext",
    ),
    "a port of the node": (
        _container(ports=[{"containerPort": 80, "hostPort": 80}]),
        "spec.containers[sidecar].ports[0].hostPort",
    ),
    "a mount seen by the node": (
        _container(volumeMounts=[{"name": "v", "mountPath": "/v", "mountPropagation": "Bidirectional"}]),
        "spec.containers[sidecar].volumeMounts[v].mountPropagation",
    ),
    "a raw device": (_container(volumeDevices=[{"name": "v"}]), "spec.containers[sidecar].volumeDevices"),
    "a probe of another host": (
        _container(livenessProbe=_ELSEWHERE),
        "spec.containers[sidecar].livenessProbe.httpGet.host",
    ),
    "a hook to another host": (
        _container(lifecycle={"preStop": _ELSEWHERE}),
        "spec.containers[sidecar].lifecycle.preStop.httpGet.host",
    ),
    "the node's files": (_volume(hostPath={"path": "/etc"}), "spec.volumes[v].hostPath"),
    "files of a driver": (_volume(csi={"driver": "x"}), "spec.volumes[v].csi"),
    "files of a server": (_volume(nfs={"server": "x", "path": "/"}), "spec.volumes[v].nfs"),
    "files of an image": (_volume(image={"reference": "x"}), "spec.volumes[v].image"),
    "another profile": (
        {"metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/x": "unconfined"}}},
        'metadata.annotations["container.apparmor.security.beta.kubernetes.io/x"]',
    ),
    "an owner": ({"metadata": {"ownerReferences": []}}, "metadata.ownerReferences"),
    "a status": ({"status": {}}, "status"),
}
MISSHAPEN: dict[str, tuple[Template, str]] = {
    "containers that are no list": ({"spec": {"containers": {"name": "x"}}}, "spec.containers"),
    "containers, removed": ({"spec": {"containers": None}}, "spec.containers"),
    "a volume that is none": ({"spec": {"volumes": ["x"]}}, "spec.volumes[0]"),
}
