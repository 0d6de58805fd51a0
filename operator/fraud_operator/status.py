"""The status of a detector, made from what was seen and decided."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from fraud_api.rules import Mode
from fraud_api.status import Phase
from fraud_operator import progress, times
from fraud_operator.backends import undeclared
from fraud_operator.policies import job_state
from fraud_operator.progress import Outlook
from fraud_operator.reasons import Reason
from fraud_operator.situation import Situation, Step, Verdict

Status = dict[str, Any]

_LONGEST_MESSAGE = 4_096
_PAUSED = "ReconciliationPaused"
_STARTING = frozenset({Reason.STARTING, Reason.DEPLOYING})


@dataclass(frozen=True)
class Said:
    """What a condition says: its status (True, False, Unknown), reason and message."""

    status: str
    reason: StrEnum
    message: str


def make(previous: Mapping[str, Any], seen: Situation, verdict: Verdict, records: Mapping[str, int] | None) -> Status:
    """The status after a look.

    Args:
        previous: the status as it is in the resource.
        seen: what was seen.
        verdict: what is done about it.
        records: counts by what became of records; None to leave those of before.
    """
    paused = verdict.reason is Reason.PAUSED
    # a change that waits is not observed: who waits for it must not take the word of what still runs
    acted_on = int(previous.get("observedGeneration", 0)) if paused else seen.generation
    said = conditions(seen, verdict)

    def generation(kind: str) -> int:
        return seen.generation if kind == _PAUSED else acted_on

    made: Status = {
        "observedGeneration": acted_on,
        "phase": phase(seen, verdict, said["Ready"]).value,
        "conditions": merged(_kept(previous, seen), said, generation, times.written(seen.now)),
        "release": seen.key.instance if seen.release else None,
        "helmRelease": seen.key.release if seen.release else None,
        "job": _job(seen),
        "savepoints": [asdict(one) for one in seen.record.savepoints],
        "lastStableGeneration": seen.record.stable.generation if seen.record.stable else None,
    }
    if seen.detector is not None:
        modes = [rule.mode for rule in seen.detector.spec.rules]
        made["rules"] = {"enforced": modes.count(Mode.ENFORCE), "shadow": modes.count(Mode.SHADOW)}
    if records is not None:
        made["records"] = dict(records)
    return made


def _kept(previous: Mapping[str, Any], seen: Situation) -> list[Mapping[str, Any]]:
    """Conditions of before, without those of indices and dashboards that nobody wants any more."""
    gone = undeclared(seen.detector) if seen.detector else frozenset()
    return [one for one in previous.get("conditions") or [] if one["type"] not in gone]


def conditions(seen: Situation, verdict: Verdict) -> dict[str, Said]:
    """What every condition says."""
    job = _job_running(seen)
    topics = Said("True" if seen.topics.ready else "False", seen.topics.reason, seen.topics.message)
    paused = verdict.reason is Reason.PAUSED
    # Ready is about what is detected: it does not wait for where results can be looked at
    backends = {
        kind: Said("True" if view.ready else "False", view.reason, view.message)
        for kind, view in seen.backends.items()
        if seen.detector is None or kind not in undeclared(seen.detector)
    }
    ready = _ready(verdict, topics, job)
    outlook = progress.outlook(seen, verdict, ready.status, ready.reason)
    why = Said("True", Reason.PAUSED, verdict.message) if paused and outlook is Outlook.STALLED else ready
    return {
        "Ready": ready,
        **progressing(why, outlook),
        "TopicsReady": topics,
        "JobRunning": job,
        _PAUSED: Said("True", Reason.PAUSED, verdict.message)
        if paused
        else Said("False", Reason.NOT_PAUSED, "changes are acted on"),
        **backends,
    }


def progressing(why: Said, outlook: Outlook) -> dict[str, Said]:
    """Reconciling and Stalled: at most one is true, and then it says why."""
    return {
        kind: Said("True", why.reason, why.message) if outlook is progress.TRUE_WHILE[kind] else Said("False", *at_rest)
        for kind, at_rest in progress.AT_REST.items()
    }


def _job_running(seen: Situation) -> Said:
    reason, message = job_state(seen)
    if reason is Reason.RUNNING:
        return Said("True", reason, message)
    return Said("Unknown" if reason is Reason.UNREACHABLE else "False", reason, message)


def _ready(verdict: Verdict, topics: Said, job: Said) -> Said:
    """Whether the detector does what its spec says."""
    by_itself = (
        verdict.step in (Step.START_TRIAL, Step.MARK_STABLE, Step.REPAIR, Step.SAVE) or verdict.reason is Reason.PAUSED
    )
    if not by_itself and (verdict.step is not Step.HOLD or verdict.reason is not Reason.RUNNING):
        return Said("False", verdict.reason, verdict.message)
    if topics.status != "True":
        return topics
    if job.status != "True":
        return Said("False", job.reason, job.message)
    return job if by_itself else Said("True", job.reason, verdict.message)


def phase(seen: Situation, verdict: Verdict, ready: Said) -> Phase:
    """One word for what is going on."""
    if verdict.reason in (Reason.INVALID_SPEC, Reason.PLAN_REFUSED):
        return Phase.INVALID
    if ready.status == "True":
        return Phase.RUNNING
    if ready.reason is Reason.SUSPENDED:
        return Phase.SUSPENDED
    if seen.release is None:
        return Phase.DEPLOYING if verdict.step in (Step.DEPLOY, Step.CHECK) else Phase.PENDING
    if verdict.step in (Step.STOP, Step.DEPLOY, Step.CHECK, Step.RECOVER) or ready.reason in _STARTING:
        return Phase.UPGRADING if seen.record.stable else Phase.DEPLOYING
    return Phase.DEGRADED


def merged(
    previous: Iterable[Mapping[str, Any]], said: Mapping[str, Said], generation: Callable[[str], int], now: str
) -> list[Status]:
    """Conditions over those of before: the time of a transition moves only when the status flips.

    ``generation`` tells for each kind of condition which generation of the resource it speaks of.
    """
    before = {one["type"]: one for one in previous}
    made = []
    for kind, one in said.items():
        old = before.get(kind, {})
        flipped = old.get("status") != one.status
        made.append(
            {
                "type": kind,
                "status": one.status,
                "reason": one.reason.value,
                "message": one.message[:_LONGEST_MESSAGE],
                "observedGeneration": generation(kind),
                "lastTransitionTime": now if flipped else old.get("lastTransitionTime", now),
            }
        )
    return made + [dict(old) for kind, old in before.items() if kind not in said]


def _job(seen: Situation) -> Status | None:
    if seen.release is None or not seen.release.job_id:
        return None
    job = seen.job
    if job is None:
        return {"id": seen.release.job_id, "state": None, "startTime": None, "restarts": 0}
    started = times.from_millis(job.start_millis)
    return {
        "id": job.id,
        "state": job.state,
        "startTime": times.written(started) if started else None,
        "restarts": job.restarts,
    }


def patch(previous: Mapping[str, Any], made: Mapping[str, Any]) -> Status:
    """A merge patch from one status to another; empty when they say the same."""
    changed: Status = {}
    for name, value in made.items():
        old = previous.get(name)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            inner = patch(old, value)
            if inner:
                changed[name] = inner
        elif value != old:
            changed[name] = value
    return changed
