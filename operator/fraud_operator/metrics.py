"""The operator's own metrics, for Prometheus."""

from collections import Counter as Tally
from collections.abc import Iterable

from prometheus_client import Counter, Gauge, Histogram, start_http_server

from fraud_api.status import Phase
from fraud_operator.reasons import Reason

RECONCILIATIONS = Counter("fraud_operator_reconciliations", "Looks at a detector, by how they ended.", ["result"])
RECONCILE_SECONDS = Histogram(
    "fraud_operator_reconcile_seconds",
    "How long a look at a detector took.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180),
)
HELM_SECONDS = Histogram(
    "fraud_operator_helm_seconds", "How long helm took.", ["command"], buckets=(0.25, 0.5, 1, 2.5, 5, 10, 30, 180)
)
KAFKA_SECONDS = Histogram(
    "fraud_operator_kafka_seconds", "How long Kafka took.", buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
)
DETECTORS = Gauge("fraud_operator_detectors", "Detectors by phase.", ["phase"])
ROLLBACKS = Counter("fraud_operator_rollbacks", "Changes that were taken back, by why.", ["reason"])
THROTTLED = Counter("fraud_operator_throttled", "Requests that the API server was too busy for, and that come again.")
LEFT_BEHIND = Gauge("fraud_operator_left_behind", "Deleted detectors whose release can't be removed and may still run.")
QUEUED = Gauge("fraud_operator_queue", "Detectors that are due and wait for a worker.")
IN_PROGRESS = Gauge("fraud_operator_in_progress", "Detectors that are worked on.")
WORKING = Gauge("fraud_operator_working", "1 while this operator works, 0 while it waits for another one.")

# from the start: Prometheus sees no increase in a series that begins with 1
for _result in ("done", "gone", "error"):
    RECONCILIATIONS.labels(_result)
for _reason in (Reason.RELEASE_FAILED, Reason.JOB_FAILED, Reason.PROBATION_FAILED):
    ROLLBACKS.labels(_reason.value)


def serve(port: int) -> None:
    """Serve ``/metrics`` on a thread of its own."""
    start_http_server(port)


def count_phases(phases: Iterable[str]) -> None:
    """Say how many detectors are in which phase."""
    tally = Tally(phases)
    for phase in Phase:
        DETECTORS.labels(phase.value).set(tally[phase.value])
