"""The five detectors on generated traffic: what they write is what the oracles say, and finds what was planted."""

from collections.abc import Callable, Sequence

import pytest
from harness import agreement
from harness.detectors import manifest
from harness.kafka import Message, Record
from harness.lab import Lab, Results
from harness.rough import rough
from harness.scores import Score, scores
from oracle.detectors import ORACLES, expected, traffic
from oracle.expected import Expected

pytestmark = pytest.mark.integration

SEEDS = (1, 2, 3)
KEYS = {"customer-risk": "customer_id", "fraud-dashboard": "minute"}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ORACLES)
def test_writes_what_the_oracle_says(lab: Lab, name: str, seed: int, record_scores: Callable[[list[Score]], None]):
    made = traffic(name, seed)
    assert made.out_of_order() > len(made.records) / 100

    results = lab.run_to_end(manifest(name), made.to_send)

    assert_agrees(results, made.to_send)
    rules = [rule.name for rule in results.detector.spec.rules]
    found = scores(name, rules, seed, made.labels, [message.json() for message in results.alerts])
    record_scores(found)
    assert all(score.episodes > 0 for score in found)
    assert all(score.recall == 1.0 for score in found), found
    assert all(score.precision >= 0.95 for score in found), found


@pytest.mark.parametrize("name", ORACLES)
def test_keeps_to_its_edges(lab: Lab, name: str):
    records = rough(name, seed=1)

    results = lab.run_to_end(manifest(name), records)

    assert_agrees(results, records)


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
