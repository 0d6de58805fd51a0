"""Every situation of the cookbook, several in a job: the alerts are those that were worked out by hand."""

from pathlib import Path

import pytest
from harness.cookbook import SITUATIONS, records, situation, together, told
from harness.events import alerts
from harness.flink import Flink
from harness.kafka import Broker
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration


# a detector has 16 streams at most, a situation two
IN_A_JOB = 8
GROUPS = [SITUATIONS[first : first + IN_A_JOB] for first in range(0, len(SITUATIONS), IN_A_JOB)]


@pytest.fixture(scope="module")
def found(kafka: Broker, warm_flink: Flink) -> dict[str, Results]:
    """What came of every situation, by its name."""
    lab = Lab(kafka, warm_flink)
    results = [
        lab.run_to_end(together(folders), [one for folder in folders for one in records(folder)]) for folders in GROUPS
    ]
    return {folder.name: one for folders, one in zip(GROUPS, results, strict=True) for folder in folders}


@pytest.mark.parametrize("folder", SITUATIONS, ids=lambda folder: folder.name)
def test_finds_what_the_cookbook_says(found: dict[str, Results], folder: Path) -> None:
    rules = [rule.name for rule in situation(folder).spec.rules]
    shown = [
        {
            "rule": rule,
            "entity": alert["entity"]["id"],
            "event_time": alert["event_time"],
            "reason": alert["reason"],
            "ids": alert["evidence"]["ids"],
        }
        for rule in rules
        for alert in alerts(found[folder.name], rule)
    ]
    assert shown == told(folder)


@pytest.mark.parametrize("folder", [folders[0] for folders in GROUPS], ids=lambda folder: folder.name)
def test_no_event_of_the_cookbook_is_late_or_refused(found: dict[str, Results], folder: Path) -> None:
    results = found[folder.name]
    assert results.late == []
    assert [name for name, messages in results.topics.items() if name.endswith("dead-letters") and messages] == []
