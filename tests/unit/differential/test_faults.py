"""Faults that are put back: each changes what is compiled, and is gone afterwards."""

import pytest
from differential.faults import FAULTS
from differential.random_detectors import random_case

from fraud_job.compiler import compile_detector


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_in_the_product_as_long_as_it_is_put_back(name: str) -> None:
    fault = FAULTS[name]
    detector = random_case(fault.seed, fault.profile).detector()
    right = compile_detector(detector).text()
    with fault.put_back():
        assert compile_detector(detector).text() != right
    assert compile_detector(detector).text() == right
