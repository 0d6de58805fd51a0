"""``firstSeen``: the first event in which a key is seen with a value."""

from fraud_api.rules import FirstSeen
from fraud_api.sql import identifier
from fraud_job import text
from fraud_job.hits import ID, TIME, Hits, fields_of, ids, keyed, where
from fraud_job.ordered import in_order
from fraud_job.scope import Scope


def hits(rule: FirstSeen, entity: list[str], scope: Scope) -> Hits:
    """Events with a value that is new to their key; an event without a key or a value is nobody's."""
    by = rule.by or entity
    fields = fields_of(scope.columns(rule.source))
    selected = [field.column for field in fields]
    selected += [f"`event_time` AS {TIME}", f"CAST(`event_id` AS STRING) AS {ID}"]
    # what was seen belongs to these columns: the name makes them a part of the state's identity
    named = identifier(f"_value {' '.join(rule.value)}")
    selected += [f"{text.joined([identifier(name) for name in rule.value])} AS {named}"]
    conditions = keyed(scope, rule.source, [*by, *rule.value], rule.where)
    rows = f"SELECT {', '.join(selected)} FROM {identifier(rule.source)}{where(conditions)}"
    return Hits(
        in_order(scope, "first_seen", rows, text.columns(by), [rule.memory, rule.warm_up]),
        fields,
        identity=ID,
        count="1",
        evidence=ids(ID),
    )
