"""The FraudDetector resource as a whole."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from fraud_api.backends import Blocking, Elasticsearch, Generator, Kibana, Notifications
from fraud_api.base import Model, Name, list_map
from fraud_api.flink import Delivery, Flink
from fraud_api.outputs import Output
from fraud_api.probation import Probation
from fraud_api.rules import Mode, Rule
from fraud_api.savepoints import Savepoints
from fraud_api.status import FraudDetectorStatus
from fraud_api.streams import Kafka, Parameter, Stream, View

GROUP = "frauddetector.io"
VERSION = "v1alpha1"
KIND = "FraudDetector"


Location = Annotated[str, StringConstraints(pattern=r"^(file:/+|s3://)[^\s?*\\]+$", max_length=1024)]
"""Where saved state lies: a URI as ``status.savepoints`` has it."""


class DeletionPolicy(StrEnum):
    """What goes with a deleted detector besides what it runs; input topics are never deleted."""

    RETAIN = "Retain"
    DELETE = "Delete"


class FraudDetectorSpec(Model):
    """What a detector reads, finds suspicious and writes."""

    kafka: Kafka = Field(default_factory=Kafka, description="The Kafka cluster.")
    streams: Annotated[list[Stream], Field(min_length=1, max_length=16, json_schema_extra=list_map())] = Field(
        description="What is read."
    )
    views: Annotated[list[View], Field(max_length=32, json_schema_extra=list_map())] = Field(
        default_factory=list,
        description="Named SELECTs that rules and outputs share, each over those above it.",
    )
    parameters: Annotated[list[Parameter], Field(max_length=128, json_schema_extra=list_map())] = Field(
        default_factory=list, description="Values that predicates use as :name."
    )
    rules: Annotated[list[Rule], Field(max_length=128, json_schema_extra=list_map())] = Field(
        default_factory=list, description="What is suspicious."
    )
    outputs: Annotated[list[Output], Field(max_length=64, json_schema_extra=list_map())] = Field(
        default_factory=list, description="What is written besides alerts."
    )
    delivery: Delivery = Field(
        Delivery.AT_LEAST_ONCE, description="AtLeastOnce, or ExactlyOnce: Kafka sinks use transactions."
    )
    elasticsearch: Elasticsearch | None = Field(None, description="Where results are indexed.")
    kibana: Kibana | None = Field(None, description="Where the dashboard is.")
    notifications: Notifications | None = Field(None, description="Who is told.")
    blocking: Blocking = Field(default_factory=Blocking, description="The block list.")
    generator: Generator | None = Field(None, description="Test traffic.")
    flink: Flink = Field(default_factory=Flink, description="How the job runs.")
    suspend: bool = Field(False, description="Stops the job with a savepoint; false starts it again from there.")
    restart_nonce: int = Field(0, ge=0, le=2_147_483_647, description="Changed: the job restarts from a savepoint.")
    savepoints: Savepoints = Field(
        default_factory=Savepoints, description="When savepoints are taken, and how many are kept."
    )
    savepoint_nonce: int = Field(0, ge=0, le=2_147_483_647, description="Changed: a savepoint is taken.")
    restore_from: Location | None = Field(
        None,
        description="A savepoint or checkpoint that the job starts from, once: when this changes, or the first time.",
    )
    probation: Probation = Field(
        default_factory=Probation, description="What a changed detector must do, and for how long, to be kept."
    )
    deletion_policy: DeletionPolicy = Field(
        DeletionPolicy.RETAIN, description="Retain or Delete the topics and indices that were made for it."
    )

    def active_rules(self) -> list[Rule]:
        """Rules that are not disabled, in the file's order."""
        return [rule for rule in self.rules if rule.mode is not Mode.DISABLED]


class Metadata(Model):
    """The part of Kubernetes' metadata that matters outside a cluster; the rest is let through."""

    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=40)] = Field(
        description="The detector's name; part of topics, groups and releases, hence at most 40 characters."
    )
    namespace: Name = Field("default", description="Its namespace; part of default topic names.")
    labels: dict[str, str] = Field(default_factory=dict, description="Labels.")
    annotations: dict[str, str] = Field(default_factory=dict, description="Annotations.")


class FraudDetector(Model):
    """A fraud detector: one file from streams to alerts."""

    api_version: Literal["frauddetector.io/v1alpha1"] = Field(description="frauddetector.io/v1alpha1")
    kind: Literal["FraudDetector"] = Field(description="FraudDetector")
    metadata: Metadata = Field(description="Name and namespace.")
    spec: FraudDetectorSpec = Field(description="What it reads, finds suspicious and writes.")
    status: FraudDetectorStatus | None = Field(None, description="What the operator says of it.")
