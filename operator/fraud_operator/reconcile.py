"""One look at a detector, the same for a new one, a changed one, one after a restart and one without any news."""

import logging
import threading
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace

from fraud_api.resource import DeletionPolicy
from fraud_operator import events, observe, record, reporting, resource, topic_care
from fraud_operator.actions import Trouble, act
from fraud_operator.care import Care
from fraud_operator.census import Census
from fraud_operator.clients.kubernetes import DETECTORS, KubernetesError, Object
from fraud_operator.farewell import Farewell
from fraud_operator.inventory import Inventory
from fraud_operator.names import Key
from fraud_operator.observe import Notes
from fraud_operator.policies import decide, settled
from fraud_operator.ports import Ports
from fraud_operator.probation import settled as settled_counts
from fraud_operator.reasons import IN_PROGRESS, Reason
from fraud_operator.record import Record
from fraud_operator.settings import Settings
from fraud_operator.situation import Situation, Step, Verdict
from fraud_operator.status import Said

_STEPS_A_LOOK = 8
_NEWS_SECONDS = 1.0
_TOPICS_AGAIN_SECONDS = 10.0
_COUNT_SECONDS = 30.0
_TRIAL_SECONDS = 15.0
_LONGEST_BACKOFF = 60.0
_REST_SECONDS = 600.0
"""Between looks at a suspended detector whose versions stay the same: its topics and indices are looked at then."""

logger = logging.getLogger(__name__)


class Reconciler:
    """Looks at detectors; safe for several threads as long as each has a detector of its own."""

    def __init__(self, ports: Ports, settings: Settings, may_act: Callable[[], bool] = lambda: True) -> None:
        """``may_act`` is asked before every step: another operator may have taken over."""
        self._ports = ports
        self._settings = settings
        self._may_act = may_act
        self._inventory = Inventory(ports.cluster, settings)
        self._census = Census(ports, settings, self._inventory)
        self._care = Care(ports)
        self._farewell = Farewell(ports, settings, self._care.busy)
        self._lock = threading.Lock()
        self._notes: dict[Key, Notes] = {}
        self._deleted: dict[Key, str] = {}

    def phases(self) -> list[str]:
        """The phase of every detector."""
        with self._lock:
            return [notes.phase for notes in self._notes.values() if notes.phase]

    def census(self, alive: Callable[[], None]) -> list[Key]:
        """All detectors that there are, or of which something is left; ``alive`` hears that it goes on.

        Raises KubernetesError.
        """
        return self._census.take(alive)

    def disturbed(self, key: Key) -> bool:
        """Whether something has changed, as of the last census, since a detector was looked at.

        Of one that does not rest only the objects count: all else is looked at each resync anyhow.
        """
        now = self._ports.clock()
        with self._lock:
            notes = self._notes.get(key)
        if notes is None:
            return False
        if notes.rests:
            return self._census.version(key, now) != notes.seen
        return notes.compared is not None and self._inventory.version(key, now) not in (None, notes.compared[1])

    def deleted(self, key: Key, uid: str) -> None:
        """A resource was seen to be deleted: what it has left may go, its state too."""
        with self._lock:
            self._deleted[key] = uid

    def reconcile(self, key: Key) -> float | None:
        """Look at a detector and do what is to be done; where the API server is too busy for it, later.

        Returns:
            Seconds until the next look without a reason; None when there is nothing more to look at.

        Raises:
            KubernetesError: the API server does not tell what there is.
        """
        try:
            return self._reconcile(key)
        except KubernetesError as error:
            if not error.throttled:
                raise
            # nothing is said of the detector: it is as it was
            logger.warning("put off: %s", error)
            return error.again

    def _reconcile(self, key: Key) -> float | None:
        seen = self._census.version(key, self._ports.clock())  # before anything is read: what changes since is news
        body = self._ports.cluster.get(DETECTORS, key.namespace, key.name)
        remembered = record.load(self._ports, key)
        if body is None:
            return self._gone(key, remembered)
        if "deletionTimestamp" in body["metadata"]:
            return self._farewell.deleted(key, body, remembered or Record())
        other = remembered is not None and remembered.uid not in ("", body["metadata"]["uid"])
        if remembered and other and self._was_deleted(key, remembered):
            # a new resource of an old name: what the old one has left goes first
            return self._gone(key, remembered) or 0.0
        with self._lock:
            notes = self._notes.setdefault(key, Notes())
            notes.seen, notes.rests = seen, False
        return self._look(key, body, remembered, notes)

    def _gone(self, key: Key, remembered: Record | None) -> float | None:
        with self._lock:
            self._notes.pop(key, None)
        self._care.forget(key)
        if remembered is None:
            with self._lock:
                self._deleted.pop(key, None)
            return None
        return self._farewell.gone(key, remembered, deleted=self._was_deleted(key, remembered))

    def _was_deleted(self, key: Key, remembered: Record) -> bool:
        with self._lock:
            return remembered.deleted or self._deleted.get(key) == remembered.uid

    def _look(self, key: Key, body: Object, remembered: Record | None, notes: Notes) -> float:
        try:
            wait = self._advance(key, body, remembered, notes)
            notes.troubles = 0
            return wait
        except KubernetesError as error:
            if error.throttled:
                raise
            if error.conflict:
                return _NEWS_SECONDS
            logger.warning("Kubernetes: %s", error)
            return self._admit(key, notes, Reason.FORBIDDEN if error.forbidden else None, str(error))
        except Exception:
            # its text is not told: it may be anybody's, and hold anything
            logger.exception("a look at the detector failed")
            return self._admit(key, notes, Reason.OPERATOR_ERROR, "the operator failed; its log says where")

    def _admit(self, key: Key, notes: Notes, reason: Reason | None, message: str) -> float:
        notes.troubles += 1
        if reason is not None:
            notes.trouble = True
            try:
                # as it is now: the look that failed may have written its status before
                body = self._ports.cluster.get(DETECTORS, key.namespace, key.name)
                if body is not None:
                    reporting.say(self._ports, body, None, Said("False", reason, message))
            except KubernetesError as error:
                logger.warning("the status could not be written: %s", error)
        return min(_LONGEST_BACKOFF, 2.0**notes.troubles)

    def _advance(self, key: Key, body: Object, remembered: Record | None, notes: Notes) -> float:
        observe.read_resource(body, notes)
        paused = resource.paused(body)
        counts = None
        kept = remembered or Record()
        told = bool((body.get("status") or {}).get("conditions"))
        if notes.detector is not None and not paused:
            body = self._finalizer(key, body, notes)
            kept = self._remember(key, notes, remembered)
            kept, counts = self._care_for_topics(key, kept, notes)
        notes.backends = self._care.views(key, notes.uid, notes.generation)
        for _ in range(_STEPS_A_LOOK):
            seen = observe.situation(self._ports, self._settings, self._inventory, key, body, kept, notes)
            tended = float("inf") if paused or not self._may_act() else self._care.tend(seen, self._pace(seen))
            verdict = _hands_off(seen) if paused else decide(seen)
            if verdict.step is Step.HOLD or not notes.trouble:
                # a step that has failed before is only told of when it succeeds
                body = self._report(body, seen, verdict, counts, notes)
                if verdict.step is not Step.HOLD and not told:
                    return 0.0  # of a crowd of new ones, all hear where they stand before Helm is at work for any
            if verdict.step is Step.HOLD or not self._may_act():
                notes.trouble = False
                return min(tended, self._next(seen, verdict, notes))
            try:
                wait = act(self._ports, body, seen, verdict)
            except Trouble as trouble:
                notes.trouble = True
                self._report(body, seen, Verdict(Step.HOLD, trouble.reason, str(trouble)), counts, notes)
                return trouble.retry
            notes.trouble = False
            if wait is not None:
                return wait
            body = self._ports.cluster.get(DETECTORS, key.namespace, key.name) or body
            kept = record.load(self._ports, key) or Record()
        return 0.0

    def _finalizer(self, key: Key, body: Object, notes: Notes) -> Object:
        """Only what promises to delete topics holds up its own deletion: nothing else hangs without an operator."""
        assert notes.detector is not None
        wanted = notes.detector.spec.deletion_policy is DeletionPolicy.DELETE
        if wanted == resource.finalized(body):
            return body
        patch = resource.finalizer_patch(body, wanted)
        return self._ports.cluster.patch(DETECTORS, key.namespace, key.name, patch)

    def _remember(self, key: Key, notes: Notes, remembered: Record | None) -> Record:
        assert notes.detector is not None
        document = notes.detector.model_dump(mode="json", by_alias=True, exclude_none=True)
        if remembered and (remembered.uid, remembered.detector) == (notes.uid, document):
            return remembered
        kept = replace(remembered or Record(), uid=notes.uid, detector=document)
        record.save(self._ports, key, kept, known=remembered is not None)
        return kept

    def _care_for_topics(self, key: Key, kept: Record, notes: Notes) -> tuple[Record, Mapping[str, int] | None]:
        """The record as it is then, and counts where they were taken."""
        assert notes.detector is not None
        now = self._ports.clock()
        rest = _COUNT_SECONDS if notes.topics and notes.topics.ready else _TOPICS_AGAIN_SECONDS
        fresh = notes.topics_at and (now - notes.topics_at).total_seconds() < rest
        if fresh and notes.topics_generation == notes.generation:
            return kept, None

        def claim(made: Mapping[str, str], before: int) -> None:
            nonlocal kept
            notes.claims = (made, before)  # should the API server not take it, nobody else knows that they are ours
            kept = replace(kept, topics=made, read_before=before)
            record.save(self._ports, key, kept, known=True)
            notes.claims = None

        if notes.claims:
            claim(*notes.claims)
        work = topic_care.look(self._ports, key, notes.detector, kept.topics, kept.read_before, claim)
        notes.topics, notes.topics_at, notes.topics_generation = work.view, now, notes.generation
        if work.counts is not None:
            if work.counts["in"] != notes.counts.get("in"):
                notes.settled = settled_counts(notes.counts, work.counts)
            notes.counts = work.counts
        for done in work.done:
            events.tell(self._ports, key, notes.uid, now, "Topics", done)
        return kept, work.counts

    def _report(
        self, body: Object, seen: Situation, verdict: Verdict, counts: Mapping[str, int] | None, notes: Notes
    ) -> Object:
        written = reporting.report(self._ports, body, seen, verdict, counts)
        notes.phase = str((written.get("status") or {}).get("phase", ""))
        return written

    def _next(self, seen: Situation, verdict: Verdict, notes: Notes) -> float:
        runs = seen.release is not None and seen.release.running
        young = runs and not seen.proven
        # a job that nobody knows is one that a new JobManager is about to recover
        restless = runs and (seen.job is None or not seen.job.running)
        if verdict.reason in IN_PROGRESS or young or restless:
            return _NEWS_SECONDS if seen.age < self._settings.start_seconds else _TOPICS_AGAIN_SECONDS
        if not seen.topics.ready:
            return _TOPICS_AGAIN_SECONDS
        if seen.on_trial:
            return _TRIAL_SECONDS
        notes.rests = seen.stays_down and verdict.reason is Reason.SUSPENDED and self._unchanged(seen, notes)
        return self._pace(seen) if notes.rests else float(self._settings.resync_seconds)

    def _unchanged(self, seen: Situation, notes: Notes) -> bool:
        """Whether all that the API server has of it is known, and nothing is otherwise than the operator left it."""
        if seen.release is None or notes.seen is None or notes.seen != self._census.version(seen.key, seen.now):
            return False
        return observe.unchanged(self._inventory, seen.key, seen.release, notes, seen.now)

    def _pace(self, seen: Situation) -> float:
        """Seconds between looks without a reason; those at detectors that stay down come each at a time of its own."""
        often = float(self._settings.resync_seconds)
        if not seen.stays_down:
            return often
        return max(often, _REST_SECONDS * (1 + zlib.crc32(str(seen.key).encode()) / 2**32))


def _hands_off(seen: Situation) -> Verdict:
    now = settled(seen)
    return Verdict(Step.HOLD, Reason.PAUSED, f"paused by annotation: changes wait; {now.message}")
