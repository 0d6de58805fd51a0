"""Detectors that are gone or are to go: what they have left is removed, within a deadline."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from fraud_api.status import Phase
from fraud_operator import events, metrics, release, removal, reporting, resource, times
from fraud_operator.clients.kubernetes import DETECTORS, KubernetesError, Object
from fraud_operator.names import Key
from fraud_operator.ports import Ports
from fraud_operator.reasons import Reason
from fraud_operator.record import Record, save
from fraud_operator.removal import Removal
from fraud_operator.settings import Settings
from fraud_operator.status import Said

_AGAIN_SECONDS = 5.0
_LEFT_SECONDS = 60.0


class Farewell:
    """Removes; remembers since when it tries for those that can't tell it themselves."""

    def __init__(self, ports: Ports, settings: Settings, busy: Callable[[Key], bool]) -> None:
        """Nothing is removed yet; ``busy`` tells whether somebody still makes something for a detector."""
        self._ports = ports
        self._busy = busy
        self._deadline = settings.removal_seconds
        self._since: dict[Key, datetime] = {}
        self._left: set[Key] = set()

    def gone(self, key: Key, record: Record, *, deleted: bool) -> float | None:
        """A resource that is no more; returns seconds until the next try, None when nothing is left to do.

        Args:
            deleted: whether it was seen to be deleted, now or before. Absence alone takes no data along.
        """
        if not deleted and self._at_rest(key, record):
            return None
        since = self._since.setdefault(key, self._ports.clock())
        if deleted and not record.deleted and removal.retains(record):
            # should this operator end now, the next one has seen nothing
            record = replace(record, deleted=True)
            save(self._ports, key, record, known=True)
        done = self._remove(key, record, since, seen=record.deleted, deleted=deleted)
        if not done.done:
            return _AGAIN_SECONDS
        self._tell(key, record.uid, done)
        if done.again:
            return _LEFT_SECONDS
        del self._since[key]
        return None

    def deleted(self, key: Key, body: Object, record: Record) -> float | None:
        """A resource that waits for the operator's finalizer to go; returns as ``gone`` does."""
        if not resource.finalized(body):
            return None  # it waits for somebody else's; what it has left is removed once it is gone
        asked = times.read(body["metadata"]["deletionTimestamp"]) or self._ports.clock()
        done = self._remove(key, record, asked, seen=True, deleted=True)
        if not done.done:
            reporting.say(self._ports, body, Phase.DELETING, Said("False", Reason.REMOVING, done.message))
            return _AGAIN_SECONDS
        if done.again and not record.deleted:
            # the resource goes, and this is all that will still tell what it asked for
            kept = replace(record, deleted=True)
            save(self._ports, key, kept, known=bool(record.uid))
        self._tell(key, body["metadata"]["uid"], done)
        return self._release(key, body)

    def _at_rest(self, key: Key, record: Record) -> bool:
        """Whether all was done for a resource that is merely absent, and its data is still there to come back to."""
        gone = record.kept is not None and release.newest(self._ports, key) is None
        return gone and removal.namespace_exists(self._ports, key)

    def _remove(self, key: Key, record: Record, since: datetime, *, seen: bool, deleted: bool) -> Removal:
        overdue = (self._ports.clock() - since).total_seconds() > self._deadline
        if self._busy(key) and not overdue:
            return Removal(False, "indices or dashboards are still worked on")
        try:
            if not deleted:
                return removal.suspend(self._ports, key, record, overdue=overdue)
            return removal.remove(self._ports, key, record, seen=seen, overdue=overdue)
        except KubernetesError as error:
            if error.throttled:
                raise
            return removal.failed(f"Kubernetes refuses: {error}", overdue)

    def _release(self, key: Key, body: Object) -> float | None:
        try:
            self._ports.cluster.patch(DETECTORS, key.namespace, key.name, resource.finalizer_patch(body, False))
        except KubernetesError as error:
            if error.conflict:
                return 0.0
            if not error.missing:
                raise
        return None

    def _tell(self, key: Key, uid: str, done: Removal) -> None:
        (self._left.add if done.again else self._left.discard)(key)
        metrics.LEFT_BEHIND.set(len(self._left))
        reason = "LeftBehind" if done.left else "Removed"
        events.tell(self._ports, key, uid, self._ports.clock(), reason, done.message, warning=done.left)
