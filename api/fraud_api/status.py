"""What the operator says of a detector."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from fraud_api.base import Model, Name, list_map

Timestamp = Annotated[str, StringConstraints(max_length=64), Field(json_schema_extra={"format": "date-time"})]


class Phase(StrEnum):
    """One word for what is going on."""

    PENDING = "Pending"
    INVALID = "Invalid"
    DEPLOYING = "Deploying"
    RUNNING = "Running"
    UPGRADING = "Upgrading"
    SUSPENDED = "Suspended"
    DEGRADED = "Degraded"
    DELETING = "Deleting"


class ConditionStatus(StrEnum):
    """Kubernetes' three truth values."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Condition(Model):
    """One aspect of the detector's state."""

    type: Annotated[str, StringConstraints(max_length=64)] = Field(
        description="Ready, Reconciling, Stalled, TopicsReady, JobRunning, IndicesReady, DashboardsReady or"
        " ReconciliationPaused."
    )
    status: ConditionStatus = Field(description="True, False or Unknown.")
    reason: Annotated[str, StringConstraints(max_length=256)] = Field(description="One word, for programs.")
    message: Annotated[str, StringConstraints(max_length=4096)] = Field(description="One sentence, for people.")
    observed_generation: int = Field(0, ge=0, description="The generation that this was said of.")
    last_transition_time: Timestamp = Field(description="When status last changed.")


class JobStatus(Model):
    """The Flink job."""

    id: Annotated[str, StringConstraints(max_length=32)] | None = Field(None, description="Flink's job id.")
    state: Annotated[str, StringConstraints(max_length=32)] | None = Field(None, description="Flink's job state.")
    start_time: Timestamp | None = Field(None, description="When it started.")
    restarts: int = Field(0, ge=0, description="How often Flink restarted it.")


class SavepointTrigger(StrEnum):
    """Why a savepoint was taken."""

    CHANGE = "Change"
    SCHEDULE = "Schedule"
    REQUEST = "Request"


class Savepoint(Model):
    """Saved state."""

    location: Annotated[str, StringConstraints(max_length=1024)] = Field(description="Where it lies.")
    time: Timestamp = Field(description="When it was taken.")
    trigger: SavepointTrigger = Field(SavepointTrigger.CHANGE, description="Why: Change, Schedule or Request.")


class RuleCounts(Model):
    """Rules by mode."""

    enforced: int = Field(0, ge=0, description="Rules in mode Enforce.")
    shadow: int = Field(0, ge=0, description="Rules in mode Shadow.")


class RecordCounts(Model):
    """Records from topic offsets: at least once, written at most every 30 s."""

    input: int = Field(0, ge=0, alias="in", description="Records read.")
    alerts: int = Field(0, ge=0, description="Alerts written.")
    dead_letters: int = Field(0, ge=0, description="Records refused.")
    late: int = Field(0, ge=0, description="Records that came late.")


class FraudDetectorStatus(Model):
    """What the operator says of a detector."""

    observed_generation: int = Field(0, ge=0, description="The generation last acted on.")
    phase: Phase = Field(Phase.PENDING, description="One word for what is going on.")
    conditions: Annotated[list[Condition], Field(max_length=16, json_schema_extra=list_map("type"))] = Field(
        default_factory=list, description="The aspects of its state."
    )
    job: JobStatus | None = Field(None, description="The Flink job.")
    last_savepoint: Savepoint | None = Field(None, description="The newest saved state.")
    savepoints: Annotated[list[Savepoint], Field(max_length=128)] = Field(
        default_factory=list, description="Savepoints that are kept, the newest first."
    )
    last_stable_generation: int | None = Field(None, ge=0, description="The newest generation that ran well.")
    rules: RuleCounts | None = Field(None, description="Rules by mode.")
    records: RecordCounts | None = Field(None, description="Records by what became of them.")
    release: Name | None = Field(None, description="Label app.kubernetes.io/instance of its objects.")
    helm_release: Annotated[str, StringConstraints(max_length=53)] | None = Field(
        None, description="The Helm release that runs it, in the operator's namespace."
    )
