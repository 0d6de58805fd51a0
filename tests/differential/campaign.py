"""Many random cases, one seed after the other, until the time is over or something is wrong."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from differential import shrink
from differential.random_detectors import random_case
from differential.trial import Verdict, judge
from harness.lab import Lab

ABREAST = 3
"""Detectors that run at a time: the cluster has slots for four."""
MOST_FAULTS = 5
"""Then it is enough for one campaign."""


@dataclass
class Tally:
    """What a campaign did.

    Attributes:
        detectors: cases that ran.
        rules: rules in them.
        open: rules that the documentation leaves open for their input.
        slots: alerts that were compared.
        faults: descriptions of what went wrong, with the directory of the small case.
    """

    detectors: int = 0
    rules: int = 0
    open: int = 0
    slots: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count a case."""
        self.detectors += 1
        self.rules += len(verdict.outcome.rules)
        self.open += verdict.open
        self.slots += verdict.slots

    def __str__(self) -> str:
        return (
            f"{self.detectors} detectors with {self.rules} rules ({self.open} of them left open), {self.slots} alerts"
            f" compared, {len(self.faults)} faults"
        )


def campaign(lab: Lab, seed: int, seconds: float, shrinking: float, say: Callable[[str], None] = print) -> Tally:
    """Try seeds from ``seed`` on for so many seconds; each fault is shrunk for so many more."""
    tally = Tally()
    deadline = time.monotonic() + seconds
    say(f"seeds from {seed} on")
    for batch in _batches(seed):
        for verdict in judge(lab, [random_case(one) for one in batch]):
            tally.add(verdict)
            if verdict.wrong:
                tally.faults.append(_told(lab, verdict, shrinking))
                say(tally.faults[-1])
        say(f"up to seed {batch[-1]}: {tally}")
        if time.monotonic() > deadline or len(tally.faults) >= MOST_FAULTS:
            break
    return tally


def _batches(seed: int) -> Iterator[list[int]]:
    while True:
        yield list(range(seed, seed + ABREAST))
        seed += ABREAST


def _told(lab: Lab, verdict: Verdict, seconds: float) -> str:
    directory = Path(tempfile.mkdtemp(prefix=f"differential-{verdict.case.seed}-"))
    shrink.write(verdict, directory / "as-it-was")
    small = shrink.Shrinker(lab, verdict, seconds).shrink()
    shrink.write(small, directory)
    first = small.wrong[0]
    return f"seed {verdict.case.seed}: {first.owner}: {first.what}\n  {len(verdict.wrong)} in all; small: {directory}"
