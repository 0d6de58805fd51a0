"""The five detectors on generated traffic: what they write is what the oracles say, and finds what was planted."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from harness.detectors import manifest
from harness.kafka import Record
from harness.lab import Lab
from harness.rough import rough
from harness.scores import Score, scores
from harness.verdict import ORACLES, assert_agrees

from fraud_generator import Settings, generate

pytestmark = pytest.mark.integration

SEEDS = (1, 2, 3)


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
