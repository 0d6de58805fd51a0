"""Durations that Flink can keep: lengths that become intervals have a bound, and so has haste."""

from collections.abc import Iterator

from fraud_api.base import LONGEST_DAYS, milliseconds
from fraud_api.problems import Place
from fraud_api.rules import Rule, Window
from fraud_api.validation.report import SPEC, Report

_DAY = 86_400_000
_LONGEST = LONGEST_DAYS * _DAY
_BRIEFEST_CHECKPOINT = 10
"""Milliseconds; Flink refuses a shorter time between two checkpoints."""


def check(report: Report) -> None:
    """Check the durations that become intervals, and the time between checkpoints."""
    for place, duration in _intervals(report):
        if duration is not None and milliseconds(duration) > _LONGEST:
            report.add(place, f"{duration} is too long: Flink counts at most {LONGEST_DAYS}d here")
    interval = report.spec.flink.checkpoints.interval
    if milliseconds(interval) < _BRIEFEST_CHECKPOINT:
        place = SPEC.field("flink").field("checkpoints").field("interval")
        report.add(place, f"{interval} is too short: Flink takes no checkpoints more often than every 10ms")


def _intervals(report: Report) -> Iterator[tuple[Place, str | None]]:
    for index, stream in enumerate(report.spec.streams):
        place = SPEC.field("streams").item(index, stream.name).field("eventTime")
        yield place.field("outOfOrderness"), stream.event_time.out_of_orderness
    for index, rule in enumerate(report.spec.rules):
        yield from _of_rule(report.rule_place(index, rule).field(rule.kind), rule)


def _of_rule(place: Place, rule: Rule) -> Iterator[tuple[Place, str | None]]:
    if rule.velocity:
        yield place.field("within"), rule.velocity.within
    if rule.sequence:
        yield place.field("within"), rule.sequence.within
    if rule.join:
        yield place.field("before"), rule.join.before
        yield place.field("after"), rule.join.after
    if rule.window:
        yield from _of_window(place, rule.window)


def _of_window(place: Place, kind: Window) -> Iterator[tuple[Place, str | None]]:
    for name in ("tumble", "hop", "session", "cumulate"):
        shape = getattr(kind, name)
        for field in ("size", "slide", "gap", "step"):
            yield place.field(name).field(field), getattr(shape, field, None)
