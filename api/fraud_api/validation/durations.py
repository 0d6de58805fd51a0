"""Durations that Flink can keep: there is a bound to haste."""

from fraud_api.base import milliseconds
from fraud_api.validation.report import SPEC, Report

_BRIEFEST_CHECKPOINT = 10
"""Milliseconds; Flink refuses a shorter time between two checkpoints."""


def check(report: Report) -> None:
    """Check the time between checkpoints."""
    interval = report.spec.flink.checkpoints.interval
    if milliseconds(interval) < _BRIEFEST_CHECKPOINT:
        place = SPEC.field("flink").field("checkpoints").field("interval")
        report.add(place, f"{interval} is too short: Flink takes no checkpoints more often than every 10ms")
