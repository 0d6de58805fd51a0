"""Who is looked at when: one look at a time for each detector, a bounded number for all."""

import asyncio
import heapq
import logging
from collections.abc import Awaitable, Callable

from fraud_operator.health import Pulse
from fraud_operator.metrics import IN_PROGRESS, QUEUED
from fraud_operator.names import Key

Look = Callable[[Key], Awaitable[float | None]]
"""Looks at a detector; seconds until the next time, None for never."""

LONGEST_LOOK_SECONDS = 900.0
"""All that a look waits for has a time limit of its own; together they are shorter than this."""

_LONGEST_WAIT_SECONDS = 60.0

logger = logging.getLogger(__name__)


class WorkQueue:
    """Detectors and when they are due."""

    def __init__(
        self, look: Look, workers: int, open_: Callable[[], bool] = lambda: True, pulse: Pulse | None = None
    ) -> None:
        """At most ``workers`` looks at once, and none while ``open_`` says no; ``pulse`` hears that it lives."""
        self._look = look
        self._pulse = pulse or Pulse()
        self._workers = workers
        self._open = open_
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []
        self._working: dict[Key, asyncio.Task[None]] = {}
        self._again: set[Key] = set()
        self._wake = asyncio.Event()

    def add(self, key: Key, delay: float = 0.0) -> None:
        """Have a look at a detector after ``delay`` seconds, or earlier where that was asked for."""
        if key in self._working and delay <= 0:
            self._again.add(key)
            return
        due = asyncio.get_running_loop().time() + delay
        if due < self._due.get(key, float("inf")):
            self._due[key] = due
            heapq.heappush(self._heap, (due, key))
            self._wake.set()

    def known(self, key: Key) -> bool:
        """Whether a detector will be looked at some time."""
        return key in self._due or key in self._working

    async def run(self) -> None:
        """Look, until cancelled."""
        while True:
            self._wake.clear()
            wait = self._start_due()
            self._pulse.beat("the queue", 2 * _LONGEST_WAIT_SECONDS)
            QUEUED.set(sum(1 for due in self._due.values() if due <= asyncio.get_running_loop().time()))
            try:
                await asyncio.wait_for(self._wake.wait(), wait)
            except TimeoutError:
                continue

    def _start_due(self) -> float:
        """Start what is due; seconds until the next may be: never so long that the loop would count as dead."""
        now = asyncio.get_running_loop().time()
        while self._heap:
            due, key = self._heap[0]
            if self._due.get(key) != due:  # it was asked for earlier
                heapq.heappop(self._heap)
            elif due > now:
                return min(due - now, _LONGEST_WAIT_SECONDS)
            elif key in self._working:
                heapq.heappop(self._heap)
                del self._due[key]
                self._again.add(key)
            elif len(self._working) >= self._workers or not self._open():
                return 1.0
            else:
                heapq.heappop(self._heap)
                del self._due[key]
                self._working[key] = asyncio.create_task(self._work(key))
                IN_PROGRESS.set(len(self._working))
        return _LONGEST_WAIT_SECONDS

    async def _work(self, key: Key) -> None:
        wait: float | None = 60.0
        self._pulse.beat(f"a look at {key}", LONGEST_LOOK_SECONDS)
        try:
            wait = await self._look(key)
        except Exception:
            logger.exception("a look failed")
        finally:
            self._pulse.end(f"a look at {key}")
            del self._working[key]
            IN_PROGRESS.set(len(self._working))
            again = key in self._again
            self._again.discard(key)
            if again or wait is not None:
                self.add(key, 0.0 if again else wait or 0.0)
            self._wake.set()
