"""Kubernetes Events: what a person would ask about, told at the detector."""

import hashlib
import logging
from datetime import datetime, timedelta

from fraud_api.resource import GROUP, KIND, VERSION
from fraud_operator import times
from fraud_operator.clients.kubernetes import EVENTS, Cluster, KubernetesError, Object
from fraud_operator.logs import about
from fraud_operator.names import MANAGER, Key
from fraud_operator.ports import Ports

_LONGEST_NOTE = 1_024
_TRIES = 20
"""With the client's own patience for each of them: a quarter of an hour."""

logger = logging.getLogger(__name__)


def tell(ports: Ports, key: Key, uid: str, now: datetime, reason: str, message: str, *, warning: bool = False) -> None:
    """Tell something; told again within the hour it counts up. A failure to tell is only logged.

    What the API server is too busy for is told later, beside everything else: nobody decides the same thing again.
    """
    logger.log(logging.WARNING if warning else logging.INFO, "%s: %s", reason, message)
    note = message[:_LONGEST_NOTE]
    digest = hashlib.sha256(f"{uid}{reason}{note}{now:%Y%m%d%H}".encode()).hexdigest()[:16]
    event = _event(key, f"{key.name}.{digest}", uid, now, reason, note, warning)
    wait = _told(ports.cluster, event)
    if wait:
        due = ports.clock() + timedelta(seconds=wait)
        ports.background(lambda: _tell_later(ports, key, event, due))


def _tell_later(ports: Ports, key: Key, event: Object, due: datetime) -> None:
    for _ in range(_TRIES):
        ports.sleep(max(0.0, (due - ports.clock()).total_seconds()))
        wait = _told(ports.cluster, event)
        if not wait:
            return
        due = ports.clock() + timedelta(seconds=wait)
    with about(key):
        logger.warning("the event %s could not be told: the API server stays too busy", event["reason"])


def _told(cluster: Cluster, event: Object) -> float:
    """Seconds until the next try; 0 where there is nothing more to try."""
    namespace, name = event["metadata"]["namespace"], event["metadata"]["name"]
    try:
        try:
            cluster.create(EVENTS, namespace, event)
        except KubernetesError as error:
            if not error.conflict:
                raise
            again = cluster.patch(EVENTS, namespace, name, {"lastTimestamp": event["lastTimestamp"]})
            cluster.patch(EVENTS, namespace, name, {"count": int(again.get("count") or 1) + 1})
    except KubernetesError as error:
        if error.throttled:
            return error.again
        logger.warning("the event %s could not be told: %s", event["reason"], error)
    return 0.0


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
