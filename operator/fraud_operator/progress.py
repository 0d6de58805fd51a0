"""Whether a detector that is not ready is on its way there or waits for a person.

Tools that wait for a resource read it off two conditions, Reconciling and Stalled, as kstatus defines them
(sigs.k8s.io/cli-utils, used by Flux): never are both true, and both are false while nothing is to be done.
"""

from collections.abc import Mapping
from enum import StrEnum

from fraud_operator.reasons import IN_PROGRESS, Reason
from fraud_operator.situation import Situation, Step, Verdict

_WORK = frozenset({Step.RECOVER, Step.CHECK, Step.STOP, Step.DEPLOY, Step.TAKE_BACK})
"""Steps from what is deployed to what is to be; the others leave the job alone."""
_RETRIED = frozenset(
    {
        Reason.KAFKA_UNREACHABLE,
        Reason.SECRET_MISSING,
        Reason.CHECK_FAILED,
        Reason.UNREACHABLE,
        Reason.STATE_UNREACHABLE,
        Reason.REMOVING,
    }
)
"""Somebody else is waited for: what is applied together does not come up in order, and what is away comes back."""
_FLINKS = frozenset({Reason.STARTING, Reason.RESTARTING})
"""Flink and Kubernetes get on with it, whether the operator does anything or not."""
_COMING_UP = _FLINKS | {Reason.UNREACHABLE}


class Outlook(StrEnum):
    """What comes of waiting."""

    REST = "Rest"
    UNDER_WAY = "UnderWay"
    STALLED = "Stalled"


AT_REST: Mapping[str, tuple[Reason, str]] = {
    "Reconciling": (Reason.NOT_RECONCILING, "nothing is under way"),
    "Stalled": (Reason.NOT_STALLED, "nothing waits for a person"),
}
"""What the two conditions say while they are false."""
TRUE_WHILE: Mapping[str, Outlook] = {"Reconciling": Outlook.UNDER_WAY, "Stalled": Outlook.STALLED}


def outlook(seen: Situation, verdict: Verdict, ready: str, reason: StrEnum) -> Outlook:
    """What comes of waiting for a detector.

    Args:
        seen: what was seen.
        verdict: what is done about it.
        ready: the status of Ready.
        reason: the reason of Ready.
    """
    if ready == "True":
        return Outlook.REST
    if verdict.reason is Reason.PAUSED:
        return Outlook.UNDER_WAY if reason in _FLINKS else Outlook.STALLED
    if verdict.step in _WORK:
        return Outlook.UNDER_WAY
    if reason in _COMING_UP and not seen.proven and seen.age > seen.start_seconds:
        return Outlook.STALLED  # it never ran, has had its time, and there is nothing to go back to
    return without_a_look(reason)


def without_a_look(reason: StrEnum) -> Outlook:
    """What comes of waiting for a detector that is not ready for a reason, as far as that tells."""
    return Outlook.UNDER_WAY if reason in IN_PROGRESS | _RETRIED else Outlook.STALLED
