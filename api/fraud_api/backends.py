"""Where results go: Elasticsearch, Kibana, notifications and the block list."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from fraud_api.base import (
    Duration,
    Identifier,
    Model,
    Name,
    PositiveDuration,
    SecretKeyRef,
    SecretRef,
    ShortText,
    TopicName,
    list_map,
)
from fraud_api.rules import Severity

Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$", max_length=1024)]
"""An address without credentials in it."""


class Elasticsearch(Model):
    """The Elasticsearch that alerts and outputs are indexed in."""

    url: Url = Field(description="Address, such as https://elasticsearch:9200.")
    secret_ref: SecretRef | None = Field(
        None, description="Secret with apiKey, or username and password, and optionally ca.crt."
    )
    retention: PositiveDuration = Field("30d", description="How long time-bucketed indices are kept.")
    shards: int = Field(1, ge=1, le=64, description="Primary shards of an index.")
    replicas: int = Field(0, ge=0, le=8, description="Replicas of an index.")
    bucket: PositiveDuration = Field("1d", description="Length of an index's time bucket.")
    data_streams: bool = Field(False, description="Leave buckets and retention to data streams and lifecycle policies.")


class PanelType(StrEnum):
    """Shape of a dashboard's panel."""

    PIE = "Pie"
    BAR = "Bar"
    LINE = "Line"
    TABLE = "Table"
    HEAT_MAP = "HeatMap"
    METRIC = "Metric"
    TIME_SERIES = "TimeSeries"


class PanelFunction(StrEnum):
    """What a panel shows of its column."""

    COUNT = "Count"
    UNIQUE_COUNT = "UniqueCount"
    SUM = "Sum"
    AVG = "Avg"
    MIN = "Min"
    MAX = "Max"
    LAST = "Last"


class PanelSort(StrEnum):
    """Order of a panel's groups."""

    ASCENDING = "Ascending"
    DESCENDING = "Descending"


class Panel(Model):
    """One panel of a dashboard, declared by shape."""

    name: Name = Field(description="Names the panel.")
    title: ShortText = Field(description="What stands above it.")
    type: PanelType = Field(description="Pie, Bar, Line, Table, HeatMap, Metric or TimeSeries.")
    source: Name = Field(alias="from", description="An output's name, or alerts or blocked.")
    function: PanelFunction = Field(PanelFunction.COUNT, description="What is computed for each group.")
    column: Identifier | None = Field(None, description="Column that the function works on; Count does without.")
    by: Annotated[list[Identifier], Field(max_length=8)] = Field(
        default_factory=list,
        description="Columns to group by: slices, bars, rows; for a heat map the two axes, across and down.",
    )
    columns: Annotated[list[Identifier], Field(max_length=16)] = Field(
        default_factory=list, description="Columns of a table of single documents."
    )
    interval: PositiveDuration | None = Field(None, description="Length of a time bucket; chosen by Kibana by default.")
    top: int = Field(10, ge=1, le=1000, description="How many groups or rows are shown.")
    sort: PanelSort = Field(PanelSort.DESCENDING, description="Order of the groups by the function's value.")


class Kibana(Model):
    """The Kibana that shows the detector's dashboard."""

    url: Url = Field(description="Address, such as http://kibana:5601.")
    secret_ref: SecretRef | None = Field(
        None, description="Secret with apiKey, or username and password, and optionally ca.crt."
    )
    space: Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]+$", max_length=64)] = Field(
        "default", description="Kibana space."
    )
    title: ShortText | None = Field(None, description="The dashboard's title; the detector's name by default.")
    panels: Annotated[list[Panel], Field(max_length=64, json_schema_extra=list_map())] = Field(
        default_factory=list, description="The dashboard's panels; a default set when empty."
    )


class Tls(StrEnum):
    """How a mail server is spoken to."""

    NONE = "None"
    START_TLS = "StartTls"
    TLS = "Tls"


EmailAddress = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]


class Email(Model):
    """Alerts as e-mail."""

    name: Name = Field(description="Names the channel.")
    host: Annotated[str, StringConstraints(min_length=1, max_length=253)] = Field(description="SMTP server.")
    port: int = Field(587, ge=1, le=65535, description="SMTP port.")
    tls: Tls = Field(Tls.START_TLS, description="None, StartTls or Tls.")
    sender: EmailAddress = Field(description="From address.")
    recipients: Annotated[list[EmailAddress], Field(min_length=1, max_length=64)] = Field(description="To addresses.")
    secret_ref: SecretRef | None = Field(None, description="Secret with username and password.")


class Webhook(Model):
    """Alerts as signed HTTP requests."""

    name: Name = Field(description="Names the channel.")
    url: Url = Field(description="Where alerts are posted.")
    secret_ref: SecretKeyRef = Field(description="Key that requests are signed with (HMAC-SHA256).")
    timeout: PositiveDuration = Field("10s", description="Time for an answer before a retry.")


class Notifications(Model):
    """Who is told, of what, and how often."""

    min_severity: Severity = Field(Severity.MEDIUM, description="Alerts below it are not told.")
    throttle: Duration = Field("15m", description="At most one message about an entity and rule in this time.")
    email: Annotated[list[Email], Field(max_length=16, json_schema_extra=list_map())] = Field(
        default_factory=list, description="E-mail channels."
    )
    webhooks: Annotated[list[Webhook], Field(max_length=16, json_schema_extra=list_map())] = Field(
        default_factory=list, description="Webhook channels."
    )


class Blocking(Model):
    """The block list that rules with the action block write."""

    topic: TopicName | None = Field(None, description="Its topic; <namespace>.<detector>.blocked by default.")
    ttl: PositiveDuration = Field("30d", description="How long an entity stays blocked.")
    secret_ref: SecretKeyRef | None = Field(None, description="Token that the block list's API asks for.")


class Scenario(StrEnum):
    """Traffic that the generator knows."""

    AD_CLICKS = "ad-clicks"
    PAYMENTS = "payments"
    TRANSACTIONS = "transactions"
    BANK = "bank"
    ACCOUNTS = "accounts"


class Generator(Model):
    """Labelled test traffic with planted fraud; leave it out where real events flow."""

    scenario: Scenario = Field(description="ad-clicks, payments, transactions, bank or accounts.")
    enabled: bool = Field(True, description="Whether it runs.")
    rate: float | None = Field(
        None, gt=0, le=10_000_000, description="Events a second; as fast as possible by default."
    )
    seed: int = Field(1, ge=0, le=2_147_483_647, description="The same seed gives the same traffic, byte for byte.")
    count: int | None = Field(None, ge=1, le=10_000_000_000, description="Events in total; the scenario's by default.")
    endless: bool = Field(False, description="Goes on until stopped; count is ignored.")
    fraud_share: float | None = Field(
        None, ge=0, le=0.5, description="Share of planted fraud; the scenario's by default."
    )

    @model_validator(mode="after")
    def _count_or_endless(self) -> Self:
        if self.endless and self.count is not None:
            raise ValueError("count and endless contradict each other")
        return self
