"""How far a job's Kafka sources have read, from their own metrics."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any
from urllib.parse import quote

from fraudctl.broker import Place
from fraudctl.runtime.job import FlinkJob
from fraudctl.runtime.rest import RestError

_OFFSET = re.compile(r"\.KafkaSourceReader\.topic\.(.+)\.partition\.([0-9]+)\.currentOffset$")
_ALIVE = "/taskmanagers/metrics?agg=sum&get=Status.JVM.CPU.Time"
"""A TaskManager's metrics come all at once, and this one is never twice the same."""
_DUMPS = 2
"""The first that comes after a restart may have been asked for before it, the second can't have been."""
_UP = frozenset({"RUNNING", "FINISHED"})
"""A condition that is never true leaves a task with nothing to do, which ends at once."""
_METRICS_A_REQUEST = 20
"""Their names are long, and Flink takes no address beyond 4 KiB."""
_NO_TIME = -(2**62)
"""Below any time: a source that has read nothing says so."""
_NEWEST = re.compile(r"^Source__(.+?)(?:\[[0-9]+\])?\.deserializer\.newestEventTime$")


def newest_times(job: FlinkJob, streams: Collection[str]) -> dict[str, int]:
    """Newest event time of each stream that has any, in milliseconds since 1970; left out where Flink does not tell."""
    found: dict[str, int] = {}
    try:
        for vertex in job.rest.get(f"/jobs/{job.job_id}")["vertices"]:
            path = f"/jobs/{job.job_id}/vertices/{vertex['id']}/subtasks/metrics"
            for name in [one["id"] for one in job.rest.get(path)]:
                stream = _stream_of(name, streams)
                told = job.rest.get(f"{path}?agg=max&get={quote(name)}") if stream else []
                for metric in told:
                    found[stream] = max(int(metric["max"]), found.get(stream, _NO_TIME))
    except (RestError, KeyError):
        return {}
    return {stream: time for stream, time in found.items() if time > _NO_TIME}


def _stream_of(metric: str, streams: Collection[str]) -> str:
    """The stream whose newest event time a metric is, which its source's name ends with; empty where it is another."""
    match = _NEWEST.search(metric)
    told = f"_{match[1]}" if match else ""
    return max((stream for stream in streams if told.endswith(f"_{stream}")), key=len, default="")


class SourcePositions:
    """Asks Flink for the offsets that a job's sources have come to."""

    def __init__(self, job: FlinkJob, topics: Iterable[str]) -> None:
        """Of the sources of ``topics``."""
        self._job = job
        wanted = list(topics)
        told = Counter(_told_name(topic) for topic in wanted)
        self._topics = {_told_name(topic): topic for topic in wanted if told[_told_name(topic)] == 1}
        self._attempt: tuple[str, int] = ("", 0)
        self._dumps = 0
        self._alive: float | None = None

    def look(self) -> dict[Place, int]:
        """The offset of the next record of each partition that the job has read from since it (re)started.

        A record before it is in the results after a stop with drain. Empty while the job is not known to run.
        """
        job = self._job
        if not job.job_id:
            return {}
        try:
            told = job.rest.get(f"/jobs/{job.job_id}")
            return self._positions(told["vertices"]) if self._trusted(told) else {}
        except (RestError, KeyError):
            return {}

    def _trusted(self, told: Any) -> bool:
        """Whether metrics are of the attempt that runs now: an attempt begins again where its checkpoint was.

        Flink tells those of the attempt before until it has fetched others, which it does not do while a question to a
        TaskManager that died is open (``web.timeout``).
        """
        if told["state"] != "RUNNING" or any(vertex["status"] not in _UP for vertex in told["vertices"]):
            return False
        times = told["timestamps"]
        if not times["RESTARTING"]:
            return True
        attempt = self._job.job_id, times["RUNNING"]
        if attempt != self._attempt:
            self._attempt, self._dumps, self._alive = attempt, 0, None
        if self._dumps < _DUMPS:
            alive = next((float(metric["sum"]) for metric in self._job.rest.get(_ALIVE)), None)
            if self._alive is not None and alive is not None:
                self._dumps += alive != self._alive
            self._alive = alive
        return self._dumps >= _DUMPS

    def _positions(self, vertices: Any) -> dict[Place, int]:
        found: dict[Place, int] = {}
        for vertex in vertices:
            for place, offset in self._of_vertex(vertex["id"]).items():
                # two streams may read one topic: the slower one counts
                found[place] = min(offset, found.get(place, offset))
        return {place: offset for place, offset in found.items() if offset > 0}

    def _of_vertex(self, vertex: str) -> dict[Place, int]:
        path = f"/jobs/{self._job.job_id}/vertices/{vertex}/subtasks/metrics"
        names = {one["id"]: match for one in self._job.rest.get(path) if (match := _OFFSET.search(one["id"]))}
        asked = sorted(names)
        found: dict[Place, int] = {}
        for begin in range(0, len(asked), _METRICS_A_REQUEST):
            wanted = quote(",".join(asked[begin : begin + _METRICS_A_REQUEST]), safe=",")
            for metric in self._job.rest.get(f"{path}?agg=max&get={wanted}"):
                topic, partition = names[metric["id"]].groups()
                if topic in self._topics:
                    # -1 where nothing was read yet
                    found[self._topics[topic], int(partition)] = int(metric["max"]) + 1
        return found


def _told_name(topic: str) -> str:
    """A topic as metrics call it."""
    return topic.replace(".", "_")
