"""Flink tables on Kafka topics: sources that lose nothing, sinks for JSON and for bytes as they came."""

from collections.abc import Iterable, Mapping

from fraud_api import FraudDetector, naming
from fraud_api.base import milliseconds
from fraud_api.flink import Delivery
from fraud_api.outputs import Output, OutputMode
from fraud_api.reads import policies_of
from fraud_api.sql import identifier, literal
from fraud_api.streams import OnInvalid, StartFrom, Stream, TimeFormat
from fraud_job import text
from fraud_job.scope import SINKS, source_table
from fraud_job.topics import MAX_MESSAGE_BYTES

_TIME_FORMATS = {
    TimeFormat.ISO8601: "ISO8601",
    TimeFormat.SQL: "SQL",
    TimeFormat.EPOCH_SECONDS: "EPOCH_SECONDS",
    TimeFormat.EPOCH_MILLIS: "EPOCH_MILLIS",
    TimeFormat.EPOCH_MICROS: "EPOCH_MICROS",
    TimeFormat.EPOCH_NANOS: "EPOCH_NANOS",
}

_NULL = OnInvalid.SET_NULL

_PRODUCER = {
    # a broker that is away for some minutes is waited for; a failed checkpoint then repeats nothing
    "properties.delivery.timeout.ms": "600000",
    "properties.max.request.size": str(MAX_MESSAGE_BYTES),
    "properties.linger.ms": "5",
    "properties.batch.size": "262144",
    "properties.buffer.memory": "67108864",
    "properties.compression.type": "lz4",
}

_SETTLE = "1 s"
_TRANSACTION_TIMEOUT_MS = 600_000
"""Under the broker's own maximum of 15 minutes, over any checkpoint."""


class Tables:
    """Makes the tables of one detector.

    Attributes:
        detector: whose tables they are.
    """

    def __init__(self, detector: FraudDetector, clients: Mapping[str, str]) -> None:
        """``clients`` are properties that every Kafka client gets, such as those of secured brokers."""
        self.detector = detector
        servers = detector.spec.kafka.bootstrap_servers
        self._connection = _properties({"bootstrap.servers": servers, **clients})

    def source(self, stream: Stream, follows: Iterable[str] = (), settle: bool = False) -> str:
        """The table that scans a stream: declared columns and, as metadata, what became of each record.

        Args:
            stream: the stream.
            follows: streams whose time goes on for this one while all of it is silent.
            settle: whether those who read it need a moment between the end of time and that of input.
        """
        physical = [f"{identifier(column.name)} {column.type}" for column in stream.columns]
        metadata = [
            "`_raw` BYTES METADATA FROM 'value.raw' VIRTUAL",
            "`_error` STRING METADATA FROM 'value.error' VIRTUAL",
            "`_event_time` TIMESTAMP_LTZ(3) METADATA FROM 'value.event-time' VIRTUAL",
            "`_late` BOOLEAN METADATA FROM 'value.late' VIRTUAL",
            "`_partition` INT METADATA FROM 'partition' VIRTUAL",
            "`_offset` BIGINT METADATA FROM 'offset' VIRTUAL",
        ]
        watermark = "WATERMARK FOR `_event_time` AS SOURCE_WATERMARK()"
        options = _source_options(self.detector, stream) | _clock_options(stream, follows, settle) | self._connection
        return _create(source_table(stream), [*physical, *metadata, watermark], options)

    def raw_sink(self, name: str, topic: str, headers: bool = False) -> str:
        """A table of bytes that are written as they came, with headers or without."""
        columns = ["`value` BYTES"] + ["`headers` MAP<STRING NOT NULL, BYTES> METADATA"] * headers
        options = {"connector": "kafka", "topic": topic, "format": "raw"}
        return _create(sink_table(name), columns, options | self._producer(name))

    def keyed_sink(self, name: str, topic: str) -> str:
        """A table of keys and ready JSON texts."""
        options = {
            "connector": "kafka",
            "topic": topic,
            "key.format": "raw",
            "key.fields": "key",
            "value.format": "raw",
            "value.fields-include": "EXCEPT_KEY",
        }
        columns = ["`key` STRING", "`value` STRING"]
        return _create(sink_table(name), columns, options | self._producer(name))

    def output_sink(self, name: str, output: Output) -> str:
        """The table of an output's rows."""
        declared = output.columns or []
        columns = [f"{identifier(column.name)} {column.type}" for column in declared]
        if output.mode is OutputMode.UPSERT:
            columns.append(f"PRIMARY KEY ({text.columns(output.key or [])}) NOT ENFORCED")
            options = {"connector": "upsert-kafka"} | _json("key") | _json("value")
        else:
            options = {"connector": "kafka"} | _json("value")
            if output.key:
                options |= {"key.fields": ";".join(output.key)} | _json("key")
        options |= {"topic": output.topic_name}
        return _create(sink_table(name), columns, options | self._producer(name))

    def _producer(self, name: str) -> dict[str, str]:
        options = self._connection | _PRODUCER
        if self.detector.spec.delivery is Delivery.AT_LEAST_ONCE:
            return options | {"sink.delivery-guarantee": "at-least-once"}
        return options | {
            "sink.delivery-guarantee": "exactly-once",
            "sink.transactional-id-prefix": f"{naming.prefix(self.detector)}.{name}".replace(" ", "."),
            "properties.transaction.timeout.ms": str(_TRANSACTION_TIMEOUT_MS),
        }


def _source_options(detector: FraudDetector, stream: Stream) -> dict[str, str]:
    time = stream.event_time
    start = "earliest-offset" if stream.start_from is StartFrom.EARLIEST else "latest-offset"
    return {
        "connector": "fraud-kafka",
        "topic": stream.topic_name,
        "properties.group.id": naming.consumer_group(detector),
        "properties.max.partition.fetch.bytes": str(MAX_MESSAGE_BYTES),
        "scan.startup.mode": start,
        "format": "fraud-event",
        "fraud-event.event-time.column": time.column,
        "fraud-event.event-time.format": _TIME_FORMATS[time.format],
        "fraud-event.event-time.zone": time.time_zone,
        "fraud-event.max-ahead": f"{milliseconds(time.max_ahead)} ms",
        "fraud-event.max-bytes": str(stream.max_record_bytes),
        **_column_options(detector, stream),
    }


def _column_options(detector: FraudDetector, stream: Stream) -> dict[str, str]:
    policies = policies_of(detector.spec, stream)
    unread = {column.name for column in stream.columns if column.on_invalid is None and policies[column.name] is _NULL}
    lists = {
        "required": [column.name for column in stream.columns if column.required and column.name not in unread],
        "paths": [f"{column.name}={column.path}" for column in stream.columns if column.path],
        "written-as-text": [column.name for column in stream.columns if column.written_as],
        "rounded": [name for name, policy in policies.items() if policy is OnInvalid.ROUND],
        "nulled": [name for name, policy in policies.items() if policy is _NULL],
    }
    return {f"fraud-event.{name}": ";".join(names) for name, names in lists.items() if names or name == "required"}


def _clock_options(stream: Stream, follows: Iterable[str], settle: bool) -> dict[str, str]:
    time = stream.event_time
    options = {
        "stream": stream.name,
        "out-of-orderness": f"{milliseconds(time.out_of_orderness)} ms",
        "idle-timeout": f"{milliseconds(time.idle_timeout)} ms",
    }
    followed = ";".join(sorted(follows))
    if followed:
        options["follows"] = followed
    if settle:
        options["settle"] = _SETTLE
    if stream.deduplicate and stream.event_id:
        options["deduplicate.within"] = f"{milliseconds(stream.deduplicate)} ms"
        options["deduplicate.column"] = stream.event_id
    return options


def sink_table(name: str) -> str:
    """The table that stands for a sink."""
    return f"{identifier(SINKS)}.{identifier(name)}"


def _json(side: str) -> dict[str, str]:
    return {
        f"{side}.format": "json",
        f"{side}.json.timestamp-format.standard": "ISO-8601",
        f"{side}.json.encode.decimal-as-plain-number": "true",
    }


def _properties(clients: Mapping[str, str]) -> dict[str, str]:
    return {f"properties.{name}": value for name, value in clients.items()}


def _create(table: str, columns: list[str], options: Mapping[str, str]) -> str:
    body = ",\n  ".join(columns)
    settings = ",\n  ".join(f"{literal(key)} = {literal(value)}" for key, value in options.items())
    return f"CREATE TEMPORARY TABLE {table} (\n  {body}\n) WITH (\n  {settings}\n)"
