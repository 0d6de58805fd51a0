"""``window``: a key's events of a window, told when the window ends."""

from fraud_api.rules import Edge, Window
from fraud_api.sql import identifier
from fraud_job import calendar, text
from fraud_job.hits import COUNT, END, START, TIME, Field, Hits, aggregate, counted, ids, keyed, where
from fraud_job.json_text import raw
from fraud_job.ordered import matching
from fraud_job.scope import Scope


def hits(rule: Window, entity: list[str], scope: Scope, edge: Edge | None) -> Hits:
    """Windows whose aggregates match."""
    by = rule.by or entity
    start, end = calendar.edges(rule.calendar) if rule.calendar else ("`window_start`", "`window_end`")
    grouped = dict.fromkeys([text.columns(by), start, end, "`window_start`", "`window_end`", "`window_time`"])
    selected = [text.columns(by), f"{start} AS {START}", f"{end} AS {END}", f"`window_time` AS {TIME}"]
    selected += [aggregate(scope, rule.source, value) for value in rule.aggregates]
    selected += [
        f"COUNT(*) AS {COUNT}",
        f"{_id_of('MIN')} AS `_first`",
        f"{_id_of('MAX')} AS `_last`",
    ]
    fields = [Field(name, identifier(name)) for name in [*by, *(value.name for value in rule.aggregates)]]
    fields += [Field("window_start", START), Field("window_end", END)]
    whose = [text.written_time(START), text.written_time(END)]
    finer = [identifier(name) for name in by if name not in entity]
    if finer:
        whose.append(text.joined(finer))
    both = ids("`_first`", "`_last`").sql()
    edges = {"window_start": START, "window_end": END}
    windows = f"SELECT {', '.join(selected)} FROM {_table(rule, by, scope)} GROUP BY {', '.join(grouped)}"
    return Hits(
        matching(
            scope, windows, rule.having, counted(scope, rule.source, rule.aggregates), by, edge, edges, {}, [START]
        ),
        tuple(fields),
        identity=f"CONCAT_WS('/', {', '.join(whose)})",
        count=COUNT,
        evidence=raw(f"CASE WHEN {COUNT} = 1 THEN {ids('`_first`').sql()} ELSE {both} END"),
        windowed=True,
        times=(),
    )


def _id_of(edge: str) -> str:
    """The id of a window's first or last event: what stands behind the time in text that sorts by time."""
    return f"SUBSTRING({edge}(timed_id(`event_time`, CAST(`event_id` AS STRING))), 25)"


def _table(rule: Window, by: list[str], scope: Scope) -> str:
    if rule.calendar:
        return calendar.table(rule.calendar, rule, by, scope)
    source = f"(SELECT * FROM {identifier(rule.source)}{where(keyed(scope, rule.source, by, rule.where))})"
    time = "DESCRIPTOR(`event_time`)"
    if rule.tumble:
        return f"TABLE(TUMBLE({source}, {time}, {text.interval(rule.tumble.size)}))"
    if rule.hop:
        return f"TABLE(HOP({source}, {time}, {text.interval(rule.hop.slide)}, {text.interval(rule.hop.size)}))"
    if rule.cumulate:
        step, size = text.interval(rule.cumulate.step), text.interval(rule.cumulate.size)
        return f"TABLE(CUMULATE({source}, {time}, {step}, {size}))"
    if rule.session:
        return f"TABLE(SESSION({source} PARTITION BY ({text.columns(by)}), {time}, {text.interval(rule.session.gap)}))"
    raise ValueError("a window has no shape")
