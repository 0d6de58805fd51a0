"""Releases and records as versions before 0.2 kept them: in the detector's own namespace.

Whoever may write ConfigMaps there may have written these. So Helm never reads them: what they say of the deployment is
taken as it is, the chart is installed over the objects from the operator's namespace, and they are deleted. That goes
for detectors whose resource is still there; nobody else's word is taken for what may be deleted.
"""

from typing import Any

from fraud_operator import helm_record
from fraud_operator.clients.kubernetes import CONFIG_MAPS, OWNED, Cluster, Object
from fraud_operator.names import Key


def exists(cluster: Cluster, key: Key) -> bool:
    """Whether there is a release of a former version."""
    return bool(_revisions(cluster, key))


def release(cluster: Cluster, key: Key) -> dict[str, Any] | None:
    """The newest revision that can be read, as Helm keeps it; None for none."""
    for one in sorted(_revisions(cluster, key), key=_number, reverse=True):
        body = cluster.get(CONFIG_MAPS, key.namespace, one["metadata"]["name"])
        try:
            found = helm_record.unpack(body["data"]["release"]) if body else {}
        except (KeyError, TypeError, ValueError):
            continue
        if isinstance(found.get("config"), dict) and isinstance(found["config"].get("job"), dict):
            return found
    return None


def record(cluster: Cluster, key: Key) -> Object | None:
    """The ConfigMap with what was remembered of a detector; None where there is none."""
    return cluster.get(CONFIG_MAPS, key.namespace, _record(key))


def forget(cluster: Cluster, key: Key) -> None:
    """Delete the records; the objects are another release's now."""
    for one in _revisions(cluster, key):
        cluster.delete(CONFIG_MAPS, key.namespace, one["metadata"]["name"])
    cluster.delete(CONFIG_MAPS, key.namespace, _record(key))


def remove(cluster: Cluster, key: Key) -> None:
    """Delete the objects of a release that was never made anew, but for the state volume, and the records."""
    selector = f"app.kubernetes.io/name=fraud-detector,{key.pods}"
    for kind, resource in OWNED.items():
        if kind != "PersistentVolumeClaim":
            for one in cluster.find(resource, key.namespace, selector, metadata_only=True):
                cluster.delete(resource, key.namespace, one["metadata"]["name"])
    forget(cluster, key)


def _record(key: Key) -> str:
    return f"{key.instance}-stable"


def _revisions(cluster: Cluster, key: Key) -> list[Object]:
    return cluster.find(CONFIG_MAPS, key.namespace, f"owner=helm,name={key.instance}", metadata_only=True)


def _number(one: Object) -> int:
    text = str((one["metadata"].get("labels") or {}).get("version", ""))
    return int(text) if text.isdecimal() else 0
