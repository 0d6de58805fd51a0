"""What detectors compile to, statement by statement; `make golden` accepts a change."""

from pathlib import Path

import pytest
from golden.renew import HERE, KINDS, MANIFESTS, cases, sql


@pytest.mark.parametrize(("detector", "golden"), cases(), ids=lambda path: path.name)
def test_compiles_to_the_golden_sql(detector: Path, golden: Path) -> None:
    assert sql(detector) == golden.read_text()


def test_no_golden_file_is_left_over() -> None:
    assert {*HERE.glob("*.sql"), *KINDS.glob("*.sql")} == {golden for _, golden in cases()}
    assert len(list(MANIFESTS.glob("*.yaml"))) == 5
