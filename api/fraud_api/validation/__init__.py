"""What types can't say: names that mean nothing, contradictions, state without a bound."""

from fraud_api.problems import Finding
from fraud_api.resource import FraudDetector
from fraud_api.validation import (
    durations,
    flink,
    names,
    outputs,
    panels,
    parameters,
    partners,
    pods,
    rules,
    streams,
    topics,
    views,
)
from fraud_api.validation.report import Report

CHECKS = (
    names.check,
    streams.check,
    views.check,
    parameters.check,
    durations.check,
    rules.check,
    outputs.check,
    partners.check,
    panels.check,
    topics.check,
    flink.check,
    pods.check,
)


def validate(detector: FraudDetector, broken: frozenset[str] = frozenset()) -> list[Finding]:
    """Everything wrong with a well-typed detector.

    Args:
        detector: what to check; nothing is read or written.
        broken: what was left out of it because it is wrong in itself: names of streams, views, rules, outputs and
            parameters, and sections such as ``spec.rules`` that lost nameless ones. What refers to them is not blamed.
    """
    report = Report(detector, broken)
    for check in CHECKS:
        check(report)
    return list(dict.fromkeys(report.findings))


__all__ = ["validate"]
