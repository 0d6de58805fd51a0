"""Many random cases, one seed after the other, until the time is over or something is wrong."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from differential import shrink
from differential.case import Case
from differential.random_detectors import random_case
from differential.trial import Verdict, judge
from harness.lab import Lab

OFTEN = 20
"""So many detectors are worth a line."""
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
        rows: rows and records of outputs that were compared.
        faults: descriptions of what went wrong, with the directory of the small case.
    """

    detectors: int = 0
    rules: int = 0
    open: int = 0
    slots: int = 0
    rows: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count a case."""
        self.detectors += 1
        self.rules += len(verdict.outcome.rules)
        self.open += verdict.open
        self.slots += verdict.slots
        self.rows += verdict.rows

    def __str__(self) -> str:
        return (
            f"{self.detectors} detectors with {self.rules} rules ({self.open} of them left open), {self.slots} alerts"
            f" and {self.rows} rows of outputs compared, {len(self.faults)} faults"
        )


def campaign(lab: Lab, seed: int, seconds: float, shrinking: float, say: Callable[[str], None] = print) -> Tally:
    """Try seeds from ``seed`` on for so many seconds; each fault is shrunk for so many more."""
    tally = Tally()
    deadline = time.monotonic() + seconds
    say(f"seeds from {seed} on")
    while len(tally.faults) < MOST_FAULTS and time.monotonic() < deadline:
        wrong = None
        for verdict in judge(lab, _cases(seed, deadline)):
            seed = verdict.case.seed + 1
            tally.add(verdict)
            if verdict.wrong:
                wrong = verdict
                break
            if tally.detectors % OFTEN == 0:
                say(f"up to seed {verdict.case.seed}: {tally}")
        if wrong:
            # those that ran beside it are tried again
            tally.faults.append(_told(lab, wrong, shrinking))
            say(tally.faults[-1])
    say(f"up to seed {seed - 1}: {tally}")
    return tally


def _cases(seed: int, deadline: float) -> Iterator[Case]:
    while time.monotonic() < deadline:
        yield random_case(seed)
        seed += 1


def _told(lab: Lab, verdict: Verdict, seconds: float) -> str:
    directory = Path(tempfile.mkdtemp(prefix=f"differential-{verdict.case.seed}-"))
    shrink.write(verdict, directory / "as-it-was")
    small = shrink.Shrinker(lab, verdict, seconds).shrink()
    shrink.write(small, directory)
    first = small.wrong[0]
    return (
        f"seed {verdict.case.seed}: {first.owner}: {first.what}\n"
        f"  {len(verdict.wrong)} in all; small ({small.size()}): make soak CASE={directory}"
    )
