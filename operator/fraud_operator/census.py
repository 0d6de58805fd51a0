"""Which detectors there are, and the versions of all that the API server has of each: one list a kind for all of them.

A detector at rest is looked at when its version has changed. What an event tells comes sooner; this finds what no event
has told of, and events that got lost.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime

from fraud_operator import record, release
from fraud_operator.clients.kubernetes import DETECTORS
from fraud_operator.inventory import Inventory
from fraud_operator.names import Key
from fraud_operator.ports import Ports
from fraud_operator.settings import Settings


class Census:
    """What was there at the last resync; safe for several threads."""

    def __init__(self, ports: Ports, settings: Settings, inventory: Inventory) -> None:
        """Nothing is known yet."""
        self._ports = ports
        self._served = settings.namespaces
        self._inventory = inventory
        self._lock = threading.Lock()
        self._resources: Mapping[Key, str] = {}
        self._records: Mapping[Key, str] = {}
        self._releases: Mapping[str, str] = {}

    def take(self, alive: Callable[[], None]) -> list[Key]:
        """All detectors that there are, or of which something is left; ``alive`` hears that it goes on.

        Raises KubernetesError; then what was known before holds, for a while.
        """
        now = self._ports.clock()
        alive()
        resources = self._detectors()
        alive()
        records = {key: one for key, one in record.versions(self._ports).items() if self._serves(key)}
        alive()
        releases = release.versions(self._ports)
        self._inventory.note(now, alive)
        with self._lock:
            self._resources, self._records, self._releases = resources, records, releases
        return sorted(resources.keys() | records.keys())

    def version(self, key: Key, now: datetime) -> str | None:
        """What tells a detector from how it was at another time; None while that is not known."""
        objects = self._inventory.version(key, now)
        if objects is None:
            return None
        with self._lock:
            told = (self._resources.get(key), self._records.get(key), self._releases.get(key.release), objects)
        return " ".join(map(str, told))

    def _detectors(self) -> dict[Key, str]:
        found: dict[Key, str] = {}
        for namespace in self._served or (None,):
            for one in self._ports.cluster.find(DETECTORS, namespace, metadata_only=True):
                metadata = one["metadata"]
                found[Key(metadata["namespace"], metadata["name"])] = metadata["resourceVersion"]
        return found

    def _serves(self, key: Key) -> bool:
        return not self._served or key.namespace in self._served
