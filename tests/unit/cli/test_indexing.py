"""What a run does about Elasticsearch, with stand-ins for the node, the indexer and Kafka."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fraud_api import FraudDetector
from fraud_api.backends import Elasticsearch
from fraudctl.errors import MachineError, UserError
from fraudctl.run import indexing, indices
from fraudctl.run.backlog import Backlog
from fraudctl.run.indexing import Indexing, Target

URL = "http://127.0.0.1:9"


class Kafka:
    """Two partitions of a topic; the first ten records of each are gone."""

    def __init__(self, ends: Mapping[int, int], committed: Mapping[int, tuple[int, str]]) -> None:
        self.at, self.held = ends, dict(committed)

    def beginnings(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        return dict.fromkeys(places, 10)

    def ends(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        return {place: self.at[place[1]] for place in places}

    def noted(self, group: str, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[int, str]]:
        return {place: self.held[place[1]] for place in places if place[1] in self.held}

    def commit(self, group: str, offsets: Mapping[tuple[str, int], int], note: str) -> None:
        self.held = {number: (at, note) for (_, number), at in offsets.items()}


def backlog(kafka: Kafka) -> Backlog:
    made = Backlog(kafka, "group")  # type: ignore[arg-type]
    made.begin(["t"], {"t": 2})
    return made


@pytest.mark.parametrize(
    ("committed", "left"),
    [({}, 20), ({0: (15, "v1")}, 15), ({0: (20, "v1"), 1: (20, "v1")}, 0), ({0: (20, "v2"), 1: (20, "v1")}, 10)],
)
def test_what_is_left_to_settle(committed: dict[int, tuple[int, str]], left: int):
    found = backlog(Kafka({0: 20, 1: 20}, committed))
    assert found.left(found.ends(), {"t": "v1"}) == left


def test_what_was_there_before_is_skipped():
    found = backlog(Kafka({0: 20, 1: 30}, {}))
    found.skip("v1")
    assert found.left(found.ends(), {"t": "v1"}) == 0


class Process:
    """An indexer that ends as often as it is told to."""

    def __init__(self, deaths: int = 0) -> None:
        self.deaths = deaths

    def start(self) -> None:
        self.deaths -= 1

    @property
    def running(self) -> bool:
        return self.deaths < 0

    def last_words(self) -> str:
        return "boom"

    def stop(self) -> None:
        self.deaths = 0

    kill = stop


class Node:
    """A node that starts, or says why not."""

    running = True

    def __init__(self, directory: Path, error: str = "") -> None:
        self.directory, self.error = directory, error

    def start(self, timeout: float) -> None:
        if self.error:
            raise MachineError(self.error)

    def close(self) -> None:
        self.running = False


class Indices:
    """Indices of a topic that are as they should be."""

    url = URL
    aliases: Mapping[str, str] = {"shop.alerts": "lab.shop.alerts"}

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def await_node(self, seconds: float) -> None:
        if self.error:
            raise self.error

    def make_room(self, replace: bool) -> None: ...

    def make(self) -> None: ...

    def notes(self) -> dict[str, str]:
        return {"lab.shop.alerts": "v1", "shop.flagged": "v1"}

    def documents(self) -> dict[str, int]:
        return {"lab.shop.alerts": 7}

    def obstacle(self) -> str:
        return "the disk is full"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_EVERY_SECONDS", "_LOOK_SECONDS"):
        monkeypatch.setattr(indexing, name, 0.01)
    monkeypatch.setattr(indexing, "_STUCK_SECONDS", 0.1)


@pytest.fixture
def make(detector: FraudDetector, monkeypatch: pytest.MonkeyPatch) -> Any:
    spec = detector.spec.model_copy(update={"elasticsearch": Elasticsearch(url=URL)})
    indexed = detector.model_copy(update={"spec": spec})

    def made(node: Node | None, process: Process, kafka: Kafka, error: Exception | None = None) -> Indexing:
        monkeypatch.setattr(indices, "Indices", lambda *_: Indices(error))
        target = Target(node, None, new_topics=True, replace=False)  # type: ignore[arg-type]
        found = Indexing(indexed, process, Backlog(kafka, "group"), target)  # type: ignore[arg-type]
        found.start()
        found.open({"lab.shop.alerts": 2, "shop.flagged": 2})
        return found

    return made


def told(found: Indexing, wanted: str) -> str:
    """Wait for a note."""
    deadline, notes = time.monotonic() + 10, [""]
    while not any(wanted in note for note in notes) and time.monotonic() < deadline:
        notes += found.take_notes()
        time.sleep(0.01)
    return next(note for note in notes if wanted in note)


def settled() -> Kafka:
    return Kafka({0: 20, 1: 20}, {0: (20, "v1"), 1: (20, "v1")})


def test_it_ends_when_everything_is_settled(make, tmp_path: Path):
    found = make(Node(tmp_path), Process(), settled())
    found.catch_up()
    assert told(found, "Elasticsearch is at") == f"Elasticsearch is at {URL}; indices: lab.shop.alerts"
    (count,) = found.counted({"shop.alerts": 3})
    assert (count.index, count.documents, count.refused) == ("lab.shop.alerts", 7, 3)
    assert found.failure == ""
    found.close()


def test_it_ends_when_nothing_goes_on(make, tmp_path: Path):
    found = make(Node(tmp_path), Process(), Kafka({0: 20, 1: 20}, {}))
    found.catch_up()
    assert found.failure == "40 records are left: the disk is full"
    found.close()


def test_a_node_of_the_runs_own_that_does_not_start_ends_nothing(make, tmp_path: Path):
    found = make(Node(tmp_path, "no memory"), Process(), settled())
    assert told(found, "no memory").startswith("results are not indexed: no memory; --no-elasticsearch does without")
    found.catch_up()
    assert "no memory" in found.failure
    assert found.counted({}) == []
    found.close()


def test_a_node_of_ones_own_that_can_not_be_used_ends_the_run(make):
    found = make(None, Process(), settled(), UserError("--replace-indices"))
    with pytest.raises(UserError, match="--replace-indices"):
        told(found, "never")
    found.catch_up()
    found.close()


def test_an_indexer_that_dies_is_started_again_a_few_times(make, tmp_path: Path):
    found = make(Node(tmp_path), Process(deaths=3), settled())
    assert told(found, "starting it again") == "the indexer ended unexpectedly (boom); starting it again"
    found.close()
    found = make(Node(tmp_path), Process(deaths=9), settled())
    assert "the indexer ended several times (boom)" in told(found, "several times")
    found.close()
