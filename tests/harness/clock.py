"""What a run of the tests may still begin, where it has to end by a given time."""

import math
import os
import time
from collections.abc import Callable, Mapping

VARIABLE = "FRAUD_TESTS_UNTIL"
"""When the run has to have ended, in seconds since 1970; without it, it may take as long as it likes."""


class Clock:
    """The time that is left.

    Attributes:
        ends: whether there is an end at all.
    """

    def __init__(self, until: float = math.inf, now: Callable[[], float] = time.time) -> None:
        """Until then, in seconds since 1970."""
        self.ends = until < math.inf
        self._until = until
        self._now = now

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> "Clock":
        """The end that the environment gives."""
        return cls(float(environ.get(VARIABLE) or math.inf))

    def left(self) -> float:
        """Seconds."""
        return self._until - self._now()

    def forbids(self, what: str, seconds: float) -> str:
        """Why something that takes so long can't begin any more; empty where it can."""
        left = self.left()
        if left >= seconds:
            return ""
        return f"the clock: {what} may take {seconds / 60:.0f} minutes, and {max(0.0, left) / 60:.0f} are left"
