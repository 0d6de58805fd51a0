"""How far sources are by Flink's metrics; a stand-in gives the answers of its REST interface."""

from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest

from fraudctl.runtime import sources
from fraudctl.runtime.rest import RestError
from fraudctl.runtime.sources import SourcePositions


class Rest:
    """A job with a source in each vertex, told as Flink tells it."""

    def __init__(self, *vertices: dict[str, int]) -> None:
        self.vertices = vertices
        self.state = self.status = "RUNNING"
        self.running, self.restarting = 1_000, 0
        self.cpu: float | None = 1_000.0
        self.asked: list[str] = []

    def get(self, path: str) -> Any:
        self.asked.append(path)
        if path.startswith("/taskmanagers/metrics"):
            return [] if self.cpu is None else [{"id": "Status.JVM.CPU.Time", "sum": self.cpu}]
        _, _, vertex = path.partition("/vertices/")
        if not vertex:
            return {
                "state": self.state,
                "timestamps": {"RUNNING": self.running, "RESTARTING": self.restarting},
                "vertices": [{"id": str(number), "status": self.status} for number in range(len(self.vertices))],
            }
        found = self.vertices[int(vertex.partition("/")[0])]
        _, _, wanted = path.partition("get=")
        if not wanted:
            return [{"id": name} for name in ("0.numRecordsIn", *map(metric, found))]
        return [{"id": name, "max": float(found[place(name)])} for name in wanted.split(",")]


def metric(place: str) -> str:
    topic, _, partition = place.rpartition("/")
    return f"Source__x.KafkaSourceReader.topic.{topic}.partition.{partition}.currentOffset"


def place(metric: str) -> str:
    _, _, topic, _, partition, _ = metric.split(".", 2)[2].replace("topic.", "x.topic.", 1).split(".")
    return f"{topic}/{partition}"


def positions(rest: Rest, *topics: str, job_id: str = "1") -> SourcePositions:
    return SourcePositions(SimpleNamespace(job_id=job_id, rest=rest), topics)  # type: ignore[arg-type]


def test_the_next_offset_of_what_was_read() -> None:
    rest = Rest({"a_b/0": 9, "a_b/1": -1, "other/0": 5})
    assert positions(rest, "a.b").look() == {("a.b", 0): 10}


def test_of_two_streams_over_one_topic_the_slower_counts() -> None:
    assert positions(Rest({"t/0": 9, "t/1": 9}, {"t/0": 4, "t/1": -1}), "t").look() == {("t", 0): 5}


def test_topics_that_metrics_can_not_tell_apart() -> None:
    assert positions(Rest({"a_b/0": 9, "c/0": 3}), "a.b", "a_b", "c").look() == {("c", 0): 4}


def test_many_partitions_are_asked_for_in_parts() -> None:
    rest = Rest({f"topic/{number}": number for number in range(100)})
    assert positions(rest, "topic").look() == {("topic", number): number + 1 for number in range(100)}
    assert max(map(len, rest.asked)) < 4_096


@pytest.mark.parametrize(("state", "status"), [("RESTARTING", "CANCELED"), ("RUNNING", "INITIALIZING")])
def test_nothing_while_it_does_not_run(state: str, status: str) -> None:
    rest = Rest({"t/0": 9})
    rest.state, rest.status = state, status
    assert positions(rest, "t").look() == {}


def test_a_part_with_nothing_to_do_may_have_ended() -> None:
    rest = Rest({"t/0": 9})
    rest.status = "FINISHED"
    assert positions(rest, "t").look() == {("t", 0): 10}


def test_nothing_before_it_is_submitted_and_after_it_is_gone() -> None:
    assert positions(Rest({"t/0": 9}), "t", job_id="").look() == {}

    def gone(path: str) -> Any:
        raise RestError("Connection refused")

    rest = Rest({"t/0": 9})
    rest.get = gone  # type: ignore[method-assign]
    assert positions(rest, "t").look() == {}


def test_metrics_of_the_attempt_before_are_not_believed() -> None:
    rest = Rest({"t/0": 9})
    found = positions(rest, "t")
    assert found.look() == {("t", 0): 10}
    rest.running, rest.restarting = 3_000, 2_000
    assert found.look() == {}
    rest.cpu = 2_000.0
    assert found.look() == {}, "asked for before the restart, perhaps"
    assert found.look() == {}
    rest.cpu = 3_000.0
    assert found.look() == {("t", 0): 10}
    rest.running, rest.restarting = 5_000, 4_000
    assert found.look() == {}


def test_metrics_that_stand_still_after_a_restart_are_never_believed() -> None:
    rest = Rest({"t/0": 9})
    rest.running, rest.restarting = 3_000, 2_000
    found = positions(rest, "t")
    assert not any(found.look() for _ in range(100))


def test_another_task_manager_in_its_place_counts_from_its_own_first_metrics() -> None:
    rest = Rest({"t/0": 9})
    rest.running, rest.restarting = 3_000, 2_000
    found = positions(rest, "t")
    for cpu in (1_000.0, None, 5.0, 6.0):
        rest.cpu = cpu
        assert found.look() == {}
    rest.cpu = 7.0
    assert found.look() == {("t", 0): 10}


class Times:
    """A job whose sources tell their newest event times."""

    def __init__(self, **metrics: float) -> None:
        self.metrics = metrics

    def get(self, path: str) -> Any:
        if path.endswith("/jobs/1"):
            return {"vertices": [{"id": "0"}]}
        _, _, wanted = path.partition("get=")
        return [{"id": unquote(wanted), "max": self.metrics[unquote(wanted)]}] if wanted else self.names()

    def names(self) -> list[dict[str, str]]:
        return [{"id": name} for name in self.metrics]


def test_the_newest_event_time_of_each_stream() -> None:
    connector = "Source__KafkaSource-default_catalog_sources_"
    rest = Times(
        **{
            f"{connector}flat.deserializer.newestEventTime": 5.0,
            f"{connector}payments_flat.deserializer.newestEventTime": 1.7e12,
            f"{connector}flat.deserializer.valuesSetToNull": 7.0,
            "Source__logins[3].deserializer.newestEventTime": float(-(2**63)),
            "Source__other[4].deserializer.newestEventTime": 9.0,
        }
    )
    job = SimpleNamespace(job_id="1", rest=rest)
    found = sources.newest_times(job, ["flat", "payments_flat", "logins"])  # type: ignore[arg-type]
    assert found == {"flat": 5, "payments_flat": 1_700_000_000_000}
