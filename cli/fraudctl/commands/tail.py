"""``fraudctl tail``: a topic's records, without other tools."""

import uuid
from pathlib import Path
from typing import Annotated, Any

import typer
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from fraud_api.problems import did_you_mean
from fraudctl.broker import Broker, kafka_properties, reason, secured_properties
from fraudctl.detectors import load_one
from fraudctl.errors import MachineError, UserError
from fraudctl.output import write

EPILOG = """Examples:

fraudctl tail default.transactions.alerts --kafka localhost:9092

fraudctl tail queueing.transactions --from-beginning -n 10

fraudctl tail default.transactions.alerts --detector detector.yaml --secrets-dir secrets

fraudctl tail default.payments.payment.dead-letters --from-beginning --no-follow --headers

The address of an embedded Kafka is in the view of fraudctl run.

Exit codes: 0 done or stopped, 1 the broker failed, 2 there is no such topic."""

_BATCH = 500
_DEFAULT_KAFKA = "localhost:9092"


def tail(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="The topic.")],
    kafka: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", envvar="KAFKA_BROKER_URL", help="The Kafka; localhost:9092 by default."),
    ] = None,
    detector: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take Kafka's address and security from this FraudDetector.")
    ] = None,
    secrets_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the Secrets that the detector names are: DIR/NAME/KEY.")
    ] = None,
    kafka_config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Client properties: name=value lines.")
    ] = None,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="All records, not only new ones.")] = False,
    most: Annotated[int | None, typer.Option("-n", min=1, help="Stop after so many records.")] = None,
    follow: Annotated[bool, typer.Option(help="Wait for more at the end.")] = True,
    headers: Annotated[bool, typer.Option("--headers", help="Show place, key and headers too.")] = False,
) -> None:
    """Print a topic's records, one a line."""
    broker = _broker(kafka, detector, secrets_dir, kafka_properties(kafka_config))
    partitions = broker.partitions()
    if topic not in partitions:
        raise UserError(f"there is no topic {topic} at {broker.bootstrap}", did_you_mean(topic, partitions) or "")
    places = [(topic, number) for number in range(partitions[topic])]
    try:
        starts = broker.beginnings(places) if from_beginning else broker.ends(places)
        ends = None if follow else broker.ends(places)
    except KafkaException as error:
        raise MachineError(f"cannot read {topic}: {reason(error)}") from error
    consumer = Consumer(
        {**broker.config, "group.id": f"fraudctl-{uuid.uuid4().hex}", "enable.auto.commit": False,
         "auto.offset.reset": "earliest", "enable.partition.eof": True}
    )  # fmt: skip
    consumer.assign([TopicPartition(name, number, at) for (name, number), at in starts.items()])
    waiting = None if ends is None else {place for place, end in ends.items() if end > starts[place]}
    try:
        _print_all(consumer, most, waiting, headers)
    finally:
        consumer.close()


def _broker(kafka: str | None, file: Path | None, secrets_dir: Path | None, properties: dict[str, str]) -> Broker:
    if file is None:
        if secrets_dir is not None:
            raise UserError("--secrets-dir needs --detector, which says which Secret is meant")
        return Broker(kafka or _DEFAULT_KAFKA, properties)
    spec = load_one(file).spec.kafka
    return Broker(kafka or spec.bootstrap_servers, properties | secured_properties(spec.security, secrets_dir))


def _print_all(consumer: Any, most: int | None, waiting: set[tuple[str, int]] | None, headers: bool) -> None:
    shown = 0
    while (most is None or shown < most) and waiting != set():
        lines = []
        wanted = _BATCH if most is None else min(_BATCH, most - shown)
        for message in consumer.consume(wanted, timeout=0.2):
            error = message.error()
            if error is None:
                lines.append(show(message, headers))
            elif error.code() == KafkaError._PARTITION_EOF:
                if waiting is not None:
                    waiting.discard((message.topic(), message.partition()))
            elif error.code() == KafkaError.TOPIC_AUTHORIZATION_FAILED:
                raise MachineError(f"cannot read {message.topic()}: {error.str()}")
        write(b"".join(lines))
        shown += len(lines)


def show(message: Message, headers: bool) -> bytes:
    """A record as a line: its bytes as they are, before them where it lies when ``headers`` is wanted."""
    value = message.value()
    line = (b"null" if value is None else value) + b"\n"
    if not headers:
        return line
    key = message.key()
    parts = [f"{message.topic()}[{message.partition()}]@{message.offset()}"]
    if key is not None:
        parts.append(f"key={key.decode(errors='replace')}")
    for name, content in message.headers() or ():
        parts.append(f"{name}={(content or b'').decode(errors='replace')}")
    return " ".join(parts).encode() + b"\t" + line
