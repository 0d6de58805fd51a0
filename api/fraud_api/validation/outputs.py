"""Outputs: queries whose columns fit, keys that exist, splits of streams by filter rules."""

from collections.abc import Collection, Sequence

from fraud_api import decimals
from fraud_api.aggregates import decimal
from fraud_api.expressions import Told
from fraud_api.outputs import Output, OutputColumn, OutputMode, Split
from fraud_api.problems import Place
from fraud_api.row_keys import RowKey, row_keys
from fraud_api.rules import Mode
from fraud_api.sql import Select
from fraud_api.state import Growth
from fraud_api.validation.queries import check_query, check_state, parsed_views, selected
from fraud_api.validation.report import SPEC, Report


def check(report: Report) -> None:
    """Check every output."""
    for index, output in enumerate(report.spec.outputs):
        place = SPEC.field("outputs").item(index, output.name)
        if output.split is not None:
            _split(report, place.field("split"), output.split)
        if output.query is not None:
            _query(report, place, output, output.query)
        _key(report, place, output)
        _index(report, place.field("index").field("timeColumn"), output)


def output_columns(report: Report, output: Output) -> list[str] | None:
    """Names of an output's columns; None where they can't be told."""
    if output.columns is not None:
        return [column.name for column in output.columns]
    streams = {stream.name: stream for stream in report.spec.streams}
    stream = streams.get(output.split.source) if output.split else None
    return [column.name for column in stream.columns] if stream else None


def _query(report: Report, place: Place, output: Output, query: str) -> None:
    parsed = check_query(report, place.field("query"), query, report.tables)
    if parsed is None:
        return
    found = selected(parsed, report.tables, report.parameters)
    if found is not None and output.columns is not None:
        declared = [column.name for column in output.columns]
        _fit(report, place.field("columns"), declared, [name for name, _ in found])
        for index, (column, (_, sql_type)) in enumerate(zip(output.columns, found, strict=False)):
            _holds(report, place.field("columns").item(index, column.name).field("type"), column, sql_type)
    growing = check_state(report, place.field("query"), query, output.state_ttl)
    _updates(report, place.field("mode"), output, growing)
    if output.mode is OutputMode.UPSERT and output.key and output.columns is not None:
        _rows_of_a_key(report, place.field("key"), output, parsed)


def _rows_of_a_key(report: Report, place: Place, output: Output, parsed: Select) -> None:
    """Report a key that several rows of the query share: each would replace the others'."""
    declared = [column.name for column in output.columns or []]
    named = {declared.index(name) for name in output.key or [] if name in declared}
    keys = row_keys(parsed, parsed_views(report))
    if keys is None or all(key.places & named for key in keys):
        return
    grouped = ", ".join(key.name for key in keys)
    message = f"several rows of the query share one {', '.join(output.key or [])}: it groups by {grouped}"
    report.add(place, message, _telling_key(keys, declared))


def _telling_key(keys: Sequence[RowKey], declared: Sequence[str]) -> str:
    """The key that would tell the rows apart; what it needs and the query does not select."""
    names = [declared[min(key.places)] if key.places else key.name for key in keys]
    unselected = [key.name for key in keys if not key.places]
    more = f", with {', '.join(unselected)} selected too" if unselected else ""
    return f"key: [{', '.join(names)}]{more}"


def _fit(report: Report, place: Place, declared: Sequence[str], names: Sequence[str | None]) -> None:
    """Columns are matched by position: their number must agree, and none may stand in another's place."""
    if len(declared) != len(names):
        shown = ", ".join(name or "(no name)" for name in names)
        report.add(place, f"{len(declared)} columns are declared, but the query selects {len(names)}: {shown}")
        return
    for index, (wanted, name) in enumerate(zip(declared, names, strict=True)):
        if name is not None and name != wanted and name in declared:
            message = f"the query selects '{name}' in the place of '{wanted}': columns are matched by position"
            report.add(place.item(index, wanted), message)


def _holds(report: Report, place: Place, column: OutputColumn, sql_type: str | None) -> None:
    """A declared type must be one that Flink makes of the query's by itself; a smaller DECIMAL is told of."""
    if sql_type is None or column.type == sql_type:
        return
    if not decimals.becomes(sql_type, column.type):
        hint = f"declare {sql_type}, or CAST it in the query"
        report.add(place, f"the query's '{column.name}' is {sql_type}, which {column.type} does not hold", hint)
    reach = decimals.range_of(sql_type)
    if decimal(column.type) and reach and not decimals.holds(column.type, reach):
        message = f"the query's '{column.name}' is {sql_type}: what {column.type} does not hold is null"
        report.tell(place, [Told(message, f"declare {sql_type}, or CAST it in the query", warning=True)])


def _updates(report: Report, place: Place, output: Output, growing: Sequence[Growth]) -> None:
    updating = [growth.what for growth in growing if growth.updates]
    if updating and output.mode is OutputMode.APPEND:
        report.add(place, f"{updating[0]} changes rows it has already written: mode must be Upsert, with a key")


def _key(report: Report, place: Place, output: Output) -> None:
    if output.mode is OutputMode.UPSERT and not output.key:
        report.add(place, "mode Upsert needs key: the columns that say which row is replaced")
    columns = output_columns(report, output)
    for index, name in enumerate(output.key or []):
        report.column(place.field("key").item(index), name, columns, "the output")


def _index(report: Report, place: Place, output: Output) -> None:
    name = output.index.time_column
    if name is None:
        return
    report.column(place, name, output_columns(report, output), "the output")
    if output.mode is OutputMode.UPSERT:
        report.add(place, "a row that is replaced must stay in one index: timeColumn goes with mode Append only")


def _split(report: Report, place: Place, split: Split) -> None:
    streams = [stream.name for stream in report.spec.streams]
    views = {view.name for view in report.spec.views}
    if split.source in views:
        report.add(place.field("from"), f"'{split.source}' is a view: only a stream's events can go on unchanged")
    elif split.source not in streams:
        report.unknown(place.field("from"), "stream", split.source, streams)
    elif split.rules is None:
        _any_rule(report, place, split)
    for index, name in enumerate(split.rules or []):
        _split_rule(report, place.field("rules").item(index), name, split.source)


def _any_rule(report: Report, place: Place, split: Split) -> None:
    flagging = [rule for rule in report.spec.rules if rule.filter and rule.filter.source == split.source]
    if not any(rule.mode is Mode.ENFORCE for rule in flagging) and not report.broken:
        report.add(place, f"no enforced filter rule over '{split.source}' could flag anything")


def _split_rule(report: Report, place: Place, name: str, stream: str) -> None:
    rules = {rule.name: rule for rule in report.spec.rules}
    rule = rules.get(name)
    if rule is None:
        report.unknown(place, "rule", name, _filters(report, stream))
    elif rule.filter is None:
        report.add(place, f"rule '{name}' is a {rule.kind} rule: only filter rules can split a stream")
    elif rule.filter.source != stream:
        report.add(place, f"rule '{name}' is over '{rule.filter.source}', not over '{stream}'")


def _filters(report: Report, stream: str) -> Collection[str]:
    return [rule.name for rule in report.spec.rules if rule.filter and rule.filter.source == stream]
