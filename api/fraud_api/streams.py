"""What flows in: Kafka, streams, their columns and event time, views and parameters."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from fraud_api.base import (
    Identifier,
    Interval,
    Model,
    ParameterName,
    PositiveDuration,
    Query,
    SecretRef,
    ShortText,
    Text,
    TopicName,
)
from fraud_api.type_names import column_type_fault

SQL_TYPE_PATTERN = (
    r"^(STRING|BOOLEAN|TINYINT|SMALLINT|INT|BIGINT|FLOAT|DOUBLE|DATE"
    r"|DECIMAL\(([1-9]|[12][0-9]|3[0-8])(, ?([0-9]|[12][0-9]|3[0-8]))?\)|TIMESTAMP\(3\)|TIMESTAMP_LTZ\(3\))$"
)


def _of_right_size(sql_type: str) -> str:
    fault = column_type_fault(sql_type)
    if fault:
        raise ValueError(fault)
    return sql_type


SqlType = Annotated[str, StringConstraints(pattern=SQL_TYPE_PATTERN, max_length=32), AfterValidator(_of_right_size)]


class SecurityProtocol(StrEnum):
    """How brokers are spoken to, in Kafka's own words."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class KafkaSecurity(Model):
    """Transport security and login of the Kafka clients."""

    protocol: SecurityProtocol = Field(SecurityProtocol.PLAINTEXT, description="Kafka's security.protocol.")
    secret_ref: SecretRef | None = Field(
        None,
        description="Secret with any of: username, password, sasl.mechanism (PLAIN by default, SCRAM-SHA-256, "
        "SCRAM-SHA-512), ca.crt, user.crt, user.key (PEM; the key as PKCS #8).",
    )

    @model_validator(mode="after")
    def _login_has_a_secret(self) -> Self:
        if self.protocol.value.startswith("SASL") and self.secret_ref is None:
            raise ValueError("a SASL protocol needs secretRef with username and password")
        return self


class TopicDefaults(Model):
    """Settings of topics that the detector creates."""

    partitions: int = Field(2, ge=1, le=1024, description="Partitions of a new topic.")
    replication_factor: int = Field(1, ge=1, le=16, description="Copies of each partition.")
    retention: PositiveDuration = Field("7d", description="How long records are kept.")


class Kafka(Model):
    """The Kafka cluster that all streams and outputs live on."""

    bootstrap_servers: Annotated[str, StringConstraints(min_length=1, max_length=1024)] = Field(
        "localhost:9092", description="Comma-separated host:port list of brokers."
    )
    security: KafkaSecurity = Field(default_factory=KafkaSecurity, description="Transport security and login.")
    topics: TopicDefaults = Field(
        default_factory=TopicDefaults, description="Settings of topics made for this detector."
    )


class OnInvalid(StrEnum):
    """What becomes of a value that a column can't hold."""

    REFUSE = "Refuse"
    ROUND = "Round"
    SET_NULL = "SetNull"


class WrittenAs(StrEnum):
    """How a number is written where JSON's own way is not used."""

    TEXT = "Text"


FIELD_PATH_PATTERN = r"^[A-Za-z0-9_@$#/ -]+(\.[A-Za-z0-9_@$#/ -]+)*$"
FieldPath = Annotated[str, StringConstraints(pattern=FIELD_PATH_PATTERN, max_length=512)]
"""Names of fields from the record's outermost object inwards, joined by dots."""


class Column(Model):
    """A field of a record and its SQL type; other fields of the record are ignored."""

    name: Identifier = Field(description="The column's name in SQL, and in the record unless path says otherwise.")
    type: SqlType = Field(
        description="SQL type: STRING, BOOLEAN, TINYINT, SMALLINT, INT, BIGINT, FLOAT, DOUBLE, DECIMAL(p, s), DATE, "
        "TIMESTAMP(3) ('2024-01-31T23:59:59.123', or with a blank) or TIMESTAMP_LTZ(3) ('2024-01-31T23:59:59.123Z')."
    )
    required: bool = Field(
        True,
        description="Whether a record without it, or with null in it, is a dead letter. "
        "Of no effect where nothing reads the column and onInvalid is not set.",
    )
    path: FieldPath | None = Field(
        None,
        description="Where in the record it lies, such as after.amount for amount in the object after; its name by "
        "default. A field with a dot in its name can't be reached.",
    )
    written_as: WrittenAs | None = Field(
        None, description='Text: the number is written as text, such as "950.00", and as nothing else.'
    )
    on_invalid: OnInvalid | None = Field(
        None,
        description="What a value does that the type can't hold. Refuse: the record is a dead letter. Round: a number "
        "with too many places is rounded half up. SetNull: the column is null. By default Refuse where a rule, view "
        "or output reads the column, else SetNull.",
    )
    description: ShortText | None = Field(None, description="What the field means, for people.")

    @property
    def place(self) -> str:
        """Its path in the record."""
        return self.path or self.name

    @property
    def nullable(self) -> bool:
        """Whether it can be null in a row that rules see, if anything reads it."""
        return not self.required or self.on_invalid is OnInvalid.SET_NULL


class TimeFormat(StrEnum):
    """How an event time is written."""

    ISO8601 = "ISO8601"
    SQL = "SQL"
    EPOCH_SECONDS = "EpochSeconds"
    EPOCH_MILLIS = "EpochMillis"
    EPOCH_MICROS = "EpochMicros"
    EPOCH_NANOS = "EpochNanos"


class EventTime(Model):
    """When an event happened, and how much disorder is normal."""

    column: Identifier = Field(description="The column that holds the event time; STRING, or a number for epochs.")
    format: TimeFormat = Field(
        TimeFormat.ISO8601,
        description="ISO8601 ('2024-01-31T23:59:59.123Z'), SQL ('2024-01-31 23:59:59.123'), EpochSeconds, "
        "EpochMillis, EpochMicros, EpochNanos; finer times are cut to milliseconds.",
    )
    time_zone: Annotated[str, StringConstraints(max_length=64)] = Field(
        "UTC", description="IANA zone of a written time that names none, such as Europe/Berlin."
    )
    out_of_orderness: Interval = Field(
        "5s", description="How far events may arrive out of order before the older one counts as late."
    )
    idle_timeout: PositiveDuration = Field(
        "2m",
        description="A partition without events for this long, by the clock on the wall, no longer holds windows back; "
        "what it brings afterwards is late where the others' time has passed it. Too short, and what a slow machine "
        "reads too slowly comes late.",
    )
    max_ahead: PositiveDuration = Field(
        "1h", description="An event dated further in the future than this is a dead letter."
    )


class StartFrom(StrEnum):
    """Where a detector without saved state starts reading."""

    EARLIEST = "Earliest"
    LATEST = "Latest"


class KinesisStream(Model):
    """A Kinesis stream that a bridge copies into the stream's topic."""

    stream: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_.-]+$", max_length=128)] = Field(
        description="Name of the Kinesis stream."
    )
    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=32)] = Field(
        description="AWS region, such as eu-central-1."
    )
    endpoint: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        None, description="Endpoint instead of AWS's own, for tests and private links."
    )
    secret_ref: SecretRef | None = Field(
        None, description="Secret with accessKeyId and secretAccessKey; without it the pod's own identity."
    )


class Stream(Model):
    """A topic of JSON records, read and parsed once whatever the number of rules over it."""

    name: Identifier = Field(description="What rules and views call it.")
    topic: TopicName | None = Field(None, description="Kafka topic; the stream's name by default.")
    kinesis: KinesisStream | None = Field(None, description="Kinesis stream to copy into the topic.")
    columns: list[Column] = Field(
        description="The record's fields.",
        min_length=1,
        max_length=256,
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"]},
    )
    event_time: EventTime = Field(description="When the event happened. In SQL: the column event_time.")
    event_id: Identifier | None = Field(
        None,
        description="Column that names an event uniquely; topic-partition-offset by default. In SQL: event_id.",
    )
    deduplicate: PositiveDuration | None = Field(
        None,
        description="Events with one event id count once if they are no further apart in event time than this, such as "
        "1h; needs eventId. Ids are remembered for up to twice as long.",
    )
    start_from: StartFrom = Field(StartFrom.EARLIEST, description="Where to start without saved state.")
    max_record_bytes: int = Field(1_048_576, ge=128, le=10_485_760, description="A larger record is a dead letter.")

    @property
    def topic_name(self) -> str:
        """The Kafka topic it is read from."""
        return self.topic or self.name

    def column(self, name: str) -> Column | None:
        """The declared column of that name."""
        return next((column for column in self.columns if column.name == name), None)


class View(Model):
    """A named SELECT over streams and views above it, to prepare what rules share."""

    name: Identifier = Field(description="What rules and outputs call it.")
    query: Query = Field(
        description="One SELECT. Keep event_time (and event_id) among its columns where rules need them."
    )
    description: Text | None = Field(None, description="What it is for, for people.")


class ParameterType(StrEnum):
    """SQL type of a parameter."""

    STRING = "STRING"
    BOOLEAN = "BOOLEAN"
    INT = "INT"
    BIGINT = "BIGINT"
    DOUBLE = "DOUBLE"
    DECIMAL = "DECIMAL"


def _as_text(value: object) -> object:
    """A number or truth value as the text it was written as: analysts leave quotes out."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # no exponent: SQL would make a DOUBLE of it
        return format(Decimal(repr(value)), "f")
    return str(value) if isinstance(value, int) else value


class Parameter(Model):
    """A typed value that predicates use as ``:name``; editing it keeps the job's state."""

    name: ParameterName = Field(description="Used in predicates as :name.")
    type: ParameterType = Field(ParameterType.DOUBLE, description="STRING, BOOLEAN, INT, BIGINT, DOUBLE or DECIMAL.")
    value: Annotated[str, BeforeValidator(_as_text), StringConstraints(max_length=256)] = Field(
        description="The value: 900, 12.50, true, EUR; with or without quotes.",
        json_schema_extra={"type": ["string", "number", "boolean"]},
    )
    description: ShortText | None = Field(None, description="What it means, for people.")
