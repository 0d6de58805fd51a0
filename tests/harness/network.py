"""Pods that knock at others, and what they hear."""

import json

from harness import waiting
from harness.cluster import Cluster, Resource

OPEN, NOTHING = "open", "nothing"
"""A connection; silence, which is what becomes of packets that a NetworkPolicy stops."""
SERVED = 8000
"""The port on which a visitor can itself be visited."""
_SILENCE_SECONDS = 3
_KNOCK = f"""
import json, socket, sys
said = {{}}
for port in sys.argv[2:]:
    try:
        socket.create_connection((sys.argv[1], int(port)), {_SILENCE_SECONDS}).close()
        said[port] = "{OPEN}"
    except TimeoutError:
        said[port] = "{NOTHING}"
    except OSError as error:
        said[port] = str(error)
print(json.dumps(said))
"""
_RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 10001,
    "seccompProfile": {"type": "RuntimeDefault"},
}


class Visitor:
    """A pod that has Python."""

    def __init__(self, cluster: Cluster, namespace: str, name: str) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._name = name

    @property
    def address(self) -> str:
        """Its address; empty before it has one."""
        return self._cluster.core.read_namespaced_pod(self._name, self._namespace).status.pod_ip or ""

    def knock(self, host: str, *ports: int) -> dict[int, str]:
        """What each port of a host says: ``OPEN``, ``NOTHING``, or an error."""
        run = ("-n", self._namespace, "exec", self._name, "--", "python", "-c", _KNOCK)
        said: dict[str, str] = json.loads(self._cluster.kubectl(*run, host, *map(str, ports)))
        return {int(port): word for port, word in said.items()}

    def wait_served(self, by: "Visitor") -> None:
        """Wait until another visitor reaches this one."""
        waiting.until(lambda: by.knock(self.address, SERVED) == {SERVED: OPEN}, f"{self._name} serves")


def visitor(cluster: Cluster, namespace: str, name: str, labels: dict[str, str] | None = None) -> Visitor:
    """A new pod, serving itself when it returns."""
    container = {
        "name": "visitor",
        "image": cluster.tools_image,
        "command": ["python", "-m", "http.server", str(SERVED), "--directory", "/tmp"],
        "securityContext": _RESTRICTED,
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}},
    }
    pod: Resource = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels or {}},
        "spec": {
            "automountServiceAccountToken": False,
            "terminationGracePeriodSeconds": 0,
            "containers": [container],
        },
    }
    cluster.apply(pod)
    cluster.kubectl("-n", namespace, "wait", "--for=condition=Ready", f"pod/{name}", "--timeout=120s")
    made = Visitor(cluster, namespace, name)
    made.wait_served(by=made)
    return made
