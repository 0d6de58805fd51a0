"""Writes the status where it says something new, and tells of it in an Event."""

from collections.abc import Mapping
from typing import Any

from fraud_api.status import Phase
from fraud_operator import events, progress, status, times
from fraud_operator.backends import KINDS, Kind
from fraud_operator.clients.kubernetes import DETECTORS, Object
from fraud_operator.names import Key
from fraud_operator.ports import Ports
from fraud_operator.reasons import IN_PROGRESS, Reason
from fraud_operator.resource import key_of, paused
from fraud_operator.situation import Situation, Verdict

_NO_WARNING = IN_PROGRESS | {Reason.SUSPENDED, Reason.PAUSED, Reason.REMOVING}


def report(ports: Ports, body: Object, seen: Situation, verdict: Verdict, counts: Mapping[str, int] | None) -> Object:
    """Write what was seen and decided; returns the resource as it is then."""
    previous = body.get("status") or {}
    return _write(ports, body, previous, status.make(previous, seen, verdict, counts))


def say(ports: Ports, body: Object, phase: Phase | None, said: status.Said) -> Object:
    """Write only that a detector is not ready, and why; its phase stays where None is given."""
    previous = body.get("status") or {}
    generation = int(body["metadata"].get("generation", 0))
    now = times.written(ports.clock())
    conditions = {"Ready": said, **status.progressing(said, progress.without_a_look(said.reason))}
    made: dict[str, Any] = {
        "conditions": status.merged(previous.get("conditions") or [], conditions, lambda _: generation, now)
    }
    if not paused(body):
        # who waits would otherwise not hear of it: what is said of a generation that was not observed does not count
        made["observedGeneration"] = generation
    if phase is not None:
        made["phase"] = phase.value
    return _write(ports, body, previous, made)


def _write(ports: Ports, body: Object, previous: Mapping[str, Any], made: Mapping[str, Any]) -> Object:
    changes = status.patch(previous, made)
    if not changes:
        return body
    key = key_of(body)
    written = ports.cluster.patch(DETECTORS, key.namespace, key.name, {"status": changes}, subresource="status")
    uid = body["metadata"]["uid"]
    _tell(ports, key, uid, _condition(previous, "Ready"), _condition(made, "Ready"))
    for kind in KINDS:
        _tell_backend(ports, key, uid, kind, _condition(previous, kind.condition), _condition(made, kind.condition))
    return written


def _tell(ports: Ports, key: Key, uid: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    if (before.get("status"), before.get("reason")) == (after["status"], after["reason"]):
        return
    warning = after["status"] != "True" and Reason(after["reason"]) not in _NO_WARNING
    events.tell(ports, key, uid, ports.clock(), after["reason"], after["message"], warning=warning)


def _tell_backend(
    ports: Ports, key: Key, uid: str, kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]
) -> None:
    if not after or (before.get("status"), before.get("reason")) == (after["status"], after["reason"]):
        return
    message = f"{after['reason']}: {after['message']}"
    events.tell(ports, key, uid, ports.clock(), kind.event, message, warning=after["status"] != "True")


def _condition(told: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    return next((one for one in told.get("conditions") or [] if one["type"] == kind), {})
