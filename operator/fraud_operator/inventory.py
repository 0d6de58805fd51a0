"""The objects of detectors' releases as they are in the cluster: one list a kind, for all detectors."""

import hashlib
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from fraud_operator.clients.kubernetes import OWNED, Cluster, Object
from fraud_operator.names import Key
from fraud_operator.settings import Settings

_SELECTOR = "app.kubernetes.io/name=fraud-detector"
_INSTANCE = "app.kubernetes.io/instance"
_FRESH_SECONDS = 10.0
_RESYNCS = 3
"""So many resyncs may fail before nobody believes the last one any more."""

Live = Mapping[tuple[str, str], Object]
"""Objects by kind and name."""


class Inventory:
    """What is in the cluster: of all objects their versions, and the objects themselves where somebody compares them.

    Versions are asked for once in a while for all detectors. Whole objects are for those whose versions say that
    something has changed: a list serves all detectors of a namespace that ask within seconds, and is kept no longer.
    """

    def __init__(self, cluster: Cluster, settings: Settings) -> None:
        """Nothing is asked before it is needed."""
        self._cluster = cluster
        self._namespaces = settings.namespaces or (None,)
        self._lasting = _RESYNCS * settings.resync_seconds
        self._lock = threading.Lock()
        self._noted: datetime | None = None
        self._versions: dict[tuple[str, str], str] = {}
        self._taken: dict[str, datetime] = {}
        self._found: dict[str, dict[str, dict[tuple[str, str], Object]]] = {}

    def note(self, now: datetime, alive: Callable[[], None]) -> None:
        """Note the versions of everything; ``alive`` hears before each request that it goes on."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for kind, resource in OWNED.items():
            for namespace in self._namespaces:
                alive()
                for one in self._cluster.find(resource, namespace, _SELECTOR, metadata_only=True):
                    metadata = one["metadata"]
                    told = f"{kind} {metadata['name']} {metadata.get('uid')} {metadata['resourceVersion']}"
                    found[metadata["namespace"], metadata["labels"].get(_INSTANCE, "")].append(told)
        versions = {
            place: hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest() for place, told in found.items()
        }
        with self._lock:
            self._noted, self._versions = now, versions
            # lists from before say nothing of what these versions tell
            self._taken.clear()
            self._found.clear()

    def noted(self, now: datetime) -> datetime | None:
        """When versions were noted; None where never, or not lately: what is old is not taken for how it is."""
        with self._lock:
            old = self._noted is None or (now - self._noted).total_seconds() > self._lasting
            return None if old else self._noted

    def version(self, key: Key, now: datetime) -> str | None:
        """What tells the objects of a detector's release from those of another time; empty where it has none.

        None while that is not known (see ``noted``).
        """
        if self.noted(now) is None:
            return None
        with self._lock:
            return self._versions.get((key.namespace, key.instance), "")

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
