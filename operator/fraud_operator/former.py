"""Releases as versions before 0.2 kept them: in the detector's own namespace.

Whoever may write ConfigMaps there may have written these. So they are read only where the operator was told to take
them over, Helm never reads them, and of what they say of the job only what has the form of an id or of a place counts.
The chart is then installed over the objects, from the operator's namespace, and the records are deleted.
"""

import re
from typing import Any

from fraud_operator import helm_record
from fraud_operator.clients.kubernetes import CONFIG_MAPS, OWNED, Cluster, Object
from fraud_operator.names import Key

_JOB = re.compile(r"[0-9a-f]{32}")
_PLACE = re.compile(r"(file:/|s3a?://)\S{1,1000}|")


def exists(cluster: Cluster, key: Key) -> bool:
    """Whether there is a release of a former version."""
    return bool(_revisions(cluster, key))


def release(cluster: Cluster, key: Key) -> dict[str, Any] | None:
    """The newest revision as Helm keeps it; None for none that can be read."""
    newest = max(_revisions(cluster, key), key=_number, default=None)
    body = cluster.get(CONFIG_MAPS, key.namespace, newest["metadata"]["name"]) if newest else None
    try:
        found = helm_record.unpack(body["data"]["release"]) if body else {}
    except (KeyError, TypeError, ValueError, RecursionError):
        return None
    values = found.get("config")
    job = values.get("job") if isinstance(values, dict) else None
    return found if isinstance(job, dict) and _credible(job, key) else None


def _credible(job: dict[str, Any], key: Key) -> bool:
    return (
        _JOB.fullmatch(str(job.get("id", ""))) is not None
        and key.is_cluster_id(str(job.get("clusterId", "")))
        and _PLACE.fullmatch(str(job.get("savepoint", ""))) is not None
    )


def forget(cluster: Cluster, key: Key) -> None:
    """Delete the records; the objects are another release's now."""
    for one in _revisions(cluster, key):
        cluster.delete(CONFIG_MAPS, key.namespace, one["metadata"]["name"])
    cluster.delete(CONFIG_MAPS, key.namespace, f"{key.instance}-stable")


def remove(cluster: Cluster, key: Key) -> None:
    """Delete the objects of a release that was never made anew, but for the state volume, and the records."""
    selector = f"app.kubernetes.io/name=fraud-detector,{key.pods}"
    for kind, resource in OWNED.items():
        if kind != "PersistentVolumeClaim":
            for one in cluster.find(resource, key.namespace, selector, metadata_only=True):
                cluster.delete(resource, key.namespace, one["metadata"]["name"])
    forget(cluster, key)


def _revisions(cluster: Cluster, key: Key) -> list[Object]:
    return cluster.find(CONFIG_MAPS, key.namespace, f"owner=helm,name={key.instance}", metadata_only=True)


def _number(one: Object) -> int:
    text = str((one["metadata"].get("labels") or {}).get("version", ""))
    return int(text) if text.isdecimal() else 0
