"""Windows of a calendar: days, weeks and months of a time zone, on Flink's own windows.

Flink's windows have one length, those of a calendar don't. So a process table function holds the events of a key and a
period back until the period is over and hands them on as if all had come in its last millisecond; a window of that
length then aggregates them as any other. See docs/decisions/029-calendar-windows.md.
"""

from fraud_api.rules import Calendar, Window
from fraud_api.sql import identifier, literal, parse_condition
from fraud_job import text
from fraud_job.hits import TIME, keyed, where
from fraud_job.scope import Scope

LONGEST = "31d"


def edges(calendar: Calendar) -> tuple[str, str]:
    """Columns with a period's edges, in UTC; their names are part of what state means: another zone starts empty."""
    period = f"{calendar.unit} in {calendar.time_zone}"
    return identifier(f"start of {period}"), identifier(f"end of {period}")


def table(calendar: Calendar, rule: Window, by: list[str], scope: Scope) -> str:
    """The events of a window rule in windows as long as the last millisecond of their period."""
    start, end = edges(calendar)
    of = f"`event_time`, {literal(calendar.unit)}, {literal(calendar.time_zone)}"
    selected = [identifier(name) for name in _needed(rule, by)]
    # as a plain value beside the time attribute, which becomes the period's last instant
    selected += ["CAST(`event_time` AS TIMESTAMP_LTZ(3)) AS `event_time`", f"`event_time` AS {TIME}"]
    selected += [f"local_start({of}) AS {start}", f"local_end({of}) AS {end}"]
    source = f"{identifier(rule.source)}{where(keyed(scope, rule.source, by, rule.where))}"
    held = (
        f"held_back((SELECT {', '.join(selected)} FROM {source}) PARTITION BY ({text.columns(by)}, {start}, {end}),"
        f" DESCRIPTOR({TIME}), {literal(f'{scope.owner} held_back'.replace(' ', '_'))})"
    )
    return f"TABLE(TUMBLE((SELECT * FROM TABLE({held})), DESCRIPTOR(`rowtime`), {text.interval_of(1)}))"


def _needed(rule: Window, by: list[str]) -> list[str]:
    """The columns that are held: of an event that waits a month no more than what counts."""
    names = [*by, "event_id"]
    for value in rule.aggregates:
        names += [value.column] if value.column else []
        names += [reference.name for reference in parse_condition(value.where).columns] if value.where else []
    return [name for name in dict.fromkeys(names) if name != "event_time"]
