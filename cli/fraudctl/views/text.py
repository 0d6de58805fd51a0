"""Alerts and numbers as text for people."""

from fraudctl.run.state import State, Summary
from fraudctl.run.tally import Alert

_SHADOW = "Shadow"
_EXAMPLE = 60


def clean(text: object) -> str:
    """A text from a record without what would steer a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(text))


def alert_line(alert: Alert) -> str:
    """An alert in one line: how bad, which rule, whom it is about, why."""
    entity = alert.get("entity") or {}
    shadow = " (shadow)" if alert.get("mode") == _SHADOW else ""
    return clean(
        f"{alert.get('severity')} {alert.get('rule')}{shadow} "
        f"{entity.get('type')} {entity.get('id')}: {alert.get('reason')} at {alert.get('event_time')}"
    )


def duration(seconds: float) -> str:
    """Minutes and seconds, hours where there are any."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def status_line(state: State) -> str:
    """The state in one line."""
    return (
        f"[{duration(state.seconds)}] {state.phase}: {state.read:,} in ({state.rate:,.0f}/s), lag {state.lag:,}, "
        f"{state.alerts:,} alerts, {state.dead_letters:,} dead letters, {state.late:,} late"
    )


_ENDINGS = {
    "input": "all input read",
    "time": "time is up",
    "events": "events reached",
    "interrupted": "interrupted",
    "failed": "failed",
}


def summary_lines(summary: Summary) -> list[str]:
    """The summary as lines."""
    lines = [f"{summary.detector}: {_ENDINGS.get(summary.ended, summary.ended)} after {summary.seconds:.1f} s"]
    reasons = [f"    {count:>10,}  {clean(reason)}" for reason, count in summary.reasons.items()]
    if summary.nothing_accepted:
        lines += [f"  NOTHING WAS ACCEPTED: all {summary.dead_letters:,} records were refused", *reasons]
    lines += [f"  warning: {clean(warning)}" for warning in summary.warnings]
    if not summary.exact:
        lines.append("  seen so far: the job did not stop in order, and these counts need not be of the same records")
    lines += [
        f"  records in     {summary.records_in:>12,}  ({summary.events_per_second:,.0f} a second)",
        f"  accepted       {summary.accepted:>12,}  (late among them: {summary.late:,})",
        f"  dead letters   {summary.dead_letters:>12,}",
        *(reasons if not summary.nothing_accepted else ()),
        *([f"  duplicates     {summary.duplicates:>12,}"] if summary.duplicates else []),
        *_unknown_lines(summary),
        f"  alerts         {summary.alerts:>12,}",
    ]
    width = max((len(count.rule) for count in summary.rules), default=0)
    for count in summary.rules:
        shadow = ", shadow" if count.mode == _SHADOW else ""
        lines.append(f"    {count.rule:<{width}}  {count.alerts:>10,}  {count.severity}{shadow}")
    lines += [f"  output {name:<22} {records:>12,} records" for name, records in summary.outputs.items()]
    lines += [f"  wrote {path}" for path in summary.files]
    return lines + _index_lines(summary)


def _unknown_lines(summary: Summary) -> list[str]:
    if not summary.unknown:
        return []
    lines = [f"  unknown results{sum(count.results for count in summary.unknown):>12,}"]
    for count in summary.unknown:
        example = count.example if len(count.example) <= _EXAMPLE else count.example[:_EXAMPLE] + "…"
        lines.append(clean(f"    {count.owner}: {count.function}, {count.results:,}, first for '{example}'"))
    return lines


def _index_lines(summary: Summary) -> list[str]:
    width = max((len(count.index) for count in summary.indices), default=0)
    lines = [
        f"  index {count.index:<{width}} {count.documents:>12,} documents, {count.refused:,} refused"
        for count in summary.indices
    ]
    return lines + ([f"  not indexed: {clean(summary.not_indexed)}"] if summary.not_indexed else [])
