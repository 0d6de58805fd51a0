"""A detector compiled to an ordered list of Flink SQL statements: pure text, no JVM, no I/O."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlglot import exp

from fraud_api import FraudDetector, naming
from fraud_api.base import milliseconds
from fraud_api.outputs import Output, OutputMode, Part, Split
from fraud_api.resource import FraudDetectorSpec
from fraud_api.rules import Mode, Rule
from fraud_api.sql import Select, identifier, literal, parse_select
from fraud_api.state import growths
from fraud_api.streams import Stream
from fraud_job import alerts, guards, kinds
from fraud_job.calendar import LONGEST
from fraud_job.ordered import kept
from fraud_job.scope import LATE, SINKS, SOURCES, Scope, event_id, gate, source_table, with_views_below
from fraud_job.tables import Tables, sink_table

NOTHING: Mapping[str, str] = MappingProxyType({})

_STATEFUL = (exp.Group, exp.Join, exp.Window, exp.Distinct, exp.AggFunc)

_FUNCTIONS = {
    "distance_km": "DistanceKm",
    "fill_json": "FillJson",
    "fill_text": "FillText",
    "first_only": "FirstOnly",
    "first_seen": "FirstSeen",
    "has_key": "HasKey",
    "held_back": "HeldBack",
    "how_many": "HowMany",
    "ids_of": "IdsOf",
    "in_network": "InNetwork",
    "in_turn": "InTurn",
    "local_end": "LocalEnd",
    "local_hour": "LocalHour",
    "local_start": "LocalStart",
    "local_weekday": "LocalWeekday",
    "on_edge": "OnEdge",
    "real_avg": "RealAvg",
    "real_sum": "RealSum",
    "recent_ids": "RecentIds",
    "since": "Since",
    "timed_id": "TimedId",
    "wide_avg": "WideAvg",
    "wide_sum": "WideSum",
    "with_previous": "WithPrevious",
}


@dataclass(frozen=True)
class Insert:
    """One INSERT of the job's statement set.

    Attributes:
        sink: name of its sink table.
        owner: the rule, output or stream whose state it keeps: ``rule NAME``, ``output NAME``, ``stream NAME``.
        setup: statements that open its scope.
        sql: the INSERT.
        state_ttl_ms: how long its state lives without a window to bound it, None where a window does.
        memory_ms: how long what it remembers of a key lives after its last use, None where it remembers nothing.
    """

    sink: str
    owner: str
    setup: tuple[str, ...]
    sql: str
    state_ttl_ms: int | None = None
    memory_ms: int | None = None


@dataclass(frozen=True)
class Program:
    """A compiled detector: tables first, then the INSERTs of one statement set."""

    name: str
    tables: tuple[str, ...]
    inserts: tuple[Insert, ...]

    def text(self) -> str:
        """The whole program as a script, for people and golden files."""
        parts = [f"{statement};" for statement in self.tables]
        for insert in self.inserts:
            parts.append(f"-- {insert.owner} -> {insert.sink}")
            parts += [f"{statement};" for statement in (*insert.setup, insert.sql)]
        return "\n\n".join(parts) + "\n"


def compile_detector(detector: FraudDetector, clients: Mapping[str, str] = NOTHING) -> Program:
    """Compile a valid detector.

    Rules and outputs that are disabled leave no trace; the order of rules in the file changes nothing but the
    order of statements, which no state depends on. ``clients`` are further properties of every Kafka client; they
    become a part of the SQL, so a secret is a reference there.
    """
    spec = detector.spec
    tables = Tables(detector, clients)
    made = [f"CREATE DATABASE IF NOT EXISTS {identifier(name)}" for name in (SOURCES, SINKS)]
    made += [
        f"CREATE TEMPORARY SYSTEM FUNCTION {name} AS {literal('io.frauddetector.flink.' + java)} LANGUAGE JAVA"
        for name, java in (_FUNCTIONS | dict(guards.FUNCTIONS)).items()
    ]
    company = _company(spec)
    # what runs in Flink's process table operators, see docs/decisions/004-how-a-run-ends.md
    settle = any(_memory(rule) is not None for rule in spec.active_rules())
    made += [tables.source(stream, company[stream.name], settle) for stream in spec.streams]
    inserts: list[Insert] = []
    for table, insert in _all(tables):
        made.append(table)
        inserts.append(insert)
    return Program(naming.prefix(detector), tuple(made), tuple(inserts))


def _company(spec: FraudDetectorSpec) -> dict[str, set[str]]:
    """By stream the others that something with state reads together with it: one that is silent follows their time."""
    streams = {stream.name for stream in spec.streams}
    read = [kinds.sources(rule) for rule in spec.active_rules() if _rule_keeps_state(rule, spec)]
    queries = [parse_select(output.query) for output in spec.outputs if output.query]
    read += [{table.name for table in query.tables} for query in queries if _keeps_state(query, spec)]
    together = [with_views_below(spec, names) & streams for names in read]
    return {name: set().union(*(names for names in together if name in names)) - {name} for name in streams}


def _all(tables: Tables) -> Iterator[tuple[str, Insert]]:
    spec = tables.detector.spec
    for stream in spec.streams:
        yield _dead_letters(tables, stream)
        yield _late(tables, stream)
    for output in spec.outputs:
        yield _split(tables, output, output.split) if output.split else _query(tables, output)
    for rule in spec.active_rules():
        yield from _rule(tables, rule)


def _dead_letters(tables: Tables, stream: Stream) -> tuple[str, Insert]:
    sink = f"stream {stream.name} dead-letters"
    headers = _headers(stream, [("reason", "`_error`")])
    sql = (
        f"INSERT INTO {sink_table(sink)} SELECT `_raw`, {headers}"
        f" FROM {source_table(stream)} WHERE `_error` IS NOT NULL"
    )
    table = tables.raw_sink(sink, naming.dead_letter_topic(tables.detector, stream), headers=True)
    return table, Insert(sink, f"stream {stream.name}", (), sql)


def _late(tables: Tables, stream: Stream) -> tuple[str, Insert]:
    sink = f"stream {stream.name} late"
    sql = (
        f"INSERT INTO {sink_table(sink)} SELECT `_raw`, {_headers(stream, [])}"
        f" FROM {source_table(stream)} WHERE `_error` IS NULL AND {LATE}"
    )
    table = tables.raw_sink(sink, naming.late_topic(tables.detector), headers=True)
    return table, Insert(sink, f"stream {stream.name}", (), sql)


def _headers(stream: Stream, more: list[tuple[str, str]]) -> str:
    origin = [
        ("stream", literal(stream.name)),
        ("topic", literal(stream.topic_name)),
        ("partition", "CAST(`_partition` AS STRING)"),
        ("offset", "CAST(`_offset` AS STRING)"),
    ]
    pairs = [f"{literal(name)}, CAST({value} AS BYTES)" for name, value in origin + more]
    return f"MAP[{', '.join(pairs)}]"


def _query(tables: Tables, output: Output) -> tuple[str, Insert]:
    query = parse_select(output.query or "")
    spec = tables.detector.spec
    owner = f"output {output.name}"
    scope = Scope(owner, spec, on_time=_keeps_state(query, spec))
    # of two rows with one key the later wins; saying so spares Flink a copy of every row
    upsert = output.mode is OutputMode.UPSERT
    conflict = " ON CONFLICT DO DEDUPLICATE" if upsert else ""
    rows = _written(scope.query(query.text), owner, output, query, spec)
    sql = f"INSERT INTO {sink_table(owner)} {rows}{conflict}"
    setup = scope.statements({table.name for table in query.tables})
    ttl = milliseconds(output.state_ttl) if output.state_ttl else None
    return tables.output_sink(owner, output), Insert(owner, owner, tuple(setup), sql, ttl)


def _written(rows: str, owner: str, output: Output, query: Select, spec: FraudDetectorSpec) -> str:
    """The rows of an output's query, with a look at each: what can't be written is told, and ends nothing."""
    names = [column.name for column in output.columns or []]
    key = (output.key or []) if output.mode is OutputMode.UPSERT else []
    if query.tree.args.get("order") is not None:
        # Flink keeps an order only at the top
        return rows
    if _updates(query, spec) and set(names) > set(key):
        # it writes a deletion before each update that passes a filter
        return guards.watched(rows, owner, names, key)
    return guards.written(rows, owner, names, key)


def _split(tables: Tables, output: Output, split: Split) -> tuple[str, Insert]:
    """The stream's own bytes, neither parsed again nor written again."""
    spec = tables.detector.spec
    owner = f"output {output.name}"
    scope = Scope(owner, spec, on_time=False)
    stream = next(stream for stream in spec.streams if stream.name == split.source)
    names = {"event_time": "`_event_time`", "event_id": event_id(stream)}
    flags = [
        scope.condition(rule.filter.where, scope.known(stream.name), names, {"": names["event_id"]})
        for rule in _flagging(spec, split)
        if rule.filter
    ]
    flagged = f"({' OR '.join(flags) or 'FALSE'})"
    part = "IS TRUE" if split.part is Part.FLAGGED else "IS NOT TRUE"
    sql = (
        f"INSERT INTO {sink_table(owner)} SELECT `_raw` FROM {source_table(stream)}"
        f" WHERE `_error` IS NULL AND {gate(owner)} AND {flagged} {part}"
    )
    return tables.raw_sink(owner, output.topic_name), Insert(owner, owner, (), sql)


def _flagging(spec: FraudDetectorSpec, split: Split) -> list[Rule]:
    enforced = [rule for rule in spec.rules if rule.mode is Mode.ENFORCE and rule.filter]
    over = [rule for rule in enforced if rule.filter and rule.filter.source == split.source]
    return [rule for rule in over if split.rules is None or rule.name in split.rules]


def _rule(tables: Tables, rule: Rule) -> Iterator[tuple[str, Insert]]:
    detector = tables.detector
    owner = f"rule {rule.name}"
    scope = Scope(owner, detector.spec, on_time=_rule_keeps_state(rule, detector.spec))
    hits = kinds.hits(rule, scope)
    setup = tuple(scope.statements(kinds.sources(rule)))
    ttl, memory = _ttl(rule), _memory(rule)
    sql = f"INSERT INTO {sink_table(owner)} {alerts.alert_select(rule, hits, detector, scope)}"
    table = tables.keyed_sink(owner, naming.alerts_topic(detector))
    yield table, Insert(owner, owner, setup, sql, ttl, memory)
    if rule.actions.block and rule.mode is Mode.ENFORCE:
        sink = f"{owner} blocked"
        sql = f"INSERT INTO {sink_table(sink)} {alerts.block_select(rule, hits, detector, scope)}"
        table = tables.keyed_sink(sink, naming.blocked_topic(detector))
        yield table, Insert(sink, owner, (f"USE {identifier(owner)}",), sql, ttl, memory)


def _ttl(rule: Rule) -> int | None:
    """Time to live of state that no window bounds: a query's own, or that of totals over what is remembered."""
    if rule.velocity and rule.velocity.memory:
        return kept(rule.velocity.memory)
    return milliseconds(rule.sql.state_ttl) if rule.sql and rule.sql.state_ttl else None


def _memory(rule: Rule) -> int | None:
    """Time to live of what a rule remembers of a key between its rows."""
    lengths = [
        rule.first_only,
        rule.edge.memory if rule.edge else None,
        rule.velocity.memory if rule.velocity else None,
        rule.first_seen.memory if rule.first_seen else None,
        rule.change.within if rule.change else None,
        LONGEST if rule.window and rule.window.calendar else None,
    ]
    return max((kept(length) for length in lengths if length), default=None)


def _rule_keeps_state(rule: Rule, spec: FraudDetectorSpec) -> bool:
    remembers = _memory(rule) is not None
    if rule.sql:
        return _keeps_state(parse_select(rule.sql.query), spec) or remembers
    views = {view.name: view for view in spec.views}
    over_view = any(
        name in views and _keeps_state(parse_select(views[name].query), spec) for name in kinds.sources(rule)
    )
    return rule.kind not in kinds.STATELESS or remembers or over_view


def _keeps_state(query: Select, spec: FraudDetectorSpec) -> bool:
    """Whether a SELECT, or a view that it reads, looks at more than one event at a time."""
    if query.windowed or query.matches or query.tree.find(*_STATEFUL) or _compares_rows(query):
        return True
    views = {view.name: view for view in spec.views}
    return any(
        _keeps_state(parse_select(views[table.name].query), spec) for table in query.tables if table.name in views
    )


def _updates(query: Select, spec: FraudDetectorSpec) -> bool:
    """Whether a SELECT, or a view that it reads, changes rows that it has given before."""
    if any(growth.updates for growth in growths(query)):
        return True
    views = {view.name: view for view in spec.views}
    return any(_updates(parse_select(views[table.name].query), spec) for table in query.tables if table.name in views)


def _compares_rows(query: Select) -> bool:
    """UNION without ALL and its like, and subqueries in conditions."""
    compared = query.tree.find_all(exp.In, exp.Exists, exp.SetOperation)
    return any(isinstance(node, exp.Exists) or node.args.get("query") or node.args.get("distinct") for node in compared)
