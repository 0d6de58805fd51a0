"""``flink.configuration``: settings that would break what a detector promises are refused by name."""

import re
from collections.abc import Mapping

from fraud_api.validation.report import SPEC, Report

_STATE = "a rule's state is found again by names and settings that the compiler gives"
_FAILING = "what an event can make fail is guarded by the compiler, which counts on Flink's own answer"
_RESTARTS = "a job that fails starts again by itself, whatever the reason"
_WATERMARKS = "what is late is a matter of the data: streams say it, in eventTime"
_PLACES = "the pods, and who may reach them, are found by it"
_STORAGE = "where state lies decides what a job that failed goes on from; spec.flink.checkpoints.storage says it"
_AT_THE_EVENT = "alerts and rows are written at the event or at the window's end"

_REFUSED: Mapping[str, str] = {
    "blob.server.port": _PLACES,
    "execution.checkpointing.dir": _STORAGE,
    "execution.checkpointing.externalized-checkpoint-retention": "a stopped job goes on from its last checkpoint",
    "execution.checkpointing.interval": "spec.flink.checkpoints.interval says it",
    "execution.checkpointing.mode": "without alignment a failure would count events twice",
    "execution.checkpointing.savepoint-dir": _STORAGE,
    "execution.runtime-mode": "a detector is a stream",
    "execution.shutdown-on-application-finish": "the operator asks a job that has ended how it ended",
    "execution.submit-failed-job-on-application-error": "the operator asks a job that did not start why",
    "execution.target": "where the job runs is decided by who starts it",
    "jobmanager.bind-host": _PLACES,
    "metrics.reporters": "alarms and dashboards read the reporter that the chart sets",
    "parallelism.default": "spec.flink.parallelism says it",
    "pipeline.auto-generate-uids": _STATE,
    "pipeline.auto-watermark-interval": _WATERMARKS,
    "pipeline.global-job-parameters": "they tell the job where the rules' dead letters go",
    "pipeline.name": "the job is found by its name",
    "pipeline.object-reuse": "the functions of the rules are made and tested for rows that are handed on as they are",
    "rest.address": _PLACES,
    "rest.bind-address": _PLACES,
    "rest.bind-port": _PLACES,
    "rest.port": _PLACES,
    "state.backend.type": "spec.flink.stateBackend says it",
    "table.exec.legacy-cast-behaviour": _FAILING,
    "table.exec.sink.not-null-enforcer": _FAILING,
    "table.exec.sink.type-length-enforcer": _FAILING,
    "table.exec.source.idle-timeout": _WATERMARKS,
    "table.exec.state.ttl": "stateTtl of a rule or output says how long its state is kept",
    "table.local-time-zone": "times are written in UTC; a calendar window and the functions of local time name a zone",
    "table.optimizer.reuse-sink-enabled": _STATE,
    "table.optimizer.reuse-source-enabled": "a stream is read and parsed once for all rules",
    "table.optimizer.reuse-sub-plan-enabled": "a stream is read and parsed once for all rules",
    "table.sql-dialect": "rules are written in Flink's own SQL",
    "taskmanager.bind-host": _PLACES,
    "taskmanager.data.port": _PLACES,
    "taskmanager.host": _PLACES,
    "taskmanager.numberOfTaskSlots": "it follows from parallelism and the number of pods",
    "taskmanager.rpc.port": _PLACES,
    "web.submit.enable": "nobody else's code runs in the job's pods",
}
_REFUSED_BELOW: Mapping[str, str] = {
    "application-result-store.": "a JobManager that starts again reads there whether the job has ended",
    "execution.state-recovery.": "what state a job starts from is decided by who starts it",
    "execution.savepoint.": "what state a job starts from is decided by who starts it",
    "high-availability": "a JobManager that starts again finds its job by it",
    "job-result-store.": "a JobManager that starts again reads there whether the job has ended",
    "jobmanager.rpc.": _PLACES,
    "kubernetes.": "the pods are the chart's",
    "metrics.reporter.prom.": "alarms and dashboards read it",
    "restart-strategy.": _RESTARTS,
    "table.exec.emit.": _AT_THE_EVENT,
    "table.exec.mini-batch.": _AT_THE_EVENT,
    "table.exec.uid.": _STATE,
    "table.plan.": _STATE,
}
_SECRET = re.compile("password|secret|access-?key|token", re.IGNORECASE)


def check(report: Report) -> None:
    """Check the names of all settings."""
    place = SPEC.field("flink").field("configuration")
    for key in report.spec.flink.configuration:
        reason = _reason(key)
        if reason is not None:
            report.add(place.field(key), f"'{key}' can't be set: {reason}", "leave it out")
        elif _SECRET.search(key):
            hint = "name a Secret, as spec.flink.checkpoints.storage.secretRef does"
            report.add(place.field(key), f"'{key}' looks like a secret, and everybody could read it here", hint)


def _reason(key: str) -> str | None:
    if key == "restart-strategy":
        return _RESTARTS
    below = (reason for start, reason in _REFUSED_BELOW.items() if key.startswith(start))
    return _REFUSED.get(key) or next(below, None)
