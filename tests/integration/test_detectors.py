"""The five detectors on generated traffic: what they write is what the oracles say, and finds what was planted."""

from collections.abc import Callable

import pytest
from harness.detectors import manifest
from harness.lab import Lab
from harness.rough import coarse, rough
from harness.scores import Score, scores
from harness.verdict import assert_agrees
from oracle.detectors import ORACLES, traffic

pytestmark = pytest.mark.integration

SEEDS = (1, 2, 3)


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


@pytest.mark.parametrize("name", ORACLES)
def test_takes_clocks_of_whole_seconds(lab: Lab, name: str):
    records = coarse(name, traffic(name, seed=1).to_send)

    results = lab.run_to_end(manifest(name), records)

    assert_agrees(results, records)
