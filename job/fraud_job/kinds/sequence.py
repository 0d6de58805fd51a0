"""``sequence``: a key's events that take steps in order, within a time."""

from fraud_api.rules import Contiguity, Sequence, Step
from fraud_api.sql import identifier
from fraud_job import text
from fraud_job.hits import TIME, Field, Hits, ids, keyed, where
from fraud_job.scope import Scope


def hits(rule: Sequence, entity: list[str], scope: Scope) -> Hits:
    """Matches, each with the last event of every step; an event belongs to one match at most."""
    by = rule.by or entity
    columns = scope.columns(rule.source)
    keys = [Field(name, identifier(name)) for name in by]
    others = [name for name in columns if name not in ("event_time", "event_id", *by)]
    steps = [Field(name, identifier(f"{step.name}.{name}"), group=step.name) for step in rule.steps for name in others]
    id_names = [identifier(f"_id{place}") for place in range(len(rule.steps))]
    conditions = keyed(scope, rule.source, by, rule.where) + _some_step(rule, scope)
    source = f"(SELECT * FROM {identifier(rule.source)}{where(conditions)})"
    return Hits(
        f"SELECT * FROM {source} MATCH_RECOGNIZE (PARTITION BY {text.columns(by)} ORDER BY `event_time`"
        f" MEASURES {', '.join(_measures(rule.steps, steps, id_names))}"
        f" ONE ROW PER MATCH AFTER MATCH SKIP PAST LAST ROW"
        f" PATTERN ({_pattern(rule)}) WITHIN {text.interval(rule.within)}"
        f" DEFINE {', '.join(_define(rule, list(columns), scope))})",
        tuple(keys + steps),
        identity=f"CONCAT_WS('/', {', '.join(id_names)})",
        count=str(sum(step.times for step in rule.steps)),
        evidence=ids(*id_names),
    )


def _some_step(rule: Sequence, scope: Scope) -> list[str]:
    """A condition for events that can be a step, where no other event changes what matches.

    Others only lengthen gaps, so they are spared the way to their key. Not so without gaps, nor within a step of
    several events, which come in a row.
    """
    if rule.contiguity is Contiguity.STRICT or any(step.times > 1 for step in rule.steps):
        return []
    return [f"({' OR '.join(scope.condition(step.where) for step in rule.steps)})"]


def _measures(steps: list[Step], fields: list[Field], id_names: list[str]) -> list[str]:
    places = {step.name: place for place, step in enumerate(steps)}
    found = [f"LAST(S{places[f.group or '']}.{identifier(f.name)}) AS {f.column}" for f in fields]
    found += [f"CAST(LAST(S{place}.`event_id`) AS STRING) AS {name}" for place, name in enumerate(id_names)]
    return [*found, f"MATCH_ROWTIME() AS {TIME}"]


def _pattern(rule: Sequence) -> str:
    steps = [f"S{place}{{{step.times}}}" if step.times > 1 else f"S{place}" for place, step in enumerate(rule.steps)]
    if rule.contiguity is Contiguity.STRICT:
        return " ".join(steps)
    # a gap takes as few events as it can: the earliest next step wins
    gaps = [f"G{place}*?" for place in range(1, len(steps))]
    return " ".join([steps[0], *(part for pair in zip(gaps, steps[1:], strict=True) for part in pair)])


def _define(rule: Sequence, names: list[str], scope: Scope) -> list[str]:
    return [
        f"S{place} AS {scope.condition(step.where, {name: f'S{place}.{identifier(name)}' for name in names})}"
        for place, step in enumerate(rule.steps)
    ]
