"""What a job's metrics say of how well it does: read from Flink's REST interface, a few requests a task."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

_READ = re.compile(r"^Source__.+\.numRecordsIn$")
_NEWEST = re.compile(r"^Source__.+\.deserializer\.newestEventTime$")
_UNKNOWN = re.compile(r"(?:^|\.)unknownResults$")
_CLOCK, _RECORDS = "currentInputWatermark", "numRecordsIn"
_A_REQUEST = 20
"""Names in one request: they are long, and Flink takes no address beyond 4 KiB."""
_NO_TIME = -(2.0**62)
"""Below any time; what has no time yet, or is at the end of all, says so by numbers beyond."""


@dataclass(frozen=True)
class Health:
    """What a job has done since it started, or since it was restarted last.

    Attributes:
        read: events that its sources have read.
        unknown: expressions that failed for an event, of the rule or output where most did.
        newest: time of the newest event, in milliseconds since 1970; minus infinity for none.
        tasks: of tasks that get events: their event time (minus infinity for none yet) and how many they got.
    """

    read: int = 0
    unknown: int = 0
    newest: float = -math.inf
    tasks: Mapping[str, tuple[float, int]] = field(default_factory=dict)

    @property
    def lag(self) -> float | None:
        """Milliseconds from the event time of the hindmost task to the newest event; None before any event."""
        if not self.tasks or self.newest == -math.inf:
            return None
        return max(self.newest - time for time, _ in self.tasks.values())


def health(job_id: str, vertices: list[Mapping[str, Any]], ask: Callable[[str], Any]) -> Health:
    """Ask for the metrics of a job's vertices; ``ask`` gets a path and gives its answer, None for 404."""
    read = 0
    unknown: Counter[str] = Counter()
    newest = -math.inf
    tasks: dict[str, tuple[float, int]] = {}
    for vertex in vertices:
        path = f"/jobs/{job_id}/vertices/{vertex['id']}/subtasks/metrics"
        clock: float | None = None
        records = 0
        for name, told in _values(path, ask):
            if _READ.search(name):
                read += int(told["sum"])
            elif _NEWEST.search(name):
                newest = max(newest, _time(told["max"]))
            elif _UNKNOWN.search(name):
                unknown[name] += int(told["sum"])
            elif name == _CLOCK:
                clock = _time(told["min"])
            else:
                records = int(told["sum"])
        if clock is not None and clock != math.inf and records:
            tasks[str(vertex["id"])] = (clock, records)
    return Health(read, max(unknown.values(), default=0), newest, tasks)


def _values(path: str, ask: Callable[[str], Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    names = [str(one["id"]) for one in ask(path) or []]
    wanted = [name for name in names if name in (_CLOCK, _RECORDS) or _READ.search(name) or _special(name)]
    for begin in range(0, len(wanted), _A_REQUEST):
        asked = quote(",".join(wanted[begin : begin + _A_REQUEST]), safe=",")
        for told in ask(f"{path}?agg=min,max,sum&get={asked}") or []:
            yield str(told["id"]), told


def _special(name: str) -> bool:
    return bool(_NEWEST.search(name) or _UNKNOWN.search(name))


def _time(told: float) -> float:
    if told < _NO_TIME:
        return -math.inf
    return math.inf if told > -_NO_TIME else told
