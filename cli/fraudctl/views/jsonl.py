"""JSON lines, for programs: one object with an ``event`` a line."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from fraudctl.run.state import Facts, State, Summary
from fraudctl.run.tally import Alert

_STATUS_SECONDS = 1.0


class JsonView:
    """Events ``started``, ``status`` (each second), ``alert`` (all of them), ``note``, ``summary``, ``error``."""

    def __init__(self, write: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        """Lines go to ``write``, without their ends."""
        self._write = write
        self._clock = clock
        self._phase = ""
        self._next_status = 0.0

    def _emit(self, event: str, body: dict[str, Any]) -> None:
        self._write(orjson.dumps({"event": event, **body}).decode())

    def started(self, facts: Facts) -> None:
        """Where things are."""
        rules = [{"name": rule.name, "severity": rule.severity, "mode": rule.mode} for rule in facts.rules]
        body = {"detector": facts.detector, "kafka": facts.kafka, "embedded": facts.embedded}
        where = {"elasticsearch": facts.elasticsearch}
        self._emit("started", {**body, **where, "rules": rules, "topics": dict(facts.topics)})

    def refresh(self, state: State, alerts: Sequence[Alert]) -> None:
        """All new alerts; the status when it is time or the phase is a new one."""
        for alert in alerts:
            self._emit("alert", alert)
        now = self._clock()
        if state.phase != self._phase or now >= self._next_status:
            self._phase, self._next_status = state.phase, now + _STATUS_SECONDS
            body = {name: value for name, value in asdict(state).items() if name != "newest"}
            self._emit("status", {**body, "lag": state.lag})

    def note(self, text: str) -> None:
        """Something worth knowing."""
        self._emit("note", {"text": text})

    def error(self, text: str) -> None:
        """Why the run failed."""
        self._emit("error", {"text": text})

    def summary(self, summary: Summary) -> None:
        """The end."""
        body = asdict(summary)
        body["files"] = [str(path) for path in summary.files]
        self._emit("summary", {**body, "accepted": summary.accepted})

    def close(self) -> None:
        """Nothing to do."""
