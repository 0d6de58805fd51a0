"""All faults strike before the first test; the tests then say what became of each."""

import os
import time
from collections.abc import Mapping
from typing import Any

import pytest
from bench.report import machine
from chaos import table
from chaos.faults import FAULTS, heal_what_was_left, only
from chaos.results import Result
from chaos.runner import Campaign
from harness.clock import Clock
from harness.cluster import ROOT, Cluster
from harness.kafka import Broker
from harness.kind import clock as clock
from harness.kind import cluster as cluster
from harness.kind import kafka as kafka

STARTED = time.time()
MINUTES = float(os.environ.get("CHAOS_MINUTES", "60"))
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "5"))
SOME = os.environ.get("CHAOS_FAULTS", "").split()
"""Faults to strike; all where none is named."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    try:
        only(SOME)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    for item in items:
        if item.get_closest_marker("chaos"):
            # the first of them waits for everything to have happened
            item.add_marker(pytest.mark.timeout(func_only=True))


@pytest.fixture(scope="session")
def results(cluster: Cluster, kafka: Broker) -> Mapping[str, Result]:
    """What became of each fault; of a run of all of them it is in docs/chaos.md by then."""
    about: dict[str, Any] = {"machine": machine(), "minutes": MINUTES, "rounds": ROUNDS}
    heal_what_was_left(cluster)
    campaign = Campaign(cluster, kafka, Clock(STARTED + MINUTES * 60), ROUNDS, _tell)
    unasked = {fault.name: Result(fault.what, left_out="not asked for") for fault in FAULTS}
    return unasked | campaign.run(only(SOME), lambda found: _write(found, about))


def _write(found: Mapping[str, Result], about: Mapping[str, Any]) -> None:
    if not SOME:
        table.write(ROOT / "docs", found, about)


def _tell(line: str) -> None:
    print(f"chaos: {(time.time() - STARTED) / 60:5.1f} min  {line}", flush=True)
