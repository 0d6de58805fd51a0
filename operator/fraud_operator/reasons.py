"""Every reason that a condition may give, and what it means: the docs' table is checked against it."""

from enum import StrEnum


class Reason(StrEnum):
    """One word for programs; the condition's message says the same to people."""

    RUNNING = "Running"
    INVALID_SPEC = "InvalidSpec"
    TOPICS_READY = "TopicsReady"
    TOPICS_DIFFER = "TopicsDiffer"
    TOPICS_REFUSED = "TopicsRefused"
    KAFKA_UNREACHABLE = "KafkaUnreachable"
    SECRET_MISSING = "SecretMissing"  # noqa: S105 a reason, not a password
    PLANNING = "Planning"
    PLAN_REFUSED = "PlanRefused"
    CHECK_FAILED = "CheckFailed"
    DEPLOYING = "Deploying"
    STARTING = "Starting"
    RESTARTING = "Restarting"
    JOB_FAILED = "JobFailed"
    UNREACHABLE = "JobManagerUnreachable"
    SAVING_STATE = "SavingState"
    STATE_UNREACHABLE = "StateUnreachable"
    UPGRADING = "Upgrading"
    INDEXER_FAILING = "IndexerFailing"
    RELEASE_FAILED = "ReleaseFailed"
    PROBATION_FAILED = "ProbationFailed"
    ROLLED_BACK = "RolledBack"
    SUSPENDED = "Suspended"
    PAUSED = "Paused"
    NOT_PAUSED = "NotPaused"
    NOT_RECONCILING = "NotReconciling"
    NOT_STALLED = "NotStalled"
    REMOVING = "Removing"
    FORBIDDEN = "Forbidden"
    OPERATOR_ERROR = "OperatorError"


IN_PROGRESS = frozenset(
    {Reason.STARTING, Reason.RESTARTING, Reason.UPGRADING, Reason.DEPLOYING, Reason.PLANNING, Reason.SAVING_STATE}
)
"""Reasons that pass by themselves."""
