"""Flink settings of a detector's job: what was measured to pay, and what keeps it alive."""

import base64
import json
from collections.abc import Mapping
from types import MappingProxyType

from fraud_api import FraudDetector, naming
from fraud_api.base import milliseconds
from fraud_api.flink import StateBackend

_FIXED = {
    "table.local-time-zone": "UTC",
    # one INSERT, one sink: a merged sink would belong to nobody (docs/decisions/003-state-identity.md)
    "table.optimizer.reuse-sink-enabled": "false",
    "table.plan.compile.catalog-objects": "IDENTIFIER",
    # a row whose key is null has nowhere to go; the guard of outputs tells of it, where a query is not sorted
    "table.exec.sink.not-null-enforcer": "DROP",
    # rows go from operator to operator of a chain as they are, not as copies
    "pipeline.object-reuse": "true",
    # keys are people and cards, seen a few times in a window: sums before the shuffle cost more than they save
    "table.optimizer.agg-phase-strategy": "ONE_PHASE",
    "execution.buffer-timeout.interval": "10 ms",
    # state moves by uid; operators that are gone leave theirs behind
    "execution.state-recovery.ignore-unclaimed-state": "true",
    # a checkpoint that fails while the broker is away is no reason to start again
    "execution.checkpointing.tolerable-failed-checkpoints": "1000",
    "execution.checkpointing.timeout": "10 min",
    "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
    "restart-strategy.type": "exponential-delay",
    "restart-strategy.exponential-delay.initial-backoff": "1 s",
    "restart-strategy.exponential-delay.max-backoff": "30 s",
}

_BACKENDS = {StateBackend.HASH_MAP: "hashmap", StateBackend.ROCKS_DB: "rocksdb"}


NOTHING: Mapping[str, str] = MappingProxyType({})


def settings(detector: FraudDetector, clients: Mapping[str, str] = NOTHING) -> dict[str, str]:
    """Settings of the job, the detector's own ``flink.configuration`` last.

    ``clients`` are further properties of the job's Kafka clients; what is secret is a reference there, as in its SQL.
    """
    flink = detector.spec.flink
    return {
        **_FIXED,
        "pipeline.name": f"{detector.metadata.namespace}.{detector.metadata.name}",
        "parallelism.default": str(flink.parallelism),
        "state.backend.type": _BACKENDS[flink.state_backend],
        "execution.checkpointing.interval": f"{milliseconds(flink.checkpoints.interval)} ms",
        "pipeline.global-job-parameters": f"rules-dead-letters:{_rules_dead_letters(detector, clients)}",
        **flink.configuration,
    }


def _rules_dead_letters(detector: FraudDetector, clients: Mapping[str, str]) -> str:
    """Where guards tell of unknown results: base64, as Flink's maps of settings have signs of their own."""
    told = {
        "topic": naming.rules_dead_letter_topic(detector),
        "bootstrap.servers": detector.spec.kafka.bootstrap_servers,
        **clients,
    }
    return base64.urlsafe_b64encode(json.dumps(told).encode()).decode()
