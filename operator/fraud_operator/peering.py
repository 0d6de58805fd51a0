"""Which of several operators is at work: the one that has been up longest; the others wait until it is gone.

Kopf writes who is there into a peering object and stops its own watching where somebody outranks it. What is looked
at by the clock is stopped here, by the same rule.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fraud_operator import times
from fraud_operator.clients.kubernetes import Cluster, KubernetesError, Resource

LIFETIME_SECONDS = 30
_CLUSTER = Resource("kopf.dev/v1", "clusterkopfpeerings")
_NAMESPACED = Resource("kopf.dev/v1", "kopfpeerings")
_LONGEST_LIFETIME_SECONDS = 600
_CLOCKS_DIFFER_SECONDS = 300
_FAR_FUTURE = 4_000_000_000


def priority(started: datetime) -> int:
    """The longer an operator is up, the higher its rank."""
    return _FAR_FUTURE - int(started.timestamp())


def outranked(peers: Mapping[str, Any], identity: str, rank: int, now: datetime) -> str | None:
    """Who outranks this operator and was seen lately; None when nobody does."""
    for name, peer in peers.items():
        if name == identity or not isinstance(peer, Mapping):
            continue
        # whoever may write the peering object may have written anything
        seen = times.read(str(peer.get("lastseen") or ""))
        lifetime, its_rank = peer.get("lifetime", 60), peer.get("priority", 0)
        if seen is None or not isinstance(lifetime, int) or not isinstance(its_rank, int):
            continue
        age = (now - seen).total_seconds()
        if -_CLOCKS_DIFFER_SECONDS <= age < min(lifetime, _LONGEST_LIFETIME_SECONDS) and its_rank >= rank:
            return name
    return None


class Peers:
    """Other operators, as the peering objects tell of them."""

    def __init__(self, cluster: Cluster, name: str, namespaces: tuple[str, ...], identity: str, rank: int) -> None:
        """``name`` is the peering object's; empty to work without peers."""
        self._cluster = cluster
        self._name = name
        self._namespaces = namespaces
        self._identity = identity
        self._rank = rank
        self.superior: str | None = None
        """Who outranks this operator, as of the last look."""

    def look(self, now: datetime) -> None:
        """Ask again; without an answer the last one holds."""
        for namespace in self._namespaces or ("",):
            try:
                resource = _NAMESPACED if namespace else _CLUSTER
                found = self._cluster.get(resource, namespace, self._name) if self._name else None
            except KubernetesError as error:
                if not error.forbidden:
                    return
                found = None
            self.superior = outranked((found or {}).get("status") or {}, self._identity, self._rank, now)
            if self.superior:
                return
