"""Indices that the indexer makes itself: only ever of the detector's templates. A scripted node stands in."""

from types import SimpleNamespace
from typing import Any

import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elasticsearch import BadRequestError
from harness.detectors import manifest

from fraud_services.indexer.buckets import Buckets
from fraud_services.indices.templates import MANAGED_BY, owner
from fraud_services.indices.verdicts import Obstacle

DETECTOR = manifest("transactions")
NAME = "default.transactions.alerts.v1.2024.01.31"
NODE = NodeConfig("http", "e", 9200)


class Node:
    """Its indices by name; new ones have what its template says."""

    def __init__(self, template: dict[str, Any] | None, there: dict[str, Any] | None = None) -> None:
        self.held = dict(there or {})
        self.made = 0
        self._template = template
        self.indices = self

    def create(self, index: str) -> None:
        if index in self.held:
            meta = ApiResponseMeta(400, "1.1", HttpHeaders(), 0.0, NODE)
            raise BadRequestError("resource_already_exists_exception", meta=meta, body={})
        self.made += 1
        self.held[index] = {"_meta": self._template} if self._template else {}

    def get_mapping(self, index: str) -> SimpleNamespace:
        return SimpleNamespace(body={index: {"mappings": self.held[index]}})

    def delete(self, index: str, **_: Any) -> None:
        del self.held[index]


OURS = {"managed_by": MANAGED_BY, "detector": owner(DETECTOR)}


def buckets(node: Node) -> Buckets:
    return Buckets(node, DETECTOR, [])  # type: ignore[arg-type]


def test_one_is_made_once() -> None:
    node = Node(OURS)
    it = buckets(node)
    it.ensure(NAME)
    it.ensure(NAME)
    assert node.made == 1
    it.forget(NAME)
    it.ensure(NAME)
    assert node.held.keys() == {NAME}


def test_one_that_would_be_of_any_type_does_not_stay() -> None:
    node = Node(None)
    with pytest.raises(Obstacle):
        buckets(node).ensure(NAME)
    assert not node.held


def test_data_streams_are_never_made() -> None:
    node = Node(OURS)
    it = Buckets(node, DETECTOR, [], [NAME])  # type: ignore[arg-type]
    it.forget(NAME)
    it.ensure(NAME)
    assert node.made == 0


def test_one_of_somebody_else_stays() -> None:
    node = Node(None, {NAME: {}})
    with pytest.raises(Obstacle):
        buckets(node).ensure(NAME)
    assert node.held.keys() == {NAME}
