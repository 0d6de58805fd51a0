"""The generator as a detector's pod runs it, on a broker that comes, goes and comes back."""

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from confluent_kafka import KafkaException
from harness import waiting
from harness.detectors import isolated, manifest
from harness.kafka import Broker

from fraud_api import FraudDetector
from fraud_api.backends import Generator
from fraudctl.runtime.kafka import EmbeddedKafka

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[EmbeddedKafka]:
    """A broker to break, not yet started."""
    made = EmbeddedKafka(tmp_path / "kafka")
    (tmp_path / "kafka").mkdir()
    yield made
    made.close()


def with_traffic(detector: FraudDetector, **settings: object) -> FraudDetector:
    found = Generator(scenario=detector.metadata.name, **settings)
    return detector.model_copy(update={"spec": detector.spec.model_copy(update={"generator": found})})


class Pod:
    """The generator's process and what it says."""

    def __init__(self, detector: FraudDetector, tmp_path: Path) -> None:
        file = tmp_path / "detector.json"
        file.write_text(detector.model_dump_json(by_alias=True))
        command = [sys.executable, "-m", "fraud_generator.detector", str(file)]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self.lines: list[str] = []
        self._reader = threading.Thread(target=lambda: self.lines.extend(self.process.stderr or ()), daemon=True)
        self._reader.start()

    def await_line(self, beginning: str) -> None:
        waiting.until(lambda: any(line.startswith(beginning) for line in self.lines), lambda: str(self.lines))

    def end(self) -> int:
        code = self.process.wait(60)
        self._reader.join(10)
        return code


def records(broker: Broker, topic: str) -> int:
    """How many records there are; a young topic may have no leader for a moment."""
    with suppress(KafkaException):
        return broker.count(topic)
    return 0


def test_a_finite_scenario_is_sent_whole_with_its_closing_records(kafka: Broker, tmp_path: Path) -> None:
    mine = with_traffic(isolated(manifest("payments"), kafka.bootstrap), count=3_000, seed=4)
    kafka.create_for(mine)
    pod = Pod(mine, tmp_path)
    assert pod.end() == 0, pod.lines
    sent = sum(kafka.count(stream.topic_name) for stream in mine.spec.streams)
    assert sent == 3_004  # a closing record in each partition of both topics
    assert pod.lines[-1].startswith("payments: sent 3,004, acknowledged 3,004, failed 0")


def test_endless_traffic_waits_for_its_broker_and_topics_and_survives_a_loss(
    own_kafka: EmbeddedKafka, tmp_path: Path
) -> None:
    mine = with_traffic(isolated(manifest("transactions"), own_kafka.bootstrap), endless=True, rate=500)
    (topic,) = [stream.topic_name for stream in mine.spec.streams]
    pod = Pod(mine, tmp_path)
    pod.await_line(f"waiting: no Kafka broker answers at {own_kafka.bootstrap}")
    own_kafka.start()
    pod.await_line(f"waiting: there is no topic '{topic}'")
    broker = Broker(own_kafka.bootstrap)
    broker.create_for(mine)
    waiting.until(lambda: records(broker, topic) > 500, lambda: str(pod.lines))
    own_kafka.kill()
    pod.await_line("broker lost")
    own_kafka.start()
    pod.await_line("broker is back")
    pod.process.send_signal(signal.SIGTERM)
    assert pod.end() == 0, pod.lines
    messages = Broker(own_kafka.bootstrap).read_topic(topic)
    assert pod.lines[-1].startswith(f"transactions: sent {len(messages):,}, acknowledged {len(messages):,}, failed 0")
    assert pod.lines[-1].rstrip().endswith("stopped")
    numbers = {message.json()["transaction_id"] for message in messages}
    assert len(numbers) == len(messages), "some came twice"
    # they come up to five seconds out of order: at the moment of the end some of the last are yet to come
    assert set(range(1, len(numbers) - 3_000)) <= numbers, "some are lost"
