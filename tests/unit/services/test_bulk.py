"""Batches and answers that a healthy node never gives: a scripted client stands in for it."""

import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import ApiError

from fraud_services.indexer import bulk
from fraud_services.indexer.bulk import Counts, Sender, Stopped
from fraud_services.indexer.documents import Action

Answer = Callable[[list[bytes]], Any]
NODE = NodeConfig("http", "e", 9200)


def http_error(status: int) -> ApiError:
    return ApiError("no", meta=ApiResponseMeta(status, "1.1", HttpHeaders(), 0.0, NODE), body={})


class Scripted:
    """A client that answers as told, and keeps what it was sent."""

    def __init__(self, answer: Answer) -> None:
        self.sent: list[list[bytes]] = []
        self._answer = answer

    def perform_request(self, method: str, path: str, *, body: bytes, **more: Any) -> Any:
        lines = body.splitlines()
        self.sent.append(lines)
        return SimpleNamespace(body=self._answer(lines))


class Ignored:
    """Nobody makes indices, and nobody counts; who asked for an index is noted."""

    def __init__(self) -> None:
        self.ensured: list[str] = []
        self.known: set[str] = set()

    def ensure(self, name: str) -> None:
        if name not in self.known:
            self.ensured.append(name)
            self.known.add(name)

    def forget(self, name: str) -> None:
        self.known.discard(name)

    def counted(self, counts: Counts) -> None:
        pass

    def waiting(self, reason: str | None) -> None:
        pass


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_FIRST_PAUSE", 0.001)
    monkeypatch.setattr(bulk, "_LONGEST_PAUSE", 0.002)


def sender(client: Scripted, stop: threading.Event | None = None, buckets: Ignored | None = None) -> Sender:
    it = buckets or Ignored()
    return Sender(client, "http://e", it, it, 1000, stop or threading.Event())  # type: ignore[arg-type]


def actions(*bodies: bytes) -> list[Action]:
    return [Action(SimpleNamespace(), "i", body + b"\n") for body in bodies]  # type: ignore[arg-type]


def items(*statuses: int) -> dict[str, Any]:
    found = [
        {"index": {"status": one, **({"error": {"type": "t", "reason": "r"}} if one >= 300 else {})}}
        for one in statuses
    ]
    return {"errors": any(one >= 300 for one in statuses), "items": found}


def test_a_request_that_is_too_large_is_cut_in_half_until_one_document_is_left():
    def answer(lines: list[bytes]) -> Any:
        if len(lines) > 1 or lines[0] == b"large":
            raise http_error(413)
        return items(201)

    client = Scripted(answer)
    (refusal,) = sender(client).send(actions(b"a", b"large", b"b", b"c"))
    assert refusal.reason.startswith("larger than a request may be")
    assert [lines for lines in client.sent if len(lines) == 1] == [[b"a"], [b"large"], [b"b"], [b"c"]]


def test_what_is_too_large_for_the_node_is_never_sent():
    client = Scripted(lambda lines: items(*[201] * len(lines)))
    (refusal,) = sender(client).send(actions(b"a", b"x" * 1000, b"b"))
    assert refusal.reason.startswith("larger than a request may be")
    assert client.sent == [[b"a"], [b"b"]]


def test_only_what_was_not_taken_is_sent_again():
    answers = iter([items(201, 429, 409), items(201)])
    client = Scripted(lambda lines: next(answers))
    assert sender(client).send(actions(b"a", b"b", b"c")) == []
    assert client.sent == [[b"a", b"b", b"c"], [b"b"]]


def test_an_outage_is_waited_for():
    answers = iter([http_error(503), http_error(401), http_error(429), items(201)])

    def answer(lines: list[bytes]) -> Any:
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    client, buckets = Scripted(answer), Ignored()
    assert sender(client, buckets=buckets).send(actions(b"a")) == []
    assert len(client.sent) == 4
    assert buckets.ensured == ["i"] * 4  # the node may have lost it


def test_an_error_inside_that_stays_is_the_documents():
    client = Scripted(lambda lines: items(*[500 if line == b"bad" else 201 for line in lines]))
    (refusal,) = sender(client).send(actions(b"a", b"bad"))
    assert refusal.reason == "t: r"
    assert len(client.sent) == 8


def test_waiting_ends_with_the_indexer():
    stop = threading.Event()
    client = Scripted(lambda lines: items(429))
    threading.Timer(0.05, stop.set).start()
    with pytest.raises(Stopped):
        sender(client, stop).send(actions(b"a"))
