"""The templates that detectors become; `make golden` accepts a change."""

from pathlib import Path

import pytest
from golden.renew import INDICES, MANIFESTS, indices


@pytest.mark.parametrize("detector", sorted(MANIFESTS.glob("*.yaml")), ids=lambda path: path.stem)
def test_becomes_the_golden_templates(detector: Path):
    assert indices(detector) == (INDICES / f"{detector.stem}.json").read_text()


def test_no_golden_file_is_left_over():
    assert {path.stem for path in INDICES.glob("*.json")} == {path.stem for path in MANIFESTS.glob("*.yaml")}
