"""The indices of a detector: what is indexed, under which name, with which fields, and for how long."""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fraud_api import FraudDetector, naming
from fraud_api.backends import Elasticsearch
from fraud_api.base import milliseconds
from fraud_api.outputs import Output, OutputMode
from fraud_api.streams import Stream
from fraud_services.indices import fields, names
from fraud_services.indices.fields import Fields
from fraud_services.indices.times import TimeField

TIMESTAMP = "@timestamp"
"""The field that the indexer adds where a document has no field that Elasticsearch could take for a date."""

_SHORTEST_BUCKET_MS = 1000


@dataclass(frozen=True)
class Index:
    """A topic's index.

    Attributes:
        what: ``alerts``, ``blocked`` or the output's name; panels call it so.
        alias: the name that people read it by.
        topic: where its documents come from.
        fields: what a document may hold.
        strict: whether a document with any other field is refused; else such fields are kept and not searchable.
        upsert: whether a record replaces the one of the same key; all then lie in one index.
        id_field: the field that identifies a document; where there is none, its key or its place in the topic does.
        time: where its event time is; None: the record's own time, which Kafka keeps.
        stamped: whether the indexer adds ``@timestamp``.
        time_field: the time axis of dashboards; None when there is no date in it.
        bucket_ms: length of a time bucket in milliseconds.
        retention_ms: how long a bucket is kept after its end, in milliseconds.
        shards: primary shards.
        replicas: replicas.
        data_stream: whether buckets and retention are left to the cluster.
    """

    what: str
    alias: str
    topic: str
    fields: Fields
    strict: bool
    upsert: bool
    id_field: str | None
    time: TimeField | None
    stamped: bool
    time_field: str | None
    bucket_ms: int
    retention_ms: int
    shards: int
    replicas: int
    data_stream: bool

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hex digits over everything that its templates are made of."""
        told: dict[str, Any] = {
            "fields": self.fields,
            "strict": self.strict,
            "upsert": self.upsert,
            "bucket": self.bucket_ms,
            "settings": [self.shards, self.replicas, self.data_stream],
        }
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:12]

    def physical(self, version: int) -> str:
        """The one index that is upserted, the data stream, or what all buckets' names begin with."""
        return f"{self.alias}.v{version}"

    def first(self, version: int) -> str:
        """The index that is there before any document, so that the alias is."""
        return self.physical(version) if self.upsert or self.data_stream else f"{self.physical(version)}.base"


def indices_of(detector: FraudDetector) -> list[Index]:
    """All indices of a detector; none where it has no ``elasticsearch``.

    Late events and dead letters stay topics: their records have no common form.
    """
    where = detector.spec.elasticsearch
    if where is None:
        return []
    found = []
    if detector.spec.rules:
        found.append(_alerts(detector, where))
    if any(rule.actions.block for rule in detector.spec.rules):
        found.append(_blocked(detector, where))
    return found + [_output(detector, where, output) for output in detector.spec.outputs if output.index.enabled]


def _alerts(detector: FraudDetector, where: Elasticsearch) -> Index:
    time = TimeField("event_time")
    return _index(
        detector, where, "alerts", naming.alerts_topic(detector), fields.ALERT,
        id_field="alert_id", time=time, time_field=time.column,
    )  # fmt: skip


def _blocked(detector: FraudDetector, where: Elasticsearch) -> Index:
    topic = naming.blocked_topic(detector)
    return _index(detector, where, "blocked", topic, fields.BLOCK, upsert=True, time_field="when")


def _output(detector: FraudDetector, where: Elasticsearch, output: Output) -> Index:
    found = _split(detector, output) if output.split else _query(output)
    retention = output.index.retention
    return _index(
        detector, where, output.name, output.topic_name, **found,
        retention_ms=milliseconds(retention or where.retention),
    )  # fmt: skip


def _split(detector: FraudDetector, output: Output) -> dict[str, Any]:
    """A stream's events as they came: fields that nobody declared are kept, as the stream itself keeps them."""
    assert output.split is not None
    stream = next(one for one in detector.spec.streams if one.name == output.split.source)
    properties = fields.of_stream(stream.columns)
    return {"properties": properties, "strict": False, "time": _event_time(stream, output.index.time_column)}


def _event_time(stream: Stream, column: str | None) -> TimeField:
    if column is None or column == stream.event_time.column:
        return TimeField.of_stream(stream)
    declared = stream.column(column)
    return TimeField(declared.place if declared else column)


def _query(output: Output) -> dict[str, Any]:
    properties = dict(fields.of_output(output.columns or []))
    if output.mode is OutputMode.UPSERT:
        dates = (name for name, field in properties.items() if fields.is_date(field))
        return {"properties": properties, "upsert": True, "time_field": next(dates, None)}
    column = output.index.time_column
    if column is None:
        return {"properties": properties}
    return {"properties": properties, "time": TimeField(column), "time_field": column}


def _index(
    detector: FraudDetector,
    where: Elasticsearch,
    what: str,
    topic: str,
    properties: Fields,
    *,
    strict: bool = True,
    upsert: bool = False,
    id_field: str | None = None,
    time: TimeField | None = None,
    time_field: str | None = None,
    retention_ms: int | None = None,
) -> Index:
    data_stream = where.data_streams and not upsert
    dated = time_field is not None and fields.is_date(properties[time_field])
    stamped = not upsert and (not dated or data_stream)
    return Index(
        what=what,
        alias=names.alias(detector, what),
        topic=topic,
        fields={**properties, TIMESTAMP: fields.STAMP} if stamped else properties,
        strict=strict,
        upsert=upsert,
        id_field=id_field,
        time=time,
        stamped=stamped,
        time_field=TIMESTAMP if stamped else time_field,
        bucket_ms=max(_SHORTEST_BUCKET_MS, milliseconds(where.bucket)),
        retention_ms=milliseconds(where.retention) if retention_ms is None else retention_ms,
        shards=where.shards,
        replicas=where.replicas,
        data_stream=data_stream,
    )
