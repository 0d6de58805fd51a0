"""Does what was decided: one step, which may be repeated after a crash in the middle of it."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fraud_api.status import SavepointTrigger
from fraud_operator import (
    checks,
    desired,
    events,
    metrics,
    plans,
    probation,
    record,
    release,
    removal,
    resource,
    saving,
    stopping,
    times,
)
from fraud_operator.clients.flink import FlinkError
from fraud_operator.clients.kubernetes import DETECTORS, Object
from fraud_operator.ports import Ports
from fraud_operator.probation import Trial
from fraud_operator.reasons import Reason
from fraud_operator.record import Failed, Record, Stable
from fraud_operator.situation import Situation, Step, Verdict

_SOON, _LATER = 5.0, 30.0

logger = logging.getLogger(__name__)


class Trouble(Exception):
    """A step could not be done.

    Attributes:
        reason: why, in one word.
        retry: seconds after which to try again.
    """

    def __init__(self, reason: Reason, message: str, retry: float) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry = retry


def act(ports: Ports, body: Object, seen: Situation, verdict: Verdict) -> float | None:
    """Do a step.

    Returns:
        Seconds until there can be news of it; None when the next step can be decided at once.

    Raises:
        Trouble: it could not be done.
    """
    logger.debug("%s: %s", verdict.step.value, verdict.message)
    match verdict.step:
        case Step.CHECK:
            return _check(ports, body, seen)
        case Step.DEPLOY:
            return _deploy(ports, seen, verdict)
        case Step.REPAIR:
            return _repair(ports, seen, verdict)
        case Step.RECOVER:
            _recover(ports, seen)
        case Step.STOP:
            _stop(ports, seen, verdict)
        case Step.TAKE_BACK:
            _take_back(ports, seen, verdict)
        case Step.START_TRIAL:
            _start_trial(ports, seen)
        case Step.MARK_STABLE:
            _mark_stable(ports, seen)
        case Step.SAVE:
            return _save(ports, seen)
    return None


def _recover(ports: Ports, seen: Situation) -> None:
    assert seen.release is not None
    if seen.release.status == "uninstalling":
        _helm(lambda: release.uninstall(ports, seen.key))
    else:
        release.forget(ports, seen.key, seen.release.revision)


def _check(ports: Ports, body: Object, seen: Situation) -> float | None:
    assert seen.wanted is not None
    try:
        owner = resource.owner_reference(body)
        found = checks.check(ports.cluster, seen.key, owner, seen.wanted, seen.program)
    except checks.CheckFailed as error:
        raise Trouble(Reason.CHECK_FAILED, str(error), _LATER) from None
    if found is None:
        return 1.0
    record.save(ports, seen.key, replace(seen.record, checked=found), known=True)
    return None


def _stop(ports: Ports, seen: Situation, verdict: Verdict) -> None:
    assert verdict.values is not None
    _rehearse(ports, seen, verdict.values)
    _leave(ports, seen)
    try:
        location = stopping.stop(ports, seen)
    except stopping.NotStopped as error:
        _tell(ports, seen, Reason.SAVING_STATE, f"the job's state could not be saved: {error}", warning=True)
        raise Trouble(Reason.SAVING_STATE, f"the job's state could not be saved: {error}", _SOON) from None
    saved = {
        "location": location,
        "time": times.written(ports.clock()),
        "trigger": SavepointTrigger.CHANGE.value,
    }
    ports.cluster.patch(
        DETECTORS, seen.key.namespace, seen.key.name, {"status": {"lastSavepoint": saved}}, subresource="status"
    )
    _tell(ports, seen, "SavepointTaken", f"the job has stopped, its state lies in {location}")


def _save(ports: Ports, seen: Situation) -> float | None:
    trigger = saving.due(seen)
    assert trigger is not None
    try:
        kept = saving.save(ports, seen, trigger)
    except FlinkError as error:
        _tell(ports, seen, "SavepointFailed", f"no savepoint could be taken: {error}", warning=True)
        return _LATER
    if kept is None:
        return 1.0
    kept = saving.pruned(ports, seen, kept)
    record.save(ports, seen.key, kept, known=True)
    _tell(ports, seen, "SavepointTaken", f"the job goes on; its state lies in {kept.savepoints[0].location}")
    return None


def _leave(ports: Ports, seen: Situation) -> None:
    """Remember how the stable deployment does before it is stopped: its job can't be asked any more then."""
    stable = seen.record.stable
    if stable is None or seen.release is None or seen.release.job_id != stable.job_id or seen.job is None:
        return
    if stable.left is None:  # a stop that is tried again finds a job that the first try has disturbed
        stable = replace(stable, left=_how_it_is(ports, seen, stable))
        record.save(ports, seen.key, replace(seen.record, stable=stable), known=True)


def _how_it_is(ports: Ports, seen: Situation, stable: Stable) -> probation.Left:
    try:
        health = ports.flink(seen.key.rest).health(stable.job_id) if seen.job else None
    except FlinkError as error:
        logger.warning("what the job's metrics say is not known: %s", error)
        health = None
    # without a job it is at rest, or its JobManager does not answer
    well = seen.job.running if seen.job else not (seen.release and seen.release.running)
    return probation.left(well, stable.counts, seen.counts, health)


def _left(ports: Ports, seen: Situation, made: Mapping[str, Any]) -> Record:
    """The record with the state that the stable deployment has stopped with, where another one is to follow it."""
    stable = seen.record.stable
    if stable is None or seen.release is None or seen.release.job_id != stable.job_id:
        return seen.record
    if not made["running"] or made["job"]["id"] == stable.job_id:
        return seen.record
    state = seen.saved_state()
    state = made["job"]["savepoint"] if state is None else state  # the new one may start from another, by name
    left = replace(stable.left or _how_it_is(ports, seen, stable), state=state)
    return replace(seen.record, stable=replace(stable, left=left))


def _rehearse(ports: Ports, seen: Situation, target: Mapping[str, Any]) -> None:
    """See whether Helm would take what follows, before anything is stopped for it; parameters alone are no risk."""
    assert seen.release is not None
    if desired.only_parameters(target, seen.release.values) or not target["running"]:
        return
    made = desired.deployment(seen.key, seen.uid, target, seen.release.job_id, "")
    _helm(lambda: release.install(ports, seen.key, made, dry_run=True))


def _deploy(ports: Ports, seen: Situation, verdict: Verdict) -> float | None:
    assert verdict.values is not None
    made = dict(verdict.values)
    kept = saving.noted_change(_left(ports, seen, made), seen, ports.clock())
    if kept != seen.record:
        # before another one starts from it: nobody could find it any more
        record.save(ports, seen.key, kept, known=True)
    _helm(lambda: release.install(ports, seen.key, made))
    _tell(ports, seen, "Deployed", _deployed(seen, made))
    doubts = resource.warnings(seen.detector) if seen.detector else ""
    if doubts:
        _tell(ports, seen, "Doubtful", doubts, warning=True)
    checked = seen.record.checked
    lost = plans.lost_state(seen.record.operators, checked.operators) if checked and seen.record.operators else []
    if lost and made["running"] and seen.wanted and desired.identity(made) == seen.wanted_identity:
        _tell(ports, seen, "StateLost", f"changed so much that they start without state: {', '.join(lost)}")
    return 1.0


def _deployed(seen: Situation, made: Mapping[str, Any]) -> str:
    if not made["running"]:
        return "suspended: the job's pods are gone, its state stays"
    if seen.release and seen.release.running and seen.release.job_id == made["job"]["id"]:
        return f"job {made['job']['id']} goes on; what stands beside it was changed"
    start = made["job"]["savepoint"] or "no state"
    return f"job {made['job']['id']} starts from {start}"


def _take_back(ports: Ports, seen: Situation, verdict: Verdict) -> None:
    failed = Failed(seen.deployed_identity, seen.generation, verdict.message)
    record.save(ports, seen.key, replace(seen.record, failed=failed, trial=None), known=True)
    metrics.ROLLBACKS.labels(verdict.reason.value).inc()
    _tell(ports, seen, Reason.ROLLED_BACK, f"generation {seen.generation} is taken back: {verdict.message}", True)


def _repair(ports: Ports, seen: Situation, verdict: Verdict) -> float:
    assert verdict.values is not None
    made = dict(verdict.values)
    _helm(lambda: release.install(ports, seen.key, made))
    _tell(ports, seen, "Repaired", verdict.message)
    return 1.0


def _start_trial(ports: Ports, seen: Situation) -> None:
    assert seen.release is not None
    assert seen.job is not None
    trial = Trial(seen.release.job_id, times.written(ports.clock()), seen.job.restarts, dict(seen.counts))
    record.save(ports, seen.key, replace(seen.record, trial=trial), known=True)
    until = seen.probation.duration
    _tell(ports, seen, "Probation", f"generation {seen.generation} runs, and is on probation for {until}")


def _mark_stable(ports: Ports, seen: Situation) -> None:
    assert seen.release is not None
    wanted = seen.deployed_identity == seen.wanted_identity
    before = seen.record.stable
    generation = seen.generation if wanted or before is None else before.generation
    counts = seen.record.trial.counts if seen.record.trial and seen.on_trial else seen.counts
    stable = Stable(generation, seen.release.job_id, seen.release.values, dict(counts))
    kept: Record = replace(seen.record, stable=stable, trial=None, kept=None)
    if seen.on_trial:
        _tell(ports, seen, "Stable", f"generation {generation} ran well for {seen.probation.duration}")
    if wanted:
        checked = seen.record.checked
        planned = checked.operators if checked and checked.program == seen.program else seen.record.operators
        kept = replace(kept, failed=None, operators=planned)
    record.save(ports, seen.key, saving.pruned(ports, seen, kept), known=True)
    removal.forget_clusters(ports, seen.key, keep=str(seen.release.values["job"].get("clusterId", "")))


def _helm(run: Callable[[], None]) -> None:
    try:
        run()
    except release.ReleaseError as error:
        raise Trouble(Reason.RELEASE_FAILED, str(error), _LATER) from None


def _tell(ports: Ports, seen: Situation, reason: str, message: str, warning: bool = False) -> None:
    events.tell(ports, seen.key, seen.uid, ports.clock(), str(reason), message, warning=warning)
