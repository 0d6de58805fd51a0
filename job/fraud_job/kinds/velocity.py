"""``velocity``: each event with its key's trailing window."""

from fraud_api.rules import Edge, Velocity
from fraud_api.sql import identifier
from fraud_job import text
from fraud_job.hits import (
    COUNT,
    EVENT,
    EVENT_IN_TURN,
    ID,
    LENGTH,
    TIME,
    Field,
    Hits,
    aggregate,
    counted,
    fields_of,
    identity,
    keyed,
    where,
)
from fraud_job.json_text import raw
from fraud_job.ordered import in_order, matching
from fraud_job.scope import Scope


def hits(rule: Velocity, entity: list[str], scope: Scope, edge: Edge | None) -> Hits:
    """Events at which the trailing window, or what is remembered, matches; events of one instant see each other."""
    by = rule.by or entity
    names = {value.name for value in rule.aggregates}
    fields = tuple(field for field in fields_of(scope.columns(rule.source)) if field.name not in names)
    source = f"{identifier(rule.source)}{where(keyed(scope, rule.source, by, rule.where))}"
    moment, event = ", ".join(EVENT_IN_TURN if edge else EVENT), "`event_time`, CAST(`event_id` AS STRING)"
    if rule.within:
        trailing = f"RANGE BETWEEN {text.interval(rule.within)} PRECEDING AND CURRENT ROW"
        over = f"PARTITION BY {text.columns(by)} ORDER BY `event_time` {trailing}"
    elif rule.memory:
        # another life of a key has totals of its own
        rows = f"SELECT *, {', '.join(EVENT_IN_TURN)} FROM {source}"
        source = f"({in_order(scope, 'since', rows, text.columns(by), [rule.memory])})"
        moment, event = f"{TIME}, {ID}, {LENGTH}", f"{TIME}, {ID}"
        over = f"PARTITION BY {text.columns(by)}, `_since` ORDER BY {TIME}"
    else:
        raise ValueError("a velocity has no length")
    selected = [field.column for field in fields]
    selected += [moment]
    selected += [aggregate(scope, rule.source, value, " OVER w") for value in rule.aggregates]
    selected += [f"COUNT(*) OVER w AS {COUNT}", f"recent_ids({event}) OVER w AS `_recent`"]
    totals = f"SELECT {', '.join(selected)} FROM {source} WINDOW w AS ({over})"
    return Hits(
        matching(scope, totals, rule.having, counted(scope, rule.source, rule.aggregates), by, edge, {}),
        fields + tuple(Field(value.name, identifier(value.name)) for value in rule.aggregates),
        identity=identity(scope, [rule.source], ID, fields),
        count=COUNT,
        evidence=raw("`_recent`"),
    )
