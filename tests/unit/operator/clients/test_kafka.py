"""The operator's way to brokers."""

import pytest
from harness.detectors import manifest

from fraud_operator.clients.kafka import servers


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("kafka:9092", ["kafka.default.svc:9092"]),
        ("a:1, b.streams:2", ["a.default.svc:1", "b.streams:2"]),
        ("localhost:9092", ["localhost:9092"]),
        ("10.0.0.1:9092,[fd00::1]:9092", ["10.0.0.1:9092", "[fd00::1]:9092"]),
    ],
)
def test_a_bare_name_is_a_service_in_the_detectors_namespace(written: str, found: list[str]):
    detector = manifest("transactions")
    kafka = detector.spec.kafka.model_copy(update={"bootstrap_servers": written})
    detector = detector.model_copy(update={"spec": detector.spec.model_copy(update={"kafka": kafka})})
    assert servers(detector) == found
