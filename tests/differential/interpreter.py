"""What a detector must write, worked out from its documentation: no line of the compiler is used here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from differential import kinds, ordered, outputs
from differential.alerts import Expected
from differential.events import Record
from differential.sequences import sequences
from differential.values import Unpredictable
from differential.world import World

from fraud_api import FraudDetector
from fraud_api.base import milliseconds
from fraud_api.rules import Mode, Rule

Place = tuple[str, int, int]
"""A stream, a partition and an offset."""


@dataclass(frozen=True)
class Outcome:
    """Everything that must come.

    Attributes:
        rules: alerts by rule.
        late: where late events lie.
        refused: where dead letters lie, and why they are.
        outputs: what each output must hold.
    """

    rules: Mapping[str, Expected]
    late: set[Place]
    refused: Mapping[Place, str]
    outputs: Mapping[str, outputs.Wanted]


def interpret(detector: FraudDetector, records: Sequence[Record]) -> Outcome:
    """What a detector must make of records, given in the order of their partitions."""
    world = World(detector, records)
    found = {rule.name: _rule(world, rule) for rule in detector.spec.rules if rule.mode is not Mode.DISABLED}
    late = {(stream, *place) for stream, one in world.stretches.items() for place in one.late}
    refused = {
        (stream, *place): why for stream, one in world.stretches.items() for place, why in one.refused.items()
    }  # fmt: skip
    written = {one.name: outputs.wanted(world, one, records) for one in detector.spec.outputs}
    return Outcome(found, late, refused, written)


def _rule(world: World, rule: Rule) -> Expected:
    try:
        found = _kind(world, rule)
        return ordered.first_only(found, milliseconds(rule.first_only)) if rule.first_only else found
    except Unpredictable:
        return Expected(open={"*"})


def _kind(world: World, rule: Rule) -> Expected:
    if rule.join:
        return kinds.joined(world, rule, rule.join)
    if rule.sequence:
        return sequences(world, rule, rule.sequence)
    if rule.first_seen:
        return ordered.first_seen(world, rule, rule.first_seen)
    judged = _judged(world, rule)
    return ordered.on_edge(world, rule, rule.edge, judged) if rule.edge else kinds.settled(rule, judged)


def _judged(world: World, rule: Rule) -> Iterable[kinds.Judged]:
    on_time = rule.first_only is not None or rule.edge is not None
    if rule.filter:
        return kinds.filtered(world, rule, rule.filter, on_time)
    if rule.sql:
        return kinds.queried(world, rule, rule.sql, on_time)
    if rule.velocity:
        return kinds.velocity(world, rule, rule.velocity)
    if rule.window:
        return kinds.windows(world, rule, rule.window)
    if rule.change:
        return ordered.changes(world, rule, rule.change)
    raise ValueError(f"a kind of rule that nobody has written down yet: {rule.kind}")
