"""What flows out besides alerts: queries and splits as topics, and how they are indexed."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from fraud_api.base import (
    Columns,
    Identifier,
    Model,
    Name,
    PositiveDuration,
    Query,
    Text,
    TopicName,
    list_map,
)
from fraud_api.streams import SqlType


class OutputMode(StrEnum):
    """Whether rows are only added or replace the row of the same key."""

    APPEND = "Append"
    UPSERT = "Upsert"


class FieldType(StrEnum):
    """Elasticsearch type of a field, where the SQL type's own is not wanted."""

    KEYWORD = "Keyword"
    TEXT = "Text"
    IP = "Ip"
    GEO_POINT = "GeoPoint"
    DATE = "Date"


class OutputColumn(Model):
    """A column of the query and its SQL type, in the query's order."""

    name: Identifier = Field(description="Name in the JSON record.")
    type: SqlType = Field(description="SQL type, as in streams.")
    index_as: FieldType | None = Field(
        None,
        description="Elasticsearch type; by default strings are Keyword; Text also gets a raw keyword sub-field.",
    )


class Part(StrEnum):
    """Which part of a split."""

    FLAGGED = "Flagged"
    CLEAN = "Clean"


class Split(Model):
    """A stream's events, their bytes unchanged, by whether a filter rule flags them."""

    source: Identifier = Field(alias="from", description="The stream.")
    part: Part = Field(description="Flagged: events that any of the rules flags. Clean: all others.")
    rules: Annotated[list[Name], Field(max_length=64)] | None = Field(
        None, description="Filter rules over the stream that count; all enforced ones by default."
    )


class OutputIndex(Model):
    """How an output is indexed in Elasticsearch."""

    enabled: bool = Field(True, description="Whether it is indexed at all.")
    time_column: Identifier | None = Field(None, description="Column whose time buckets the index; append only.")
    retention: PositiveDuration | None = Field(
        None, description="How long it is kept; elasticsearch.retention by default."
    )


class Output(Model):
    """A topic fed by a query or by a split."""

    name: Name = Field(description="Names the output in metrics and state.")
    topic: TopicName | None = Field(None, description="Kafka topic; the output's name by default.")
    description: Text | None = Field(None, description="What it is, for people.")
    mode: OutputMode = Field(OutputMode.APPEND, description="Append: rows are added. Upsert: a key's row is replaced.")
    key: Columns | None = Field(None, description="Key columns; needed for Upsert.")
    query: Query | None = Field(None, description="One SELECT over streams and views.")
    columns: Annotated[list[OutputColumn], Field(min_length=1, max_length=256, json_schema_extra=list_map())] | None = (
        Field(None, description="The query's columns and their types.")
    )
    split: Split | None = Field(None, description="A part of a stream instead of a query.")
    state_ttl: PositiveDuration | None = Field(
        None,
        description="How long state is kept after its last use; needed where the query aggregates without a window.",
    )
    index: OutputIndex = Field(default_factory=OutputIndex, description="How it is indexed.")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.query is None) == (self.split is None):
            raise ValueError("exactly one of query and split is needed")
        if self.query is not None and self.columns is None:
            raise ValueError("a query needs columns: the names and types of what it selects")
        if self.split is not None and (self.columns or self.key or self.state_ttl or self.mode is OutputMode.UPSERT):
            raise ValueError("a split goes on unchanged: it takes no columns, key, stateTtl or mode Upsert")
        return self

    @property
    def topic_name(self) -> str:
        """The Kafka topic it is written to."""
        return self.topic or self.name
