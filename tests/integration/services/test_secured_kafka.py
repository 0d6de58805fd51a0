"""The indexer on brokers that want a login or a certificate."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from harness.detectors import isolated, manifest
from harness.elastic import Elastic, indexed
from harness.indexer import Indexing
from harness.kafka import Broker
from harness.secured import CANARY, PASSWORD, USER, SecuredKafka, write_secret

from fraud_api import FraudDetector

pytestmark = [pytest.mark.elasticsearch, pytest.mark.integration, pytest.mark.timeout(1200)]


def secured(detector: FraudDetector, bootstrap: str, protocol: str) -> FraudDetector:
    """A copy of a detector for a listener that wants something."""
    document: dict[str, Any] = detector.model_dump(mode="json", by_alias=True, exclude_none=True)
    document["spec"]["kafka"]["bootstrapServers"] = bootstrap
    document["spec"]["kafka"]["security"] = {"protocol": protocol, "secretRef": {"name": "kafka-login"}}
    return FraudDetector.model_validate(document)


def test_it_logs_in_with_a_password_or_a_certificate(elastic: Elastic, tmp_path: Path):
    broker = SecuredKafka.start(tmp_path)
    with closing(broker.kafka):
        ca = broker.authority.ca.read_text()
        login = {"username": f"{USER}\n", "password": f"{PASSWORD}\n", "sasl.mechanism": "SCRAM-SHA-512", "ca.crt": ca}
        key, certificate = broker.authority.key(USER).read_text(), broker.authority.certificate(USER).read_text()
        for listener, protocol, secret in (
            ("SCRAM", "SASL_SSL", login),
            ("MUTUAL", "SSL", {"ca.crt": ca, "user.key": key, "user.crt": certificate}),
        ):
            kafka = Broker(broker.kafka.bootstrap)
            mine = isolated(manifest("bank"), kafka.bootstrap)
            kafka.create_for(mine)
            safe = indexed(secured(mine, broker.address(listener), protocol), elastic.url)
            it = Indexing(safe, kafka, elastic, tmp_path)
            it.apply()
            it.write("customer-risk", [(b"k", b'{"customer_id":"k"}'), (b"l", b'{"unknown":1}')])
            directory = write_secret(tmp_path / listener, "kafka-login", secret)
            with it.running("--secrets-dir", str(directory)) as indexer:
                it.wait_count("customer-risk", 1)
                indexer.wait_metric("refused_total", 1)
            assert CANARY not in indexer.told()
            assert len(it.dead_letters()) == 1
