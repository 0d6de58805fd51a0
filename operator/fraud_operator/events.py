"""Kubernetes Events: what a person would ask about, told at the detector."""

import hashlib
import logging
from datetime import datetime

from fraud_api.resource import GROUP, KIND, VERSION
from fraud_operator import times
from fraud_operator.clients.kubernetes import EVENTS, Cluster, KubernetesError, Object
from fraud_operator.names import MANAGER, Key

_LONGEST_NOTE = 1_024

logger = logging.getLogger(__name__)


def tell(
    cluster: Cluster, key: Key, uid: str, now: datetime, reason: str, message: str, *, warning: bool = False
) -> None:
    """Tell something; told again within the hour it counts up. A failure to tell is only logged."""
    logger.log(logging.WARNING if warning else logging.INFO, "%s: %s", reason, message)
    note = message[:_LONGEST_NOTE]
    digest = hashlib.sha256(f"{uid}{reason}{note}{now:%Y%m%d%H}".encode()).hexdigest()[:16]
    name = f"{key.name}.{digest}"
    try:
        try:
            cluster.create(EVENTS, key.namespace, _event(key, name, uid, now, reason, note, warning))
        except KubernetesError as error:
            if not error.conflict:
                raise
            again = cluster.patch(EVENTS, key.namespace, name, {"lastTimestamp": times.written(now)})
            cluster.patch(EVENTS, key.namespace, name, {"count": int(again.get("count") or 1) + 1})
    except KubernetesError as error:
        logger.warning("the event %s could not be told: %s", reason, error)


def _event(key: Key, name: str, uid: str, now: datetime, reason: str, note: str, warning: bool) -> Object:
    at = times.written(now)
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": key.namespace},
        "involvedObject": {
            "apiVersion": f"{GROUP}/{VERSION}",
            "kind": KIND,
            "namespace": key.namespace,
            "name": key.name,
            "uid": uid,
        },
        "reason": reason,
        "message": note,
        "type": "Warning" if warning else "Normal",
        "source": {"component": MANAGER},
        "reportingComponent": MANAGER,
        "reportingInstance": MANAGER,
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
    }
