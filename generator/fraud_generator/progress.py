"""How far a run has come, and when to tell."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fraud_generator.sinks import Counts

Stop = Callable[[], bool] | threading.Event


@dataclass(frozen=True)
class Progress:
    """Records of a run so far, faults and closing records among them."""

    sent: int = 0
    """Handed to the target."""
    acknowledged: int = 0
    """Known to be stored there; what is neither this nor failed is on its way."""
    failed: int = 0
    """Known to be lost."""
    seconds: float = 0.0
    connected: bool = True
    """False while a broker is away."""
    stopped: bool = False
    """Whether the run was stopped before its end."""

    @property
    def rate(self) -> float:
        """Records sent a second, over the whole run."""
        return self.sent / self.seconds if self.seconds > 0 else 0.0


def total(parts: Iterable[Progress]) -> Progress:
    """The progress of several processes taken together."""
    every = list(parts)
    return Progress(
        sent=sum(part.sent for part in every),
        acknowledged=sum(part.acknowledged for part in every),
        failed=sum(part.failed for part in every),
        seconds=max((part.seconds for part in every), default=0.0),
        connected=all(part.connected for part in every),
        stopped=any(part.stopped for part in every),
    )


class Reporter:
    """Watches the clock and the wish to stop while a run works or waits."""

    def __init__(
        self,
        counts: Callable[[], Counts],
        stop: Stop | None,
        report: Callable[[Progress], None] | None,
        every: float,
        clock: Callable[[], float],
    ) -> None:
        """``every`` is in seconds of ``clock``."""
        self._counts = counts
        self._stop = stop.is_set if isinstance(stop, threading.Event) else stop
        self._report = report
        self._every = every
        self._clock = clock
        self._begin = self._last = clock()
        self.stopped = False

    def tick(self) -> bool:
        """Report when it is time; True when the run must stop, from then on for ever."""
        if self._report and self._clock() - self._last >= self._every:
            self._last = self._clock()
            self._report(self.now())
        self.stopped = self.stopped or (self._stop is not None and self._stop())
        return self.stopped

    def now(self) -> Progress:
        """The progress at this moment."""
        counts = self._counts()
        seconds = self._clock() - self._begin
        return Progress(counts.sent, counts.acknowledged, counts.failed, seconds, counts.connected, self.stopped)
