"""Random detectors over random events: what the engine writes is what the documentation says.

As a part of ``make test`` this takes two minutes, always of the same seeds: what fails there fails because of a change
and not because of the day. ``make soak`` takes others, for hours. See CONTRIBUTING.md on what to do with a failure.
"""

import os
from pathlib import Path

import pytest
from differential import finding, shrink
from differential.campaign import campaign
from differential.case import read
from differential.faults import FAULTS
from differential.trial import judge
from harness.lab import Lab

pytestmark = pytest.mark.integration

SEED = int(os.environ.get("DIFFERENTIAL_SEED") or 1)
SECONDS = 60 * float(os.environ.get("DIFFERENTIAL_MINUTES") or 2)
CASE = os.environ.get("DIFFERENTIAL_CASE") or None
FAULTY = bool(os.environ.get("DIFFERENTIAL_FAULTS"))
SHRINKING = 120.0
"""Seconds."""


@pytest.mark.timeout(SECONDS + 1800)
@pytest.mark.skipif(
    CASE is not None or FAULTY, reason="make soak CASE=DIRECTORY and make faults run other tests of this file"
)
def test_random_detectors_tell_what_they_must(lab: Lab) -> None:
    tally = campaign(lab, SEED, SECONDS, SHRINKING)
    assert not tally.faults, "\n".join(tally.faults)
    assert tally.slots > tally.detectors


@pytest.mark.skipif(CASE is None, reason="make soak CASE=DIRECTORY runs one case again; there is none in a usual run")
def test_a_case_again(lab: Lab) -> None:
    directory = Path(CASE or "")
    (verdict,) = judge(lab, [read(directory)])
    shrink.write(verdict, directory)
    assert not verdict.wrong, "\n".join(f"{one.owner}: {one.what}" for one in verdict.wrong)


@pytest.mark.timeout(900)
@pytest.mark.skipif(
    not FAULTY, reason="make faults puts old faults back one by one, which takes longer than a usual run has"
)
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_is_put_back_is_found(lab: Lab, name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    found = finding.find(lab, fault)
    assert found, f"{finding.TRIES} detectors from seed {fault.seed} on do not show it"
    small = finding.made_small(lab, fault, found, SHRINKING, tmp_path)
    print(f"{name}: seed {found.case.seed}, {len(found.wrong)} differences; small: {small.size()}")
    assert finding.again(lab, fault, tmp_path).wrong
    assert not finding.again(lab, None, tmp_path).wrong
