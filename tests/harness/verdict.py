"""Whether everything that one of the five detectors has written is what its oracle says."""

from collections.abc import Sequence

from harness import agreement
from harness.kafka import Message, Record
from harness.lab import Results
from oracle.detectors import expected
from oracle.expected import Expected

KEYS = {"customer-risk": "customer_id", "fraud-dashboard": "minute"}


def assert_agrees(results: Results, records: Sequence[Record]) -> None:
    """Nothing refused, nothing late, and everything written is what the oracle says."""
    assert not [message for stream in results.detector.spec.streams for message in results.dead_letters(stream.name)]
    assert not results.late
    wanted = expected(results.detector.metadata.name, records, results.detector.metadata.namespace)
    assert wanted.alerts
    problems = differences(results, wanted)
    assert not problems, "\n".join(problems)


def differences(results: Results, wanted: Expected) -> list[str]:
    """Between everything that a job has written and what it must have."""
    told = agreement.alerts(results.detector.metadata.namespace, results.alerts, wanted.alerts)
    for output in results.detector.spec.outputs:
        told += _of_output(output.name, results.output(output.name), wanted)
    if wanted.blocked:
        told += agreement.rows("blocked", results.blocked, wanted.blocked.values())
        keys = (f"customer/{who}" for who in wanted.blocked)
        told += agreement.differences("keys of blocked", ((m.key or b"").decode() for m in results.blocked), keys)
    return told


def _of_output(name: str, messages: Sequence[Message], wanted: Expected) -> list[str]:
    if name in wanted.unchanged:
        return agreement.differences(name, (repr(m.value) for m in messages), map(repr, wanted.unchanged[name]))
    if name in wanted.appended:
        return agreement.rows(name, messages, wanted.appended[name])
    return agreement.latest(name, messages, wanted.latest[name].values(), KEYS[name])
