"""What is told of a run, made from its parts."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from fraud_api import FraudDetector, naming
from fraudctl.run.parts import Parts
from fraudctl.run.state import Facts, RuleCount, State, Summary

_MOST_REASONS = 10
_JANUARY_1970_MS = 31 * 86_400_000


@dataclass
class Clock:
    """When what happened (monotonic)."""

    began: float = field(default_factory=time.monotonic)
    running_since: float | None = None
    """When Flink had taken the job."""
    sent_until: float | None = None
    """When the last event was sent."""
    read_until: float | None = None
    """When the last event was read."""

    def active_seconds(self) -> float:
        """How long events were read."""
        return (self.read_until or time.monotonic()) - (self.running_since or self.began)


def facts(parts: Parts) -> Facts:
    """What does not change during a run."""
    return Facts(
        detector=naming.prefix(parts.detector),
        kafka=parts.bootstrap,
        embedded=parts.kafka is not None,
        rules=parts.tally.rules,
        topics={topic.name: topic.kind.value for topic in parts.topics()},
        elasticsearch=parts.detector.spec.elasticsearch.url if parts.detector.spec.elasticsearch else None,
    )


def state(parts: Parts, phase: str, clock: Clock) -> State:
    """The moment."""
    tally = parts.tally
    found = State(
        phase=phase,
        seconds=time.monotonic() - clock.began,
        alerts=tally.alerts,
        by_rule=dict(tally.by_rule),
        dead_letters=tally.dead_letters,
        late=tally.late,
        newest=tuple(tally.newest),
    )
    if parts.progress is None:
        return found
    last = parts.progress.last
    return replace(found, sent=last.sent, read=last.read, lag=last.lag, rate=parts.progress.rate())


def summary(parts: Parts, ended: str, clock: Clock, exact: bool = True) -> Summary:
    """The end; ``exact`` when all counts are of the same records."""
    tally = parts.tally
    read = parts.progress.last.read if parts.progress else 0
    active = clock.active_seconds()
    return Summary(
        detector=naming.prefix(parts.detector),
        ended=ended,
        seconds=time.monotonic() - clock.began,
        records_in=read,
        dead_letters=tally.dead_letters,
        duplicates=parts.job.counted.get("duplicates", 0),
        late=tally.late,
        alerts=tally.alerts,
        rules=[
            RuleCount(rule.name, rule.severity.value, rule.mode.value, tally.by_rule[rule.name]) for rule in tally.rules
        ],
        events_per_second=read / active if active > 0 else 0.0,
        outputs=_output_counts(parts.detector, parts.results.records) if parts.files else {},
        files=list(parts.files.paths) if parts.files else [],
        indices=parts.indexing.counted(tally.refused) if parts.indexing else [],
        unknown=tally.unknown.counts(),
        not_indexed=parts.indexing.failure if parts.indexing else "",
        reasons=tally.reasons.most(_MOST_REASONS),
        exact=exact,
        warnings=january_1970(parts.newest_times),
    )


def january_1970(newest: Mapping[str, int]) -> list[str]:
    """What to say of streams whose event times all lie in the first month of the epoch.

    Args:
        newest: each stream's newest event time, in milliseconds since 1970.
    """
    return [
        f"all event times of stream '{stream}' lie in January 1970: eventTime.format may declare a unit finer than "
        "that of the records, such as EpochMillis for seconds"
        for stream, time in newest.items()
        if 0 <= time < _JANUARY_1970_MS
    ]


def _output_counts(detector: FraudDetector, records: Mapping[str, int]) -> dict[str, int]:
    return {output.name: records.get(output.topic_name, 0) for output in detector.spec.outputs}
