"""``python -m fraud_services.indexer DETECTOR.json``: fill a detector's indices until told to end.

Exit codes: 0 ended as asked, 1 something is broken for good, 2 a mistake in what it was given.
"""

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from fraud_api import FraudDetector, InvalidDetector, load_file, naming
from fraud_api.kafka_clients import SecretError
from fraud_services.elastic import connect
from fraud_services.errors import ServiceError
from fraud_services.indexer import kafka
from fraud_services.indexer.buckets import Buckets
from fraud_services.indexer.bulk import Sender
from fraud_services.indexer.dead_letters import DeadLetters
from fraud_services.indexer.documents import to_action
from fraud_services.indexer.reader import Reader
from fraud_services.indexer.run import SENDERS, Indexer
from fraud_services.indexer.watch import Watch
from fraud_services.indices.apply import written_version
from fraud_services.indices.model import Index, indices_of
from fraud_services.indices.verdicts import verdict_of
from fraud_services.metrics import Metrics, serve
from fraud_services.secret_files import read_secret

_LOG = logging.getLogger("fraud_services.indexer")
_POLL_SECONDS = 2.0
_LARGEST_BYTES = 104_857_600
"""What a node takes at once by default."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until a signal comes."""
    options = _options(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # what it warns of is told by us, once
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        _run(options, stop)
    except (InvalidDetector, SecretError, ServiceError) as error:
        return _told(str(error), 2)
    except KafkaException as error:
        return _told(f"Kafka: {error.args[0].str()}", 1)
    except OSError as error:
        return _told(str(error), 1)
    except Exception as error:
        # a sender that has died leaves others that wait: the process must not wait for these
        stop.set()
        _LOG.critical("the indexer can't go on", exc_info=True)
        return _told(f"can't go on: {type(error).__name__}; the log says where", 1)
    _LOG.info("ended")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fraud_services.indexer", description=__doc__)
    parser.add_argument("detector", type=Path, help="a file with one FraudDetector, JSON or YAML")
    parser.add_argument("--secrets-dir", type=Path, help="where Secrets lie as files: DIR/NAME/KEY")
    parser.add_argument("--group", help="consumer group; the detector's own by default")
    parser.add_argument("--metrics-port", type=int, help="serve Prometheus metrics there")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace, stop: threading.Event) -> None:
    detector = _load(options.detector)
    where = detector.spec.elasticsearch
    wanted = {index.topic: index for index in indices_of(detector)}
    if where is None or not wanted:
        raise ServiceError(f"{options.detector}: nothing is to be indexed", "declare spec.elasticsearch and outputs")
    client = connect(where.url, read_secret(options.secrets_dir, where.secret_ref), connections=SENDERS)
    config = kafka.connection(detector, options.secrets_dir)
    reading = kafka.consumer(detector, config, options.group)
    metrics = Metrics()
    if options.metrics_port is not None:
        serve(metrics, options.metrics_port)
    versions = _wait_for_indices(client, detector, wanted, metrics, stop)
    if versions is not None:
        _index(client, detector, wanted, versions, config, reading, metrics, stop)


def _load(file: Path) -> FraudDetector:
    found = load_file(file)
    if len(found) != 1:
        raise ServiceError(f"{file} holds {len(found)} detectors", "one is needed")
    return found[0]


def _wait_for_indices(
    client: Elasticsearch,
    detector: FraudDetector,
    wanted: Mapping[str, Index],
    metrics: Metrics,
    stop: threading.Event,
) -> dict[str, int] | None:
    """The version of each topic's index, once index management has made it; None when the end came first."""
    told = ""
    while not stop.is_set():
        metrics.beat()
        versions, reason = _versions(client, detector, wanted)
        if not reason:
            return versions
        if reason != told:
            _LOG.warning("waiting: %s", reason)
            told = reason
        stop.wait(_POLL_SECONDS)
    return None


def _versions(
    client: Elasticsearch, detector: FraudDetector, wanted: Mapping[str, Index]
) -> tuple[dict[str, int], str]:
    """Versions by topic, and why there are none."""
    found: dict[str, int] = {}
    for topic, index in wanted.items():
        try:
            version = written_version(client, detector, index)
        except (ApiError, TransportError) as error:
            assert detector.spec.elasticsearch is not None
            return {}, verdict_of(error, detector.spec.elasticsearch.url).message
        if version is None:
            return {}, f"index {index.alias} has not been made for this version of the detector yet"
        found[topic] = version.number
    return found, ""


def _index(
    client: Elasticsearch,
    detector: FraudDetector,
    wanted: Mapping[str, Index],
    versions: Mapping[str, int],
    config: Mapping[str, Any],
    reading: Mapping[str, Any],
    metrics: Metrics,
    stop: threading.Event,
) -> None:
    assert detector.spec.elasticsearch is not None
    watch = Watch(metrics)
    first = {index.first(versions[topic]): index for topic, index in wanted.items()}
    buckets = Buckets(client, detector, first, [name for name, index in first.items() if index.data_stream])
    sender = Sender(client, detector.spec.elasticsearch.url, buckets, watch, _largest(client), stop)
    dead_letters = DeadLetters(naming.indexer_dead_letter_topic(detector), kafka.producer(config), stop)
    kafka.create_dead_letter_topic(detector, config)
    actions = {topic: to_action(index, versions[topic]) for topic, index in wanted.items()}
    reader = partial(Reader, reading, versions, watch.uncommitted)
    _LOG.info("indexing %s", ", ".join(f"{topic} as {index.alias}" for topic, index in wanted.items()))
    Indexer(reader, actions, sender, dead_letters, watch, stop).run()


def _largest(client: Elasticsearch) -> int:
    """The most bytes that every node takes at once."""
    try:
        nodes = client.nodes.info(metric="http", filter_path="nodes.*.http.max_content_length_in_bytes").body["nodes"]
    except (ApiError, TransportError, KeyError):  # not everybody may ask; a node says no by itself, too
        return _LARGEST_BYTES
    return min((int(node["http"]["max_content_length_in_bytes"]) for node in nodes.values()), default=_LARGEST_BYTES)


def _told(message: str, code: int) -> int:
    print(f"indexer: {message}", file=sys.stderr)  # noqa: T201
    return code


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    os._exit(code)  # a thread may still wait for an answer that nobody needs any more
