"""Nothing is lost by any fault; docs/chaos.md has how long each took."""

from collections.abc import Mapping

import pytest
from chaos.faults import FAULTS, Fault
from chaos.results import Result

pytestmark = pytest.mark.chaos


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_survived_without_a_loss(results: Mapping[str, Result], fault: Fault) -> None:
    found = results[fault.name]
    assert not found.problems(), "\n".join(found.problems())
    if not found.rounds:
        pytest.skip(found.left_out)
