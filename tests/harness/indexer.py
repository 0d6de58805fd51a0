"""Indexers in processes of their own, as Kubernetes and fraudctl start them."""

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import waiting
from harness.elastic import Elastic
from harness.kafka import Broker

from fraud_api import FraudDetector, naming
from fraud_services.indices import Index, apply, indices_of
from fraudctl.runtime.ports import free_ports


class Indexer:
    """A running indexer.

    Attributes:
        detector: what it indexes.
        log: what it says.
    """

    def __init__(self, detector: FraudDetector, directory: Path, *arguments: str) -> None:
        self.detector = detector
        file = directory / f"{detector.metadata.namespace}.json"
        file.write_text(json.dumps(detector.model_dump(mode="json", by_alias=True, exclude_none=True)))
        (self._port,) = free_ports(1)
        self.log = directory / f"{self._port}.log"
        command = [sys.executable, "-m", "fraud_services.indexer", str(file), "--metrics-port", str(self._port)]
        with self.log.open("wb") as output:
            self.process = subprocess.Popen([*command, *arguments], stdout=output, stderr=output)

    def metric(self, name: str) -> float:
        """A metric, over all its labels; 0 before it was told."""
        try:
            text = urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=5).read().decode()
        except OSError:
            return 0.0
        lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
        return sum(float(value) for series, _, value in lines if series.partition("{")[0] == f"fraud_indexer_{name}")

    def wait_metric(self, name: str, least: float, seconds: float = waiting.SECONDS) -> None:
        """Wait until a metric is at least so much."""

        def reached() -> bool:
            assert self.process.poll() is None, self.told()
            return self.metric(name) >= least

        waiting.until(reached, lambda: f"{name} is {self.metric(name)}: {self.told()}", seconds)

    def told(self) -> str:
        """Its log."""
        return self.log.read_text()

    def end(self) -> int:
        """Ask it to end; its exit code."""
        self.process.terminate()
        return self.process.wait(30)

    def kill(self) -> None:
        """``kill -9``."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Indexing:
    """A detector with topics and indices of its own, without a job: tests write its topics.

    Attributes:
        detector: the detector.
        kafka: the broker.
        elastic: the node.
    """

    def __init__(self, detector: FraudDetector, kafka: Broker, elastic: Elastic, directory: Path) -> None:
        self.detector = detector
        self.kafka = kafka
        self.elastic = elastic
        self._directory = directory

    def apply(self, detector: FraudDetector | None = None) -> None:
        """Make the indices."""
        verdict = apply(self.elastic.client, detector or self.detector)
        assert verdict.ready, verdict

    def index(self, what: str) -> Index:
        """An index."""
        return next(one for one in indices_of(self.detector) if one.what == what)

    def write(self, what: str, records: list[tuple[bytes | None, bytes | None]], partition: int = 0) -> None:
        """Write keys and values to the topic of an index."""
        self.kafka.write((self.index(what).topic, partition, key, value) for key, value in records)

    @contextmanager
    def running(self, *arguments: str, detector: FraudDetector | None = None) -> Iterator[Indexer]:
        """An indexer; it is ended as it would be by Kubernetes."""
        indexer = Indexer(detector or self.detector, self._directory, *arguments)
        try:
            yield indexer
            if indexer.process.poll() is None:
                assert indexer.end() == 0, indexer.told()
        finally:
            if indexer.process.poll() is None:
                indexer.kill()

    def wait_count(self, what: str, count: int, seconds: float = waiting.SECONDS) -> None:
        """Wait until an index has so many documents."""
        self.elastic.wait_count(self.index(what).alias, count, seconds)

    def documents(self, what: str) -> dict[str, object]:
        """Its documents by id."""
        return self.elastic.documents(self.index(what).alias)

    def dead_letters(self) -> list[tuple[bytes | None, dict[str, str]]]:
        """Values and headers of the records that were refused, by their origin."""
        read = self.kafka.read_topic(naming.indexer_dead_letter_topic(self.detector))
        told = [(one.value, {name: value.decode() for name, value in one.headers.items()}) for one in read]
        return sorted(told, key=lambda one: (one[1]["topic"], one[1]["partition"], int(one[1]["offset"])))

    def rewind(self) -> None:
        """Let the next indexer begin at the beginning."""
        group = naming.indexer_group(self.detector)
        waiting.until(lambda: self._forgotten(group), "the group is empty")

    def _forgotten(self, group: str) -> bool:
        from confluent_kafka import KafkaError, KafkaException

        try:
            self.kafka.forget(group)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.NON_EMPTY_GROUP:
                raise
            return False
        return True
