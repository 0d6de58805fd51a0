"""``firstSeen``: the first event in which a key is seen with a value."""

from fraud_api.rules import FirstSeen
from fraud_api.sql import identifier
from fraud_job import text
from fraud_job.hits import EVENT_IN_TURN, ID, Hits, fields_of, identity, ids, keyed, where, whole
from fraud_job.ordered import in_order
from fraud_job.scope import Scope


def hits(rule: FirstSeen, entity: list[str], scope: Scope) -> Hits:
    """Events with a value that is new to their key; one without a key or a value can't be judged, which is told."""
    by = rule.by or entity
    fields = fields_of(scope.columns(rule.source))
    selected = [field.column for field in fields]
    selected += EVENT_IN_TURN
    # what was seen belongs to these columns: the name makes them a part of the state's identity
    named = identifier(f"_value {' '.join(rule.value)}")
    selected += [f"{text.joined([identifier(name) for name in rule.value])} AS {named}"]
    conditions = keyed(scope, rule.source, by, rule.where) + whole(scope, rule.source, rule.value, "value")
    rows = f"SELECT {', '.join(selected)} FROM {identifier(rule.source)}{where(conditions)}"
    return Hits(
        in_order(scope, "first_seen", rows, text.columns(by), [rule.memory, rule.warm_up]),
        fields,
        identity=identity(scope, [rule.source], ID, fields),
        count="1",
        evidence=ids(ID),
    )
