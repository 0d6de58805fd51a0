"""Elasticsearch's field types for SQL types and for the fields of alerts and blocks."""

from collections.abc import Iterable, Mapping
from typing import Any

from fraud_api.outputs import FieldType, OutputColumn
from fraud_api.streams import Column

Field = Mapping[str, Any]
Fields = Mapping[str, Field]
"""Mappings of fields by name: what Elasticsearch calls properties."""

_LONGEST_TERM = 8191
"""Characters of the longest indexed text: four bytes each, it still fits into a Lucene term of 32,766 bytes."""

KEYWORD: Field = {"type": "keyword", "ignore_above": _LONGEST_TERM}
TEXT: Field = {"type": "text", "fields": {"raw": KEYWORD}}
DATE: Field = {"type": "date", "format": "strict_date_optional_time||uuuu-MM-dd HH:mm:ss[.SSS]"}
STAMP: Field = {"type": "date", "format": "epoch_millis||strict_date_optional_time"}
_ANY_DATE: Field = {"type": "date", "format": f"{DATE['format']}||epoch_millis"}

_SQL: Fields = {
    "STRING": KEYWORD,
    "BOOLEAN": {"type": "boolean"},
    "TINYINT": {"type": "byte"},
    "SMALLINT": {"type": "short"},
    "INT": {"type": "integer"},
    "BIGINT": {"type": "long"},
    "FLOAT": {"type": "float"},
    "DOUBLE": {"type": "double"},
    # sums of money are exact up to 15 digits; the document itself keeps every digit
    "DECIMAL": {"type": "double"},
    "DATE": {"type": "date", "format": "strict_date"},
    "TIMESTAMP": DATE,
    "TIMESTAMP_LTZ": DATE,
}
_DECLARED: Mapping[FieldType, Field] = {
    FieldType.KEYWORD: KEYWORD,
    FieldType.TEXT: TEXT,
    FieldType.IP: {"type": "ip"},
    FieldType.GEO_POINT: {"type": "geo_point"},
    FieldType.DATE: _ANY_DATE,
}

ALERT: Fields = {
    **dict.fromkeys(("alert_id", "namespace", "detector", "rule", "rule_version", "severity", "mode"), KEYWORD),
    "entity": {"properties": {"type": KEYWORD, "id": KEYWORD}},
    "event_time": DATE,
    "window_start": DATE,
    "window_end": DATE,
    "reason": TEXT,
    "evidence": {"properties": {"count": {"type": "long"}, "ids": KEYWORD}},
    # rules differ in the columns of their rows, and one name may have two types
    "row": {"type": "flattened", "ignore_above": _LONGEST_TERM},
}
BLOCK: Fields = {
    "who": KEYWORD,
    "entity_type": KEYWORD,
    "why": TEXT,
    "when": DATE,
    "until": DATE,
    "amount": {"type": "double"},
    "rule": KEYWORD,
    "alert_id": KEYWORD,
}


def of_type(sql_type: str) -> Field:
    """The field type of a SQL type such as ``DECIMAL(12, 2)``."""
    return _SQL[sql_type.partition("(")[0]]


def of_output(columns: Iterable[OutputColumn]) -> Fields:
    """The fields of an output's declared columns."""
    return {column.name: _DECLARED[column.index_as] if column.index_as else of_type(column.type) for column in columns}


def of_stream(columns: Iterable[Column]) -> Fields:
    """The fields of a stream's declared columns, each at its place in the record."""
    found: dict[str, Any] = {}
    for column in columns:
        *objects, name = column.place.split(".")
        below = found
        for each in objects:
            below = below.setdefault(each, {"properties": {}})["properties"]
        below[name] = of_type(column.type)
    return found


def is_date(field: Field) -> bool:
    """Whether a field can be a dashboard's time axis."""
    return field.get("type") == "date"
