"""What documents are made of: the fields of alerts, of the block list and of outputs, as Elasticsearch indexes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fraud_api.outputs import FieldType, Output, OutputMode
from fraud_api.resource import FraudDetectorSpec

ALERTS = "alerts"
BLOCKED = "blocked"
TIMESTAMP = "@timestamp"
"""What the indexer adds where a document has no date of its own: its event time, or else when it was written."""


class FieldKind(StrEnum):
    """What can be done with a field."""

    STRING = "string"
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    IP = "ip"
    OTHER = "other"
    """Shown, but neither grouped by nor computed with: places and nested objects."""


@dataclass(frozen=True)
class DocumentField:
    """A column as it lies in a document.

    Attributes:
        name: what a panel calls it.
        kind: what can be done with it.
        shown: its path in a document.
        exact: the path to group and to sort by; another one where the shown one is text to be searched.
    """

    name: str
    kind: FieldKind
    shown: str
    exact: str


@dataclass(frozen=True)
class Documents:
    """The documents of one source of panels.

    Attributes:
        source: ``alerts``, ``blocked`` or the output's name.
        fields: by the name of the column.
        time: the field that says when, None where a document has no time of its own.
        newest: the path to sort by for the newest first, None where there is no telling.
    """

    source: str
    fields: Mapping[str, DocumentField]
    time: DocumentField | None
    newest: str | None


def documents(spec: FraudDetectorSpec, source: str) -> Documents | None:
    """What a source's documents are made of; None where there is no such source or its columns can't be told."""
    if source == ALERTS:
        return _timed(ALERTS, _ALERT, _ALERT["event_time"])
    if source == BLOCKED:
        return _timed(BLOCKED, _BLOCKED, _BLOCKED["when"])
    output = next((output for output in spec.outputs if output.name == source), None)
    if output is None:
        return None
    return _query(output) if output.split is None else _split(spec, output)


def _timed(source: str, fields: Mapping[str, DocumentField], time: DocumentField) -> Documents:
    return Documents(source, fields, time, time.exact)


def _query(output: Output) -> Documents:
    fields = {column.name: _field(column.name, column.type, column.index_as) for column in output.columns or []}
    named = fields.get(output.index.time_column or "")
    if named is not None:
        return _timed(output.name, fields, named if named.kind is FieldKind.DATE else _STAMP)
    dated = next((field for field in fields.values() if field.kind is FieldKind.DATE), None)
    if dated is not None:
        return _timed(output.name, fields, dated)
    # rows that are added are stamped with when they were written, which is not when anything happened
    return Documents(output.name, fields, None, TIMESTAMP if output.mode is OutputMode.APPEND else None)


def _split(spec: FraudDetectorSpec, output: Output) -> Documents | None:
    stream = next((stream for stream in spec.streams if output.split and stream.name == output.split.source), None)
    if stream is None:
        return None
    # its event time may be written in any way: the indexer reads it and adds a date
    fields = {
        column.name: DocumentField(column.name, _kind(column.type), column.place, column.place)
        for column in stream.columns
    }
    return _timed(output.name, fields, _STAMP)


def _field(name: str, sql_type: str, index_as: FieldType | None = None) -> DocumentField:
    kind = _kind(sql_type) if index_as is None else _INDEXED[index_as]
    return DocumentField(name, kind, name, f"{name}.raw" if index_as is FieldType.TEXT else name)


def _kind(sql_type: str) -> FieldKind:
    if sql_type.startswith(("DATE", "TIMESTAMP")):
        return FieldKind.DATE
    return {"STRING": FieldKind.STRING, "BOOLEAN": FieldKind.BOOLEAN}.get(sql_type, FieldKind.NUMBER)


_INDEXED = {
    FieldType.KEYWORD: FieldKind.STRING,
    FieldType.TEXT: FieldKind.STRING,
    FieldType.IP: FieldKind.IP,
    FieldType.GEO_POINT: FieldKind.OTHER,
    FieldType.DATE: FieldKind.DATE,
}


def _named(kind: FieldKind, *names: str) -> dict[str, DocumentField]:
    return {name: DocumentField(name, kind, name, name) for name in names}


_STAMP = DocumentField(TIMESTAMP, FieldKind.DATE, TIMESTAMP, TIMESTAMP)
_ALERT: dict[str, DocumentField] = {
    **_named(FieldKind.STRING, "alert_id", "namespace", "detector", "rule", "rule_version", "severity", "mode"),
    "entity": DocumentField("entity", FieldKind.STRING, "entity.id", "entity.id"),
    **_named(FieldKind.DATE, "event_time", "window_start", "window_end"),
    "reason": DocumentField("reason", FieldKind.STRING, "reason", "reason.raw"),
    "evidence": DocumentField("evidence", FieldKind.NUMBER, "evidence.count", "evidence.count"),
    **_named(FieldKind.OTHER, "row"),
}
_BLOCKED: dict[str, DocumentField] = {
    **_named(FieldKind.STRING, "who", "entity_type"),
    "why": DocumentField("why", FieldKind.STRING, "why", "why.raw"),
    **_named(FieldKind.DATE, "when", "until"),
    **_named(FieldKind.NUMBER, "amount"),
    **_named(FieldKind.STRING, "rule", "alert_id"),
}
