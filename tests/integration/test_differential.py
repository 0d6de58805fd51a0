"""Random detectors over random events: what the engine writes is what the documentation says.

See CONTRIBUTING.md on how to run one seed, or for hours.
"""

import os
from pathlib import Path

import pytest
from differential import shrink
from differential.campaign import campaign
from differential.case import read
from differential.trial import judge
from harness.lab import Lab

pytestmark = pytest.mark.integration

SEED = int(os.environ.get("DIFFERENTIAL_SEED") or 1)
SECONDS = 60 * float(os.environ.get("DIFFERENTIAL_MINUTES") or 0)
CASE = os.environ.get("DIFFERENTIAL_CASE") or None
SHRINKING = 180.0


@pytest.mark.timeout(SECONDS + 1800)
@pytest.mark.skipif(CASE is not None or not SECONDS, reason="run by make soak")
def test_random_detectors_tell_what_they_must(lab: Lab) -> None:
    tally = campaign(lab, SEED, SECONDS, SHRINKING)
    assert not tally.faults, "\n".join(tally.faults)
    assert tally.slots > tally.detectors


@pytest.mark.skipif(CASE is None, reason="no case was asked for")
def test_a_case_again(lab: Lab) -> None:
    directory = Path(CASE or "")
    (verdict,) = judge(lab, [read(directory)])
    shrink.write(verdict, directory)
    assert not verdict.wrong, "\n".join(f"{one.owner}: {one.what}" for one in verdict.wrong)
