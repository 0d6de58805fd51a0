"""What the API server's answers mean, as real ones look."""

import json

import pytest

from fraud_operator.clients import kubernetes
from fraud_operator.clients.kubernetes import DETECTORS, Kubernetes, KubernetesError

NOT_FOUND = {
    "kind": "Status",
    "apiVersion": "v1",
    "status": "Failure",
    "message": 'frauddetectors.frauddetector.io "x" not found',
    "reason": "NotFound",
    "details": {"name": "x", "group": "frauddetector.io", "kind": "frauddetectors"},
    "code": 404,
}


def answering(monkeypatch: pytest.MonkeyPatch, status: int, data: bytes) -> Kubernetes:
    monkeypatch.setattr(kubernetes, "_connect", lambda: (None, "", {}))
    cluster = Kubernetes()
    monkeypatch.setattr(cluster, "_send", lambda *_: (status, data))
    return cluster


def test_an_object_that_is_named_as_missing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = answering(monkeypatch, 404, json.dumps(NOT_FOUND).encode())
    assert cluster.get(DETECTORS, "ns", "x") is None
    cluster.delete(DETECTORS, "ns", "x")


@pytest.mark.parametrize("data", [b"404 page not found\n", b"", b"[]", b'{"code": 404}', b'{"details": null}'])
def test_a_kind_that_is_not_served_says_nothing_of_its_objects(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    cluster = answering(monkeypatch, 404, data)
    with pytest.raises(KubernetesError, match="404") as found:
        cluster.get(DETECTORS, "ns", "x")
    assert not found.value.missing
    with pytest.raises(KubernetesError):
        cluster.delete(DETECTORS, "ns", "x")


def test_a_refusal_says_what_the_api_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = answering(monkeypatch, 403, b'{"message": "no rights", "details": {"name": "x"}}')
    with pytest.raises(KubernetesError, match="no rights") as found:
        cluster.get(DETECTORS, "ns", "x")
    assert found.value.forbidden
    assert not found.value.missing
