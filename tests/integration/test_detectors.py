"""The five detectors on generated traffic: what they write is what the oracles say, and finds what was planted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from harness import agreement
from harness.detectors import manifest
from harness.kafka import Message, Record
from harness.lab import Lab, Results
from harness.rough import rough
from harness.scores import Score, scores
from oracle import accounts, ad_clicks, bank, payments, transactions
from oracle.events import Streams
from oracle.expected import Expected

from fraud_generator import Settings, generate

pytestmark = pytest.mark.integration

SEEDS = (1, 2, 3)
ORACLES: dict[str, Callable[[Streams, str], Expected]] = {
    "transactions": lambda streams, _: transactions.expected(streams),
    "accounts": lambda streams, _: accounts.expected(streams),
    "bank": bank.expected,
    "payments": lambda streams, _: payments.expected(streams),
    "ad-clicks": lambda streams, _: ad_clicks.expected(streams),
}
KEYS = {"customer-risk": "customer_id", "fraud-dashboard": "minute"}


@dataclass(frozen=True)
class Traffic:
    """What the generator made."""

    records: Sequence[Any]
    labels: Sequence[Any]

    @property
    def to_send(self) -> list[Record]:
        return [(record.stream, record.partition, record.key, record.value) for record in self.records]

    def out_of_order(self) -> int:
        """Records that come behind a later one of their partition."""
        newest: dict[tuple[str, int], int] = {}
        behind = 0
        for record in self.records:
            place = record.stream, record.partition
            behind += record.event_time_ms < newest.get(place, 0)
            newest[place] = max(record.event_time_ms, newest.get(place, 0))
        return behind


def traffic(name: str, seed: int) -> Traffic:
    batches = list(generate(name, Settings(seed=seed)))
    return Traffic(
        [record for batch in batches for record in batch.records],
        [label for batch in batches for label in batch.labels],
    )


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
    streams: dict[str, list[bytes]] = {}
    for stream, _, _, value in records:
        streams.setdefault(stream, []).append(value or b"")
    wanted = ORACLES[results.detector.metadata.name](streams, results.detector.metadata.namespace)
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
