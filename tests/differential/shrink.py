"""From a case that goes wrong to a small one that goes wrong in the same way."""

import itertools
import json
import time
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path

from differential.case import Case
from differential.compare import Mismatch
from differential.smaller import WAYS, Way, alone
from differential.trial import ABREAST, JOB, Verdict, judge
from harness.lab import Lab

from fraud_api import InvalidDetector


class Shrinker:
    """Makes a case small while the same thing stays wrong with it.

    Attributes:
        best: the smallest so far, with what became of it.
    """

    def __init__(self, lab: Lab, wrong: Verdict, seconds: float) -> None:
        self._lab = lab
        self._deadline = time.monotonic() + seconds
        self._fault = _fault(wrong.wrong[0])
        self.best = wrong

    def shrink(self) -> Verdict:
        """The smallest case that was found in time."""
        self._try(_usable(alone(self.best.case, self._fault[0])))
        for way in WAYS:
            while self._smaller_by(way):
                pass
        return self.best

    def _smaller_by(self, way: Way) -> bool:
        """Whether a way led to a smaller case; it then begins anew."""
        candidates = _usable(way(self.best.case))
        while batch := list(itertools.islice(candidates, ABREAST)):
            if time.monotonic() > self._deadline:
                return False
            if self._try(batch):
                return True
        return False

    def _try(self, cases: Iterable[Case]) -> bool:
        for verdict in judge(self._lab, cases):
            if any(_fault(one) == self._fault for one in verdict.wrong):
                self.best = verdict
                return True
        return False


def _fault(mismatch: Mismatch) -> tuple[str, str]:
    """What stays the same while a case shrinks: whose fault it is; of a job, whether it starts at all."""
    return mismatch.owner, mismatch.what[:14] if mismatch.owner == JOB else ""


def _usable(cases: Iterable[Case]) -> Iterator[Case]:
    for case in cases:
        try:
            case.detector()
        except InvalidDetector:
            continue
        yield case


def write(verdict: Verdict, directory: Path) -> None:
    """Everything about a case that goes wrong: detector, records, what must come, what came, what is wrong."""
    verdict.case.write(directory)
    _dump(directory / "expected.json", verdict.expected())
    if verdict.got:
        got = {
            "alerts": list(verdict.got.alerts),
            "late": sorted(verdict.got.late.elements()),
            "dead letters": sorted(verdict.got.refused.elements()),
            "outputs": {name: [(one or b"").decode() for one in rows] for name, rows in verdict.got.outputs.items()},
            "block list": list(verdict.got.blocked),
        }
        _dump(directory / "got.json", got)
    (directory / "wrong.txt").write_text("".join(f"{one.owner}: {one.what}\n" for one in verdict.wrong))


def _dump(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, default=_number) + "\n")


def _number(value: object) -> object:
    """A decimal as the nearest number that JSON's writer knows; wrong.txt has it to the digit."""
    return float(value) if isinstance(value, Decimal) else str(value)
