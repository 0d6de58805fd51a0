"""What keeps pods from running, in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from fraud_operator.clients.kubernetes import PODS, Cluster, Object
from fraud_operator.names import PREFIX, Key

_PART = "app.kubernetes.io/component"
_NO_TROUBLE = frozenset({"ContainerCreating", "PodInitializing"})
_LONGEST_MESSAGE = 300
_FLINKS = frozenset({"jobmanager", "taskmanager"})


def trouble(cluster: Cluster, key: Key) -> tuple[str, int]:
    """What keeps the Flink pods of a detector from running, empty for nothing, and how often they have crashed."""
    found = cluster.find(PODS, key.namespace, f"{PREFIX}/runs={key.instance}-flink")
    return describe(found), crashes(found)


def indexer_trouble(cluster: Cluster, key: Key) -> str:
    """What keeps the indexer of a detector from running; empty when nothing does."""
    return describe(cluster.find(PODS, key.namespace, key.indexer))


def alive(cluster: Cluster, key: Key) -> str:
    """Names of a detector's pods that have not ended; empty for none."""
    found = cluster.find(PODS, key.namespace, key.pods)
    ended = ("Succeeded", "Failed")
    return ", ".join(pod["metadata"]["name"] for pod in found if (pod.get("status") or {}).get("phase") not in ended)


def crashes(pods: Iterable[Object]) -> int:
    """How often a container of Flink's own has crashed that Kubernetes waits with; 0 where none is."""
    containers = [one for pod in pods for one in (pod.get("status") or {}).get("containerStatuses") or []]
    waiting = (
        one
        for one in containers
        if one.get("name") in _FLINKS
        and ((one.get("state") or {}).get("waiting") or {}).get("reason") == "CrashLoopBackOff"
    )
    return max((int(one.get("restartCount") or 0) for one in waiting), default=0)


def describe(pods: Iterable[Object]) -> str:
    """The first trouble of each part."""
    found: dict[str, str] = {}
    for pod in pods:
        why = _of(pod.get("status") or {})
        if why:
            found.setdefault(str(pod["metadata"]["labels"].get(_PART)), why)
    return "; ".join(f"{part}: {why[:_LONGEST_MESSAGE]}" for part, why in sorted(found.items()))


def _of(status: Mapping[str, Any]) -> str:
    for condition in status.get("conditions") or []:
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            return f"{condition.get('reason')}: {condition.get('message')}"
    for container in status.get("containerStatuses") or []:
        waiting = (container.get("state") or {}).get("waiting") or {}
        ended = (container.get("lastState") or {}).get("terminated") or {}
        if waiting.get("reason") and waiting["reason"] not in _NO_TROUBLE:
            last = f", exit code {ended['exitCode']} ({ended.get('reason')})" if ended else ""
            return f"{waiting['reason']}: {waiting.get('message') or 'no message'}{last}"
    return ""
