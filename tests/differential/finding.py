"""Whether random detectors find a fault that is put back, and make a small case of it."""

from pathlib import Path

from differential import shrink
from differential.case import read
from differential.faults import Fault
from differential.random_detectors import random_case
from differential.trial import Verdict, judge
from harness.lab import Lab

TRIES = 8
"""Detectors that are tried at most."""


def find(lab: Lab, fault: Fault) -> Verdict | None:
    """The first case that goes wrong while the fault is in the product."""
    with fault.put_back():
        for seed in range(fault.seed, fault.seed + TRIES):
            (verdict,) = judge(lab, [random_case(seed, fault.profile)])
            if verdict.wrong:
                return verdict
    return None


def made_small(lab: Lab, fault: Fault, found: Verdict, seconds: float, directory: Path) -> Verdict:
    """The case made small, as it lies in a directory; whoever reads it there finds the fault again."""
    with fault.put_back():
        small = shrink.Shrinker(lab, found, seconds).shrink()
    shrink.write(small, directory)
    return small


def again(lab: Lab, fault: Fault | None, directory: Path) -> Verdict:
    """What becomes of the case in a directory, with the fault in the product or without."""
    if fault is None:
        (verdict,) = judge(lab, [read(directory)])
        return verdict
    with fault.put_back():
        return again(lab, None, directory)
