"""``velocity``: each event with its key's trailing window."""

from fraud_api.rules import Velocity
from fraud_api.sql import identifier
from fraud_job import text
from fraud_job.hits import COUNT, ID, TIME, Field, Hits, aggregate, fields_of, keyed, where
from fraud_job.json_text import raw
from fraud_job.scope import Scope


def hits(rule: Velocity, entity: list[str], scope: Scope) -> Hits:
    """Events at which the trailing window matches; events of one instant see each other."""
    by = rule.by or entity
    names = {value.name for value in rule.aggregates}
    fields = tuple(field for field in fields_of(scope.columns(rule.source)) if field.name not in names)
    selected = [field.column for field in fields]
    selected += [f"`event_time` AS {TIME}", f"CAST(`event_id` AS STRING) AS {ID}"]
    selected += [aggregate(scope, value, " OVER w") for value in rule.aggregates]
    selected += [f"COUNT(*) OVER w AS {COUNT}", "recent_ids(CAST(`event_id` AS STRING)) OVER w AS `_recent`"]
    over = (
        f"PARTITION BY {text.columns(by)} ORDER BY `event_time`"
        f" RANGE BETWEEN {text.interval(rule.within)} PRECEDING AND CURRENT ROW"
    )
    source = f"{identifier(rule.source)}{where(keyed(scope, rule.source, by, rule.where))}"
    return Hits(
        f"SELECT * FROM (SELECT {', '.join(selected)} FROM {source} WINDOW w AS ({over}))"
        f" WHERE {scope.condition(rule.having)}",
        fields + tuple(Field(value.name, identifier(value.name)) for value in rule.aggregates),
        identity=ID,
        count=COUNT,
        evidence=raw("`_recent`"),
    )
