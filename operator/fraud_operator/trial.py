"""Whether a deployment is on probation, how it does there, and what it gives way to."""

from fraud_api.base import milliseconds
from fraud_operator import desired, probation, times
from fraud_operator.reasons import Reason
from fraud_operator.situation import Situation

_DISTURBED_SECONDS = 30.0


def replaceable(seen: Situation) -> bool:
    """Whether there is a deployment that ran well and is another one than this."""
    proven = seen.record.stable
    return proven is not None and desired.identity(proven.values) != seen.deployed_identity


def given_up(seen: Situation) -> bool:
    """Whether what is deployed was taken back, and what is to follow it is not deployed yet."""
    failed = seen.record.failed
    return failed is not None and failed.identity == seen.deployed_identity and replaceable(seen)


def state_before(seen: Situation) -> str | None:
    """The state that the stable deployment stopped with; None where it has not been stopped."""
    proven = seen.record.stable
    return proven.left.state if proven and proven.left else None


def tried(seen: Situation) -> bool:
    """Whether the deployment has replaced one that ran well, and is held against it."""
    proven = seen.record.stable
    if proven is None or proven.left is None or seen.release is None or seen.release.job_id == proven.job_id:
        return False
    replaced = proven.left.well and proven.left.state is not None
    return replaced and replaceable(seen) and milliseconds(seen.probation.duration) > 0


def disturbed(seen: Situation) -> bool:
    """Whether Kafka is away while a deployment is on probation, which then begins anew; told every half minute."""
    since = times.read(seen.record.trial.since) if seen.record.trial else None
    away = seen.topics.reason is Reason.KAFKA_UNREACHABLE
    return away and since is not None and (seen.now - since).total_seconds() > _DISTURBED_SECONDS


def trouble(seen: Situation) -> str:
    """What the deployment does worse than the one that it has replaced, in words; empty for nothing."""
    proven = seen.record.stable
    if not tried(seen) or proven is None or proven.left is None:
        return ""
    if seen.topics.reason is Reason.KAFKA_UNREACHABLE:
        return ""  # nobody can be blamed for what fails meanwhile
    return _fails_again(seen) or (_does_worse(seen, proven.left) if seen.on_trial else "")


def _fails_again(seen: Situation) -> str:
    if seen.crashes > seen.probation.max_restarts:
        return f"its pods have crashed {seen.crashes} times: {seen.job_error}"
    if seen.job is None:
        return ""
    before = seen.record.trial.restarts if seen.record.trial and seen.on_trial else 0
    # a JobManager that comes up begins to count anew
    restarts = seen.job.restarts - (before if seen.job.restarts >= before else 0)
    if restarts <= seen.probation.max_restarts:
        return ""
    return (
        f"{restarts} restarts, the last because of {seen.job.failure or 'lost tasks'}:"
        f" spec.probation.maxRestarts allows {seen.probation.max_restarts}"
    )


def _does_worse(seen: Situation, left: probation.Left) -> str:
    assert seen.record.trial is not None
    times_of = [stream.event_time for stream in seen.detector.spec.streams] if seen.detector else []
    allowed = max((milliseconds(one.out_of_orderness) for one in times_of), default=0)
    silent = max((milliseconds(one.idle_timeout) for one in times_of), default=0)
    patience = max(milliseconds(seen.probation.clock_timeout), 2 * silent)
    return probation.rises(
        seen.probation.max_rise, left, seen.record.trial.counts, seen.settled, seen.health
    ) or probation.stands_still(patience, allowed, left, *seen.standing)
