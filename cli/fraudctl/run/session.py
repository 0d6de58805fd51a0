"""One run, from its start to its summary."""

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import TypeVar

from fraudctl.broker import patiently
from fraudctl.errors import FraudctlError, MachineError, UserError
from fraudctl.interrupts import EXIT_CODE, Interrupted, Interrupts
from fraudctl.run.background import in_background, wait_for
from fraudctl.run.health import Health
from fraudctl.run.options import RunOptions
from fraudctl.run.parts import Parts
from fraudctl.run.report import Clock, facts, state, summary
from fraudctl.run.state import Summary
from fraudctl.runtime.job import NotStopped
from fraudctl.runtime.kafka import EmbeddedKafka
from fraudctl.views import View

T = TypeVar("T")

_POLL_SECONDS = 0.1
_SETTLE_SECONDS = 20.0
_COLLECT_SECONDS = 120.0
_STOP_SECONDS = 120.0
_BREAK_OFF_SECONDS = 8.0
_LOST_SECONDS = 5.0
_MOST_RESTARTS = 3
_MOST_FAILURES = 5


class Session:
    """Starts the parts of a run, watches them, ends them and says how it went.

    Slow work happens in the background; this thread keeps the view fresh and hears Ctrl-C.
    """

    def __init__(self, options: RunOptions, parts: Parts, view: View) -> None:
        """Nothing is started yet."""
        self._options = options
        self._parts = parts
        self._view = view
        self._interrupts = Interrupts()
        self._clock = Clock()
        self._phase = "starting"
        self._kafka_restarts = 0
        self._told_lost = False

    def execute(self) -> int:
        """Run to the end; returns the exit code. Raises FraudctlError when that can't be."""
        with ExitStack() as stack:
            stack.callback(self._parts.close)
            stack.callback(self._view.close)
            stack.enter_context(self._interrupts)
            try:
                self._start()
                found = self._finish(self._watch())
            except Interrupted:
                self._break_off()
                return EXIT_CODE
            except FraudctlError:
                if self._clock.running_since is not None:
                    with suppress(FraudctlError):  # a full disk has no room for the rest either
                        self._tell("failed", exact=False)
                raise
        if found.nothing_accepted:
            why = next(iter(found.reasons), "")
            raise UserError(f"none of {found.records_in:,} records was accepted", f"mostly: {why}")
        return 0

    # -- the start

    def _start(self) -> None:
        parts = self._parts
        if parts.kafka:
            # the JVM of Flink needs longer than Kafka and its topics: both at once
            parts.job.start()
        if parts.indexing:
            parts.indexing.start()
        self._phase = "starting Kafka and Flink" if parts.kafka else "looking for Kafka"
        self._wait(parts.open_topics)
        since = time.time()
        self._view.started(facts(parts))
        if not parts.reads_only_new():
            self._send_events()
        if not parts.kafka:
            parts.job.start()
        self._phase = "starting Flink"
        while not parts.job.submitted(_POLL_SECONDS):
            self._tick()
        if parts.reads_only_new():
            self._wait(parts.await_checkpoints)
            self._send_events()
        self._phase = "running"
        self._clock.running_since = time.monotonic()
        parts.watch_job(since)

    def _send_events(self) -> None:
        parts = self._parts
        parts.send_events()
        if not parts.sources.topics:
            names = ", ".join(parts.inputs())
            self._view.note(f"no generator and no --input: waiting for records on {names} at {parts.bootstrap}")
        for stream in parts.unfed():
            self._view.note(f"no --input for stream '{stream}': this run has no events of it")

    # -- while it runs

    def _wait(self, work: Callable[[], T]) -> T:
        return wait_for(work, self._tick)

    def _tick(self) -> None:
        self._interrupts.check()
        for text in self._parts.indexing.take_notes() if self._parts.indexing else ():
            self._view.note(text)
        self._show()

    def _show(self) -> None:
        self._view.refresh(state(self._parts, self._phase, self._clock), self._parts.tally.take())

    def _watch(self) -> str:
        while True:
            self._tick()
            self._check()
            ended = self._ending()
            if ended:
                return ended
            time.sleep(_POLL_SECONDS)

    def _check(self) -> None:
        parts = self._parts
        parts.check()
        if parts.kafka and not parts.kafka.running:
            self._restart(parts.kafka)
        self._check_connection()
        if parts.health:
            self._check_health(parts.health)

    def _check_health(self, health: Health) -> None:
        if self._told_lost:
            health.excuse()
        for reason in health.take_reasons():
            self._view.note(f"the job failed and starts again: {reason}")
        if health.in_a_row >= _MOST_FAILURES:
            raise MachineError(
                f"the job fails again and again, {health.in_a_row} times now: {health.reason}",
                "what it has written may hold records twice; mend the rule or the record that the reason is about",
            )

    def _restart(self, kafka: EmbeddedKafka) -> None:
        self._kafka_restarts += 1
        if self._kafka_restarts > _MOST_RESTARTS:
            raise MachineError("the embedded Kafka ended several times", "look at what else runs on this machine")
        self._view.note("the embedded Kafka ended unexpectedly; starting it again")
        self._wait(kafka.start)

    def _check_connection(self) -> None:
        since = self._parts.progress.lost_since if self._parts.progress else None
        lost = since is not None and time.monotonic() - since > _LOST_SECONDS
        if lost != self._told_lost:
            self._told_lost = lost
            what = "does not answer; waiting for it" if lost else "is back"
            self._view.note(f"Kafka at {self._parts.bootstrap} {what}")

    def _ending(self) -> str | None:
        clock, progress = self._clock, self._parts.progress
        wanted = self._options.seconds
        if wanted is not None and clock.running_since and time.monotonic() - clock.running_since >= wanted:
            return "time"
        if self._parts.sources.topics:
            return "input" if self._all_sent() and self._all_read() else None
        events = self._options.wishes.events
        return "events" if events is not None and progress and progress.last.read >= events else None

    def _all_sent(self) -> bool:
        if self._clock.sent_until is None and self._parts.all_sent():
            self._clock.sent_until = time.monotonic()
            self._phase = "reading the rest"
        return self._clock.sent_until is not None

    def _all_read(self) -> bool:
        progress, sent_until = self._parts.progress, self._clock.sent_until
        return progress is not None and sent_until is not None and progress.all_read(sent_until) and self._holds()

    def _holds(self) -> bool:
        """Whether what is read stays read: a job that has failed reads again what no checkpoint holds."""
        health, progress = self._parts.health, self._parts.progress
        if health is None or progress is None:
            return True
        health.look()
        return not health.restarts or progress.kept()

    # -- the end

    def _finish(self, ended: str) -> Summary:
        self._wait(self._parts.stop_sending)
        self._clock.sent_until = self._clock.sent_until or time.monotonic()
        drain = ended == "input"
        if not drain:
            self._settle()
        self._look()
        if self._parts.progress:
            self._parts.progress.close()  # of a job that has ended only old offsets are left to see
        self._clock.read_until = time.monotonic()
        # without drain, windows that are not complete stay unsaid: what they lack may only not have come yet
        self._phase = "closing all windows" if drain else "stopping"
        self._stop_job(drain)
        exact = drain or self._parts.settle_progress()
        if self._parts.indexing:
            self._phase = "indexing the rest"
            self._wait(self._parts.indexing.catch_up)
        self._phase = "collecting results"
        self._collect()
        return self._tell(ended, exact)

    def _stop_job(self, drain: bool) -> None:
        """A job that has just failed can't be stopped: once it runs again it can."""
        deadline = time.monotonic() + _STOP_SECONDS
        while True:
            try:
                if not drain or self._holds():
                    return self._wait(lambda: self._parts.job.stop(drain))
            except NotStopped:
                if time.monotonic() > deadline:
                    raise
            self._check()
            time.sleep(_POLL_SECONDS)

    def _look(self) -> None:
        """Count what is read once more while there are sources to ask."""
        if self._parts.progress:
            look = self._parts.progress.look
            self._wait(lambda: patiently(look))
            self._parts.note_newest_times()

    def _settle(self) -> None:
        self._phase = "reading the rest"
        deadline = time.monotonic() + _SETTLE_SECONDS
        while not self._all_read() and time.monotonic() < deadline:
            self._tick()
            self._check()
            time.sleep(_POLL_SECONDS)

    def _collect(self) -> None:
        """Wait until the results are read to their ends, which no longer move."""
        parts = self._parts
        ends = self._wait(lambda: patiently(lambda: parts.broker.ends(parts.result_starts)))
        deadline = time.monotonic() + _COLLECT_SECONDS
        while not parts.results.have_reached(ends, parts.result_starts):
            self._tick()
            parts.results.check()
            if time.monotonic() > deadline:
                raise MachineError(f"cannot read the results to their end: Kafka at {parts.bootstrap} does not answer")
            time.sleep(_POLL_SECONDS)

    def _break_off(self) -> None:
        """End soon, with what there is: what the job had read when it stopped, and what came of it."""
        job, indexing = self._parts.job, self._parts.indexing
        deadline = time.monotonic() + _BREAK_OFF_SECONDS
        stopping = in_background(lambda: self._stop_soon(deadline))
        works = [stopping] + ([in_background(indexing.count)] if indexing else [])
        while not all(work.done() for work in works) and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)
        exact = stopping.done() and stopping.exception() is None and stopping.result()
        if not exact and job.job_id:
            in_background(job.cancel)
        self._tell("interrupted", exact)

    def _stop_soon(self, deadline: float) -> bool:
        """Stop the job and read its results to their ends; False where it was not running."""
        parts = self._parts
        parts.stop_sending()
        if not parts.job.job_id or parts.progress is None:
            return False
        parts.progress.look()
        parts.note_newest_times()
        parts.progress.close()
        parts.job.stop(drain=False, timeout=max(1.0, deadline - time.monotonic()))
        exact = parts.settle_progress()
        ends = parts.broker.ends(parts.result_starts)
        while not parts.results.have_reached(ends, parts.result_starts):
            parts.results.check()
            time.sleep(_POLL_SECONDS)
        return exact

    def _tell(self, ended: str, exact: bool = True) -> Summary:
        self._clock.read_until = self._clock.read_until or time.monotonic()
        self._parts.results.close()
        self._show()
        told = summary(self._parts, ended, self._clock, exact)
        self._view.summary(told)
        return told
