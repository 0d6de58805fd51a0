"""What came beside what must come."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from differential.alerts import Alert, Expected, Slot, alert_id, described, differences
from differential.interpreter import Outcome, Place
from differential.written import block_differences, output_differences

from fraud_api import FraudDetector
from fraud_api.rules import Mode, Rule

LATE = "late events"
REFUSED = "dead letters"


@dataclass(frozen=True)
class Got:
    """What a detector wrote.

    Attributes:
        alerts: as JSON.
        late: the places of late events.
        refused: the places of dead letters.
        outputs: values of each output's records.
        blocked: the block list as JSON.
    """

    alerts: Sequence[Mapping[str, Any]]
    late: Counter[Place]
    refused: Counter[Place]
    outputs: Mapping[str, Sequence[bytes | None]]
    blocked: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Mismatch:
    """Something that came and should not have, that should have and did not, or that is not right.

    Attributes:
        owner: the rule's name, or what else it is about.
        what: in words.
    """

    owner: str
    what: str


def mismatches(detector: FraudDetector, outcome: Outcome, got: Got) -> list[Mismatch]:
    """Everything that is not as it must be."""
    found = _places(LATE, Counter(outcome.late), got.late)
    found += _places(REFUSED, Counter(outcome.refused.keys()), got.refused)
    rules = {rule.name: rule for rule in detector.spec.rules}
    for name, expected in outcome.rules.items():
        mine = [alert for alert in got.alerts if alert["rule"] == name]
        found += [Mismatch(name, what) for what in _rule(detector, rules[name], expected, mine)]
        if rules[name].mode is Mode.ENFORCE:
            entries = [entry for entry in got.blocked if entry["rule"] == name]
            told = block_differences(rules[name], detector.spec.blocking.ttl, mine, entries)
            found += [Mismatch(name, what) for what in told]
    for output in detector.spec.outputs:
        told = output_differences(output, outcome.outputs[output.name], got.outputs[output.name])
        found += [Mismatch(output.name, what) for what in told]
    strangers = {alert["rule"] for alert in got.alerts} - set(outcome.rules)
    return found + [Mismatch(name, "tells although it must be silent") for name in sorted(strangers)]


def _places(owner: str, wanted: Counter[Place], got: Counter[Place]) -> list[Mismatch]:
    found = [Mismatch(owner, f"missing: {place}") for place in sorted((wanted - got).elements())]
    return found + [Mismatch(owner, f"not expected: {place}") for place in sorted((got - wanted).elements())]


def _rule(detector: FraudDetector, rule: Rule, expected: Expected, got: Sequence[Mapping[str, Any]]) -> list[str]:
    if "*" in expected.open:
        return []
    whose = (detector.metadata.namespace, detector.metadata.name, rule.name)
    parameters = {one.name: one.value for one in detector.spec.parameters}
    places: dict[str, list[tuple[Slot, Alert]]] = {}
    for slot in expected.slots:
        for option in slot.options:
            places.setdefault(alert_id(*whose, option), []).append((slot, option))
    filled: list[Slot] = []
    found = []
    for alert in got:
        if alert["entity"]["id"] in expected.open:
            continue
        free = [(slot, option) for slot, option in places.get(alert["alert_id"], []) if not _among(slot, filled)]
        if not free:
            found.append(f"not expected: {_brief(alert)}")
            continue
        wrong = [(differences(rule, option, alert, parameters), slot) for slot, option in free]
        told, slot = min(wrong, key=lambda pair: len(pair[0]))
        filled.append(slot)
        found += [f"{_brief(alert)}: {what}" for what in told]
    for slot in expected.slots:
        entity = slot.options[0].entity
        if slot.required and entity not in expected.open and not _among(slot, filled):
            found.append(f"missing: {described(slot.options[0])}")
    return found


def _among(slot: Slot, filled: Sequence[Slot]) -> bool:
    return any(one is slot for one in filled)


def _brief(alert: Mapping[str, Any]) -> str:
    return (
        f"alert of {alert['entity']['id']} at {alert['event_time']}, {alert['reason']!r},"
        f" evidence {alert['evidence']['ids']}, row {alert['row']}"
    )
