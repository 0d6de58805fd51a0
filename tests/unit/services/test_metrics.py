"""Metrics as Prometheus reads them."""

import urllib.request
from urllib.error import HTTPError

import pytest

from fraud_services.indexer.watch import Watch
from fraud_services.metrics import Metric, Metrics, serve

SEEN = Metric("seen_total", "counter", "What was seen.")
NOW = Metric("now", "gauge", "What is.")


def test_values_are_told_with_labels():
    metrics = Metrics()
    metrics.add(SEEN, 2, topic='a"b\\')
    metrics.add(SEEN, topic='a"b\\')
    metrics.set(NOW, 1.5)
    assert metrics.text() == (
        "# HELP now What is.\n# TYPE now gauge\nnow 1.5\n"
        '# HELP seen_total What was seen.\n# TYPE seen_total counter\nseen_total{topic="a\\"b\\\\"} 3\n'
    )


def test_a_port_answers():
    metrics = Metrics()
    metrics.set(NOW, 1)
    server = serve(metrics, 0)
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        assert b"now 1\n" in urllib.request.urlopen(f"{url}/metrics").read()
        with pytest.raises(HTTPError):
            urllib.request.urlopen(f"{url}/")
        assert urllib.request.urlopen(f"{url}/healthz").read() == b"works\n"
        metrics._beat -= 181
        with pytest.raises(HTTPError, match="503"):
            urllib.request.urlopen(f"{url}/healthz")
        metrics.beat()
        assert urllib.request.urlopen(f"{url}/healthz").status == 200
    finally:
        server.shutdown()


def test_refusals_of_a_topic_are_counted_from_zero():
    metrics = Metrics()
    Watch(metrics).read("alerts", 3)
    assert 'fraud_indexer_refused_total{topic="alerts"} 0\n' in metrics.text()
