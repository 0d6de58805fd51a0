"""The indexer's loop and its reader where something goes wrong; with real parts in tests/integration/services."""

import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from confluent_kafka import KafkaError, TopicPartition

from fraud_services.indexer import __main__, reader
from fraud_services.indexer.commits import Place
from fraud_services.indexer.reader import Reader
from fraud_services.indexer.run import Indexer
from fraud_services.indexer.watch import Watch
from fraud_services.metrics import Metrics


class Consumer:
    """Keeps what it was made with; its commits are answered by hand."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    def subscribe(self, topics: list[str], **callbacks: Any) -> None:
        pass

    def commit(self, offsets: list[TopicPartition], asynchronous: bool) -> None:
        assert asynchronous


def test_a_commit_that_fails_later_is_told_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "Consumer", Consumer)
    metrics = Metrics()
    made = Reader({"group.id": "g"}, {"t": 1}, Watch(metrics).uncommitted, lambda places: None)
    made.commit({("t", 0): 5})
    answer = made._consumer.config["on_commit"]  # type: ignore[attr-defined]
    answer(None, [TopicPartition("t", 0, 5)])
    assert "fraud_indexer_commit_failures_total" not in metrics.text()
    answer(KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED), [])
    assert "fraud_indexer_commit_failures_total 1\n" in metrics.text()


class OneBatch:
    """A reader that reads one record, then nothing."""

    def __init__(self) -> None:
        self.left = [Record()]

    def read(self, most: int, most_bytes: int, seconds: float) -> list[Any]:
        found, self.left = self.left, []
        return found

    def take_ends(self) -> dict[Place, int]:
        return {}

    def lags(self) -> dict[str, int]:
        return {}

    def commit(self, ends: dict[Place, int], wait: bool = False) -> None:
        assert not ends, "what could not be sent is not settled"

    def close(self) -> None:
        pass


class Record:
    def topic(self) -> str:
        return "t"

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 7


class Broken:
    def send(self, actions: Sequence[Any]) -> list[Any]:
        raise ZeroDivisionError("a mistake of ours")


def test_a_sender_that_dies_ends_the_indexer() -> None:
    def connect(lost: Callable[[Sequence[Place]], None]) -> Any:
        return OneBatch()

    made = Indexer(connect, {"t": lambda record: record}, Broken(), None, Watch(Metrics()), threading.Event())  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        made.run()


def test_what_nobody_expected_ends_the_process_with_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stops: list[threading.Event] = []

    def run(options: Any, stop: threading.Event) -> None:
        stops.append(stop)
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(__main__, "_run", run)
    monkeypatch.setattr(__main__.signal, "signal", lambda *_: None)
    assert __main__.main(["detector.json"]) == 1
    assert stops[0].is_set(), "senders that wait end too"
    assert capsys.readouterr().err.endswith("indexer: can't go on: ZeroDivisionError; the log says where\n")
