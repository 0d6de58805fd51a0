"""``sequence``: a key's events that take steps in order, within a time."""

from fraud_api.base import milliseconds
from fraud_api.columns import columns_of
from fraud_api.rules import Contiguity, Sequence, Step
from fraud_api.sql import identifier, parse_condition
from fraud_api.understanding import of_steps
from fraud_job import text
from fraud_job.hits import LENGTH, TIME, Field, Hits, identity, ids, keyed, where
from fraud_job.scope import Scope

PLACE = "`_place`"
AT = "`_at`"


def hits(rule: Sequence, entity: list[str], scope: Scope) -> Hits:
    """Matches, each with the last event of every step; an event belongs to one match at most."""
    by = rule.by or entity
    columns = scope.columns(rule.source)
    keys = [Field(name, identifier(name)) for name in by]
    others = [name for name in columns if name not in ("event_time", "event_id", *by)]
    steps = [Field(name, identifier(f"{step.name}.{name}"), group=step.name) for step in rule.steps for name in others]
    id_names = [identifier(f"_id{place}") for place in range(len(rule.steps))]
    conditions = keyed(scope, rule.source, by, rule.where) + _some_step(rule, scope)
    source = f"(SELECT *, {_order(rule, scope)} FROM {identifier(rule.source)}{where(conditions)})"
    order = f"`event_time`, {PLACE}, {LENGTH}, `event_id`"
    return Hits(
        f"SELECT * FROM {source} MATCH_RECOGNIZE (PARTITION BY {text.columns(by)} ORDER BY {order}"
        f" MEASURES {', '.join(_measures(rule.steps, steps, id_names))}"
        f" ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW"
        f" PATTERN ({_pattern(rule)}) WITHIN {_within(rule)}"
        f" DEFINE {', '.join(_define(rule, list(columns), scope))})",
        tuple(keys + steps),
        identity=identity(scope, [rule.source], f"CONCAT_WS('/', {', '.join(id_names)})", [*keys, *steps]),
        count=str(sum(step.times for step in rule.steps)),
        evidence=ids(*id_names),
        plain=rule.steps[-1].name,
        at=AT,
        times=(AT,),
    )


def _within(rule: Sequence) -> str:
    """The time from the first event to the last; Flink's WITHIN leaves its own end out."""
    return text.interval_of(milliseconds(rule.within) + 1)


def _order(rule: Sequence, scope: Scope) -> str:
    """Columns that put events of one instant in the order of the steps that they can be, then of their ids.

    So nobody is missed because of the way in which events of two partitions meet. An event that can be several steps
    stands between these.
    """
    known = scope.known(rule.source)
    alone = [
        (place, scope.condition(step.where, known)) for place, step in enumerate(rule.steps) if not _compares(step)
    ]
    length = "CHAR_LENGTH(CAST(`event_id` AS STRING))"
    return f"{_first(alone, rule)} + {_first(alone[::-1], rule)} AS {PLACE}, {length} AS {LENGTH}"


def _first(steps: list[tuple[int, str]], rule: Sequence) -> str:
    """Which step an event can be, the first of these that it is; what is none comes last."""
    found = " ".join(f"WHEN {condition} THEN {place}" for place, condition in steps)
    return f"CASE {found} ELSE {len(rule.steps)} END"


def _compares(step: Step) -> bool:
    """Whether a step's condition looks at an earlier step's event."""
    return any(reference.table for reference in parse_condition(step.where).columns)


def _some_step(rule: Sequence, scope: Scope) -> list[str]:
    """A condition for events that can be a step, where no other event changes what matches.

    Others only lengthen gaps, so they are spared the way to their key. Not so without gaps, nor within a step of
    several events, which come in a row, nor where what can be a step depends on an earlier one.
    """
    strict = rule.contiguity is Contiguity.STRICT
    if strict or any(step.times > 1 or _compares(step) for step in rule.steps):
        return []
    known = scope.known(rule.source)
    return [f"({' OR '.join(scope.condition(step.where, known) for step in rule.steps)})"]


def _measures(steps: list[Step], fields: list[Field], id_names: list[str]) -> list[str]:
    places = {step.name: place for place, step in enumerate(steps)}
    found = [f"LAST(S{places[f.group or '']}.{identifier(f.name)}) AS {f.column}" for f in fields]
    found += [f"CAST(LAST(S{place}.`event_id`) AS STRING) AS {name}" for place, name in enumerate(id_names)]
    # a match that waited for an earlier start to be over has that one's time for its rowtime
    last = f"CAST(LAST(S{len(steps) - 1}.`event_time`) AS TIMESTAMP_LTZ(3)) AS {AT}"
    return [*found, last, f"MATCH_ROWTIME(`event_time`) AS {TIME}"]


def _pattern(rule: Sequence) -> str:
    steps = [f"S{place}{{{step.times}}}" if step.times > 1 else f"S{place}" for place, step in enumerate(rule.steps)]
    if rule.contiguity is Contiguity.STRICT:
        return " ".join(steps)
    # a gap takes as few events as it can: the earliest next step wins
    gaps = [f"G{place}*?" for place in range(1, len(steps))]
    return " ".join([steps[0], *(part for pair in zip(gaps, steps[1:], strict=True) for part in pair)])


def _define(rule: Sequence, names: list[str], scope: Scope) -> list[str]:
    """Conditions of the steps: plain names mean the event at hand, ``step.column`` the last event of that step."""
    known = of_steps(columns_of(scope.spec, rule.source))
    defined, earlier = [], dict[str, str]()

    def condition(variable: str, step: Step) -> str:
        own = {name: f"{variable}.{identifier(name)}" for name in names}
        return scope.condition(step.where, known, own | earlier, {"": own["event_id"]})

    for place, step in enumerate(rule.steps):
        if place and _is_settled(rule, place):
            defined.append(f"G{place} AS {condition(f'G{place}', step)} IS NOT TRUE")
        defined.append(f"S{place} AS {condition(f'S{place}', step)}")
        earlier |= {f"{step.name}.{name}": f"LAST(S{place}.{identifier(name)})" for name in names}
    return defined


def _is_settled(rule: Sequence, place: int) -> bool:
    """Whether the first event that can be a step is it: nothing that follows could go better with another.

    The gap before it takes no such event then. Otherwise every later one makes a match with the same start too, and of
    several that wait for an earlier start to be over Flink 2.3 tells any: the queue that holds them has no order for
    them.
    """
    step, later = rule.steps[place], rule.steps[place + 1 :]
    looked_at = any(reference.table == step.name for one in later for reference in parse_condition(one.where).columns)
    return rule.contiguity is not Contiguity.STRICT and step.times == 1 and not looked_at
