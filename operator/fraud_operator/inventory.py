"""The objects of detectors' releases as they are in the cluster: one list a kind and namespace, for all of them."""

import threading
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from fraud_operator.clients.kubernetes import OWNED, Cluster, Object
from fraud_operator.names import Key

_SELECTOR = "app.kubernetes.io/name=fraud-detector"
_INSTANCE = "app.kubernetes.io/instance"
_FRESH_SECONDS = 10.0

Live = Mapping[tuple[str, str], Object]
"""Objects by kind and name."""


class Inventory:
    """What is in the cluster; a list serves all detectors of a namespace that ask within seconds."""

    def __init__(self, cluster: Cluster) -> None:
        """Nothing is asked before it is needed."""
        self._cluster = cluster
        self._lock = threading.Lock()
        self._taken: dict[str, datetime] = {}
        self._found: dict[str, dict[str, dict[tuple[str, str], Object]]] = {}

    def of(self, key: Key, now: datetime, since: datetime | None) -> Live:
        """Objects of a detector's release, not older than seconds, and seen after ``since``."""
        with self._lock:
            taken = self._taken.get(key.namespace)
            stale = taken is None or (now - taken).total_seconds() > _FRESH_SECONDS or (since and taken <= since)
            if stale:
                self._found[key.namespace] = self._list(key.namespace)
                self._taken[key.namespace] = now
            return self._found[key.namespace].get(key.instance, {})

    def _list(self, namespace: str) -> dict[str, dict[tuple[str, str], Object]]:
        found: dict[str, dict[tuple[str, str], Object]] = defaultdict(dict)
        for kind, resource in OWNED.items():
            for one in self._cluster.find(resource, namespace, _SELECTOR):
                metadata = one["metadata"]
                metadata.pop("managedFields", None)
                one.pop("status", None)
                found[metadata["labels"].get(_INSTANCE, "")][kind, metadata["name"]] = one
        return found
