"""What to do next about a detector: ordered checks, the first that has an answer wins.

Gates say why what is wanted is not (yet) to be deployed; then steps lead from what is deployed to what is to be.
Every step is derived from what was seen, never from what was done before: an operator that was killed on the way
finds the same answer again.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fraud_operator import desired, saving, times, trial
from fraud_operator.clients.flink import JobView
from fraud_operator.reasons import Reason
from fraud_operator.situation import Situation, Step, Verdict

_HELM_SECONDS = 15.0
"""Younger than this, a release that Helm has not finished may still be worked on."""
_RETRY_SECONDS = 60.0

Target = Mapping[str, Any] | None


def decide(seen: Situation) -> Verdict:
    """What to do next."""
    blocked = next((verdict for gate in GATES if (verdict := gate(seen))), None)
    if blocked and (blocked.step is not Step.HOLD or _former(seen)):
        return blocked
    target = _target(seen, blocked)
    for policy in STEPS:
        verdict = policy(seen, target)
        if verdict:
            break
    else:
        verdict = settled(seen)
    if blocked and verdict.step is Step.HOLD:
        return blocked
    return verdict


def _target(seen: Situation, blocked: Verdict | None) -> Target:
    """What is to be deployed now: what is wanted, or as long as that is blocked what is there."""
    if blocked is None:
        return seen.wanted
    if seen.record.stable and (blocked.reason is Reason.ROLLED_BACK or trial.given_up(seen)):
        wanted = seen.wanted or (seen.release.values if seen.release else {})
        return dict(seen.record.stable.values) | {"running": bool(wanted.get("running"))}
    return seen.release.values if seen.release else None


# --- Gates --------------------------------------------------------------------------------------


def invalid(seen: Situation) -> Verdict | None:
    """A resource that means nothing changes nothing."""
    return Verdict(Step.HOLD, Reason.INVALID_SPEC, seen.invalid) if seen.detector is None else None


def taken_back(seen: Situation) -> Verdict | None:
    """What was taken back is not tried again before it is changed."""
    failed = seen.record.failed
    if failed is None or failed.identity != seen.wanted_identity or seen.record.stable is None:
        return None
    message = (
        f"generation {failed.generation} was taken back: {failed.message}; "
        f"generation {seen.record.stable.generation} runs instead"
    )
    return Verdict(Step.HOLD, Reason.ROLLED_BACK, message)


def topics_missing(seen: Situation) -> Verdict | None:
    """Nothing is started or changed without its topics: it could not run, nor be taken back."""
    changes = seen.deployed_identity != seen.wanted_identity
    starts = bool(seen.wanted and seen.wanted["running"])
    if not changes or not starts or seen.topics.ready:
        return None
    return Verdict(Step.HOLD, seen.topics.reason, seen.topics.message)


def unplanned(seen: Situation) -> Verdict | None:
    """Changed SQL is planned by Flink before anything is stopped for it, or started."""
    if seen.deployed_identity == seen.wanted_identity or seen.stays_down:
        return None
    checked = seen.record.checked
    if checked and checked.program == seen.program:
        if checked.error:
            return Verdict(Step.HOLD, Reason.PLAN_REFUSED, f"Flink refuses {checked.where}: {checked.error}")
        return None
    if seen.known_program:
        return None
    return Verdict(Step.CHECK, Reason.PLANNING, "Flink plans the changed detector")


GATES: tuple[Callable[[Situation], Verdict | None], ...] = (invalid, taken_back, topics_missing, unplanned)


# --- Steps --------------------------------------------------------------------------------------


def interrupted(seen: Situation, target: Target) -> Verdict | None:
    """A release that Helm was killed over is made ready for the next try."""
    release = seen.release
    if release is None or not (release.interrupted or release.status == "uninstalling"):
        return None
    if seen.age < _HELM_SECONDS:
        return Verdict(Step.HOLD, Reason.UPGRADING, "Helm is at work on the release")
    return Verdict(Step.RECOVER, Reason.UPGRADING, f"Helm was interrupted ({release.status})")


def absent(seen: Situation, target: Target) -> Verdict | None:
    """What is not there is installed."""
    if seen.release is not None:
        return None
    if target is None:
        return Verdict(Step.HOLD, Reason.DEPLOYING, "nothing is deployed")
    if target["running"]:
        made = _deployment(seen, target, seen.first_state)
    else:
        made = desired.suspended(target, {}, seen.first_state)
    return Verdict(Step.DEPLOY, Reason.DEPLOYING, "the release is installed", made)


def changed_beside(seen: Situation, target: Target) -> Verdict | None:
    """What only concerns the generator or the indexer stops no job."""
    release = seen.release
    if release is None or target is None or desired.identity(target) == seen.deployed_identity:
        return None
    if not release.running or desired.job_identity(target) != desired.job_identity(release.values):
        return None
    if seen.restore_from:
        return None
    ids = {name: release.values["job"].get(name, "") for name in ("id", "clusterId", "savepoint", "restoredFrom")}
    made = dict(target) | {"job": dict(target["job"]) | ids}
    return Verdict(Step.DEPLOY, Reason.UPGRADING, "what stands beside the job is changed; the job goes on", made)


def changed(seen: Situation, target: Target) -> Verdict | None:
    """What is deployed is stopped with its state and followed by what is wanted."""
    release = seen.release
    if release is None or target is None:
        return None
    taking_back = desired.identity(target) != seen.wanted_identity
    restore = "" if taking_back or not target["running"] else seen.restore_from
    if desired.identity(target) == seen.deployed_identity and not restore:
        return None
    state = trial.state_before(seen) if taking_back or trial.given_up(seen) else None
    if state is None:
        state = seen.saved_state(impatient=taking_back)
    if state is None and seen.job is None and restore:
        state = restore  # who asks for a state by name need not wait for another one
    if state is None and seen.job is None:
        return Verdict(Step.HOLD, Reason.STATE_UNREACHABLE, _no_state(seen))
    if state is None:
        return Verdict(Step.STOP, Reason.SAVING_STATE, "the running job saves its state and stops", target)
    if not target["running"]:
        made = desired.suspended(target, release.values.get("job", {}), state)
        return Verdict(Step.DEPLOY, Reason.SUSPENDED, "the job has stopped; its pods go", made)
    state = restore or state
    return Verdict(
        Step.DEPLOY, Reason.UPGRADING, f"starts from {state or 'no state'}", _deployment(seen, target, state)
    )


def failed(seen: Situation, target: Target) -> Verdict | None:
    """A release that Helm could not make is taken back where there is something better, else tried again."""
    release = seen.release
    if release is None or release.status != "failed":
        return None
    if release.throttled:  # nobody's fault; whoever was put off comes again at a time of its own
        return Verdict(Step.REPAIR, Reason.UPGRADING, "Helm begins again: the API server was too busy", release.values)
    if trial.replaceable(seen):
        return Verdict(Step.TAKE_BACK, Reason.RELEASE_FAILED, release.description)
    if seen.age < _RETRY_SECONDS:
        return Verdict(Step.HOLD, Reason.RELEASE_FAILED, release.description)
    return Verdict(Step.REPAIR, Reason.RELEASE_FAILED, release.description, release.values)


def ended(seen: Situation, target: Target) -> Verdict | None:
    """A stream has no end: a job that has one is started again, or taken back where it never ran."""
    release, job = seen.release, seen.job
    if release is None or target is None or not release.running or job is None or not job.ended:
        return None
    saved = bool(job.savepoint or job.checkpoint) and job.state != "FAILED"
    bad = job.state == "FAILED" and seen.on_trial
    if (seen.proven or saved) and not bad:
        state = seen.saved_state() or ""
        made = _deployment(seen, target, state)
        return Verdict(Step.DEPLOY, Reason.RESTARTING, f"the job has ended ({job.state}); it starts again", made)
    message = job.failure or "the job failed"
    if trial.replaceable(seen):
        return Verdict(Step.TAKE_BACK, Reason.JOB_FAILED, message)
    return Verdict(Step.HOLD, Reason.JOB_FAILED, message)


def overdue(seen: Situation, target: Target) -> Verdict | None:
    """A changed detector that does not come to run in time is taken back."""
    late = seen.age > seen.start_seconds and seen.release is not None and seen.release.running
    if not late or seen.proven or not trial.replaceable(seen) or (seen.job and seen.job.running):
        return None
    why = (seen.job.failure or seen.job.missing_tasks) if seen.job else seen.job_error
    return Verdict(Step.TAKE_BACK, Reason.JOB_FAILED, f"not running after {seen.start_seconds} s: {why}")


def worse(seen: Situation, target: Target) -> Verdict | None:
    """What replaced a good deployment and does worse is taken back."""
    why = trial.trouble(seen) if seen.release is not None and seen.release.running else ""
    return Verdict(Step.TAKE_BACK, Reason.PROBATION_FAILED, why) if why else None


def stable(seen: Situation, target: Target) -> Verdict | None:
    """A deployment that runs and has saved its state once is one to come back to, after probation where it has one."""
    if seen.release is None or not seen.release.running or seen.job is None:
        return None
    if seen.proven and not trial.replaceable(seen):
        return None
    if not seen.job.running or not seen.job.checkpoints:
        return None
    if not trial.tried(seen):
        return Verdict(Step.MARK_STABLE, Reason.RUNNING, "the job runs and has saved its state")
    if not seen.on_trial or trial.disturbed(seen):
        return Verdict(Step.START_TRIAL, Reason.RUNNING, f"on probation for {seen.probation.duration}")
    if seen.trial_ends and seen.now < seen.trial_ends:
        return None
    return Verdict(Step.MARK_STABLE, Reason.RUNNING, f"the job ran well for {seen.probation.duration}")


def drifted(seen: Situation, target: Target) -> Verdict | None:
    """Objects that somebody else deleted or changed come back as they were."""
    if seen.release is None or not seen.drift:
        return None
    return Verdict(Step.REPAIR, Reason.UPGRADING, "; ".join(seen.drift), seen.release.values)


def unsaved(seen: Situation, target: Target) -> Verdict | None:
    """A savepoint that is due is taken while the job goes on."""
    trigger = saving.due(seen)
    return Verdict(Step.SAVE, Reason.RUNNING, f"takes a savepoint ({trigger})") if trigger else None


STEPS: tuple[Callable[[Situation, Target], Verdict | None], ...] = (
    interrupted,
    absent,
    changed_beside,
    changed,
    failed,
    ended,
    overdue,
    worse,
    stable,
    drifted,
    unsaved,
)


# --- Nothing to do ------------------------------------------------------------------------------


def settled(seen: Situation) -> Verdict:
    """Nothing to do: how the job is."""
    if seen.release is not None and not seen.release.running:
        return Verdict(Step.HOLD, Reason.SUSPENDED, "suspended: nothing is detected; its state is saved")
    reason, message = job_state(seen)
    if seen.trial_ends:
        message += f"; on probation until {times.written(seen.trial_ends)}"
    return Verdict(Step.HOLD, reason, message)


def job_state(seen: Situation) -> tuple[Reason, str]:
    """How the job of the release is."""
    if seen.release is None:
        return Reason.DEPLOYING, "nothing is deployed"
    if not seen.release.running:
        return Reason.SUSPENDED, "suspended: no job runs"
    if seen.job is None:
        if not seen.proven and seen.age <= seen.start_seconds:
            return Reason.STARTING, f"waiting for the JobManager: {seen.job_error or 'it does not know the job yet'}"
        return Reason.UNREACHABLE, f"the JobManager can't be asked: {seen.job_error or 'it does not know the job'}"
    return _view(seen.job, seen.job_error)


def _view(job: JobView, pods: str) -> tuple[Reason, str]:
    if job.running:
        return Reason.RUNNING, f"all tasks run; {job.restarts} restarts" if job.restarts else "all tasks run"
    if job.ended:
        return Reason.JOB_FAILED, f"the job has ended ({job.state})" + (f": {job.failure}" if job.failure else "")
    if job.failure:
        return Reason.RESTARTING, f"{job.state} after {job.restarts} restarts, the last because of {job.failure}"
    return Reason.STARTING, f"{job.state}, {job.missing_tasks}" + (f"; {pods}" if pods else "")


def _deployment(seen: Situation, target: Mapping[str, Any], state: str) -> desired.Values:
    former = seen.release.job_id if seen.release else ""
    restored = seen.release.restored_from if seen.release else ""
    if seen.restore_from and state == seen.restore_from:
        restored = state
    return desired.deployment(seen.key, seen.uid, target, former, state, restored)


def _former(seen: Situation) -> bool:
    """Whether what is deployed is known from somewhere that tenants may write, so that it is no target."""
    return seen.release is not None and seen.release.former


def _no_state(seen: Situation) -> str:
    return (
        f"the change waits: the running job can't be asked to save its state "
        f"({seen.job_error or 'the JobManager does not know the job'}); "
        "upgradeMode Stateless would go on without it"
    )
