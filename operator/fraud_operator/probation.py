"""Whether a deployment that replaced a good one is as good: pure functions over what both have done."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fraud_operator.clients.flink_health import Health

Counts = Mapping[str, int]

UNKNOWN = "unknownResults"
_READ = "in"
_WORDS = {"deadLetters": "became dead letters", "late": "were late", UNKNOWN: "left a rule unknown"}
_ENOUGH = 100
"""Fewer events say nothing about a share."""
_DEVIATIONS = 3
"""Standard deviations of a binomial distribution."""


@dataclass(frozen=True)
class Left:
    """How the stable deployment was when it was replaced: what its followers are held against.

    Attributes:
        state: where its state lies; None until it has stopped.
        well: whether it ran. What replaces a job that does not run is no worse for failing.
        shares: of the events that it read, by what became of them; without those that are not known.
        lag: milliseconds from its event time to the newest event; None where that is not known.
    """

    state: str | None = None
    well: bool = True
    shares: Mapping[str, float] = field(default_factory=dict)
    lag: float | None = None


@dataclass(frozen=True)
class Trial:
    """A deployment on probation.

    Attributes:
        job_id: Flink's id of its job.
        since: when it had run well for the first time.
        restarts: of its job until then.
        counts: records by what became of them until then.
    """

    job_id: str
    since: str
    restarts: int
    counts: Counts


def left(well: bool, before: Counts, now: Counts, health: Health | None) -> Left:
    """How a deployment is that is about to be replaced; ``before`` are the counts of when it began."""
    found = _shares(before, now)
    if health and health.read >= _ENOUGH:
        found[UNKNOWN] = health.unknown / health.read
    return Left(None, well, found, health.lag if health else None)


def settled(before: Counts, now: Counts) -> Counts:
    """What had become of events by the count before, beside how many are known to be read by now.

    An event counts as read with the checkpoint after it, and as a dead letter at once: a share is at most too small.
    """
    return {**before, _READ: now.get(_READ, 0)} if before else now


def rises(limit: float, left: Left, before: Counts, now: Counts, health: Health | None) -> str:
    """Which share of events rises by more than ``limit`` over that of before, in words; empty for none."""
    found = {kind: (share, now[_READ] - before[_READ]) for kind, share in _shares(before, now).items()}
    if health and health.read >= _ENOUGH:
        found[UNKNOWN] = health.unknown / health.read, health.read
    for kind, (share, read) in found.items():
        former = left.shares.get(kind)
        if former is not None and share > _most(former + limit, read):
            return (
                f"{share:.1%} of the events read {_WORDS[kind]}, with the generation before {former:.1%}:"
                f" spec.probation.maxRise allows {limit:.1%} more"
            )
    return ""


def _most(share: float, read: int) -> float:
    """The largest share of events that chance makes of a true one, but for one time in a thousand."""
    return share + _DEVIATIONS * math.sqrt(share * max(0.0, 1 - share) / read)


def _shares(before: Counts, now: Counts) -> dict[str, float]:
    read = now.get(_READ, 0) - before.get(_READ, 0)
    if read < _ENOUGH:
        return {}
    kinds = (kind for kind in _WORDS if kind in now and kind in before)
    return {kind: (now[kind] - before[kind]) / read for kind in kinds}


@dataclass
class Clocks:
    """How long the event time of each task has stood still while it got events and newer ones were read.

    Remembered from look to look only: an operator that is started anew begins to wait anew.
    """

    job_id: str = ""
    _since: dict[str, tuple[datetime, float, int, float]] = field(default_factory=dict)

    def standing(self, job_id: str, health: Health, now: datetime) -> tuple[float, float]:
        """Seconds for the task that has stood longest, and milliseconds that it is behind the newest event."""
        if job_id != self.job_id:
            self.job_id, self._since = job_id, {}
        worst = (0.0, 0.0)
        for task, (time, records) in health.tasks.items():
            since, at, before, newest = self._since.get(task, (now, math.nan, 0, 0.0))
            if time != at:
                self._since[task] = (now, time, records, health.newest)
            elif records > before and health.newest > newest:
                worst = max(worst, ((now - since).total_seconds(), health.newest - time))
        return worst


def stands_still(patience: float, allowed: float, left: Left, seconds: float, behind: float) -> str:
    """Whether event time stands still that did not before, in words; empty when it does not.

    Args:
        patience: milliseconds that it may stand.
        allowed: milliseconds that event time is behind the newest event because it was told so.
        left: how it was before.
        seconds: how long it has stood.
        behind: milliseconds that it is behind the newest event.
    """
    if left.lag is None or seconds * 1_000 < patience or behind <= 2 * left.lag + patience + allowed:
        return ""
    return (
        f"event time has stood still for {seconds:.0f} s while newer events were read, so that windows stay open:"
        f" spec.probation.clockTimeout, or twice the longest idleTimeout, allows {patience / 1_000:g} s"
    )
